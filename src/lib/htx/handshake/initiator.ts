/**
 * The client side of the handshake (section 3), without IO: `start`, then `readMessage2`, then, once the caller has
 * verified the certificate, `finish`. Message 3 names the client, so it is not made before that.
 */
import { AivError, type Clock, EMPTY, type RandomSource, unixSeconds } from '../../core/index.ts'
import { type CryptoProvider, erase, type X25519KeyPair } from '../../crypto/index.ts'
import { createHandshake, type Handshake } from '../../noise/index.ts'
import { CODE, codeName } from '../codes.ts'
import { VERSION_1_2 } from '../constants.ts'
import { deriveSessionSecrets } from '../keys/schedule.ts'
import { sessionContext } from '../spec12/schedule.ts'
import { encodeHello, type ParsedHello, parseHello } from './hello.ts'
import { noiseOptions } from './noise-options.ts'
import { padField } from './padding.ts'
import { buildPrologue } from './prologue.ts'
import type { HandshakeRandomness, HandshakeResult, LinkContext, LocalHello } from './result.ts'
import { SUITE, type Suite, type SuiteId, suiteOf } from './suites.ts'
import { frameHandshakeMessage } from './wire.ts'

export interface InitiatorOptions extends LinkContext {
  readonly suite: SuiteId
  readonly hello: LocalHello
  readonly clock: Clock
  readonly random: RandomSource
  /** Our static key; needed but in NN. */
  readonly staticKey?: X25519KeyPair
  /** Our 145-byte identity certificate; needed but in NN. */
  readonly certificate?: Uint8Array
  /** The listener's X25519 key; needed in XK. */
  readonly remoteStatic?: Uint8Array
  /** Needed in NN. */
  readonly resumption?: { readonly handle: Uint8Array; readonly psk: Uint8Array }
  /** Sent in message 1 of XK on plain links. */
  readonly accessTicket?: Uint8Array
  readonly recorded?: HandshakeRandomness
  readonly provider?: CryptoProvider
}

export interface Message2 {
  /** The listener's certificate, to be verified before `finish`; absent in NN. */
  readonly certificate: Uint8Array | undefined
  /** The static key the Noise handshake proved; absent in NN. */
  readonly remoteStatic: Uint8Array | undefined
}

export class Initiator {
  readonly #options: InitiatorOptions
  readonly #suite: Suite
  readonly #noise: Handshake
  #hello: ParsedHello | undefined
  #hello1: Uint8Array = EMPTY
  #hello2: Uint8Array = EMPTY

  constructor(options: InitiatorOptions) {
    const suite = suiteOf(options.suite)
    if (suite === undefined) throw new AivError('E_INTERNAL', `unknown suite ${options.suite}`)
    if (suite.pattern === 'NN' && options.resumption === undefined) {
      throw new AivError('E_INTERNAL', 'a resumption suite without a ticket')
    }
    this.#options = options
    this.#suite = suite
    const handle = options.resumption?.handle
    this.#noise = createHandshake({
      protocol: suite.protocol,
      role: 'initiator',
      prologue: buildPrologue(suite.id, options.link, options.ekm, handle),
      random: options.random,
      ...noiseOptions(suite, options),
      ...(suite.pattern === 'XK' && options.remoteStatic !== undefined
        ? { remoteStatic: options.remoteStatic }
        : {}),
      ...(options.resumption === undefined ? {} : { psks: [options.resumption.psk] }),
    })
  }

  get suite(): Suite {
    return this.#suite
  }

  /** Message 1, framed for the wire. */
  start(): Uint8Array {
    const { hello, clock, random, link, accessTicket, recorded } = this.#options
    const payload =
      recorded?.payloads?.[0] ??
      encodeHello({
        versions: hello.versions,
        features: hello.features,
        parameters: hello.parameters,
        timeSeconds: BigInt(unixSeconds(clock)),
        ...(accessTicket === undefined ? {} : { accessTicket }),
        ...padField(0, random, link, recorded),
      })
    this.#hello1 = payload
    const handle = this.#options.resumption?.handle ?? EMPTY
    return frameHandshakeMessage(Uint8Array.of(this.#suite.id), handle, this.#noise.writeMessage(payload))
  }

  /**
   * Reads message 2.
   * @throws AivError `E_HANDSHAKE` on an ERROR of the listener; what Noise and HELLO throw when it is not genuine
   */
  readMessage2(body: Uint8Array): Message2 {
    const payload = this.#noise.readMessage(body)
    this.#hello2 = payload.slice()
    const hello = parseHello(payload, { message: 2, suite: this.#suite, link: this.#options.link })
    if (hello.error !== undefined) throw errorOfListener(hello.error)
    if (hello.unsupported !== undefined) {
      throw new AivError(
        'E_HANDSHAKE',
        `the listener needs feature ${hello.unsupported}, which this version lacks`,
      )
    }
    const [version] = hello.versions
    if (version === undefined || !this.#options.hello.versions.includes(version)) {
      throw new AivError('E_HANDSHAKE', 'the listener chose a version that was not offered')
    }
    this.#hello = hello
    return { certificate: hello.certificate?.slice(), remoteStatic: this.#noise.remoteStatic }
  }

  /**
   * Message 3, framed, or an empty array in NN; and the result. Call only after the certificate of message 2 was
   * found good.
   */
  finish(): { readonly message3: Uint8Array; readonly result: HandshakeResult } {
    const hello = this.#hello
    if (hello === undefined) throw new AivError('E_INTERNAL', 'finish before message 2')
    const { random, link, certificate, recorded, ekm } = this.#options
    let message3: Uint8Array = EMPTY
    if (this.#suite.messages === 3) {
      if (certificate === undefined) throw new AivError('E_INTERNAL', 'no certificate for message 3')
      const payload = encodeHello({ certificate, ...padField(2, random, link, recorded) })
      message3 = frameHandshakeMessage(this.#noise.writeMessage(payload))
    }
    const secrets = deriveSessionSecrets(
      'client',
      this.#noise.split(),
      ekm,
      hello.versions[0] === VERSION_1_2 ? sessionContext(this.#hello1, this.#hello2) : undefined,
    )
    return {
      message3,
      result: {
        suite: this.#suite,
        version: hello.versions[0] as number,
        secrets,
        local: this.#options.hello.parameters,
        remote: hello.parameters,
        features: hello.features & this.#options.hello.features,
      },
    }
  }

  /** Ends the handshake and erases its secrets, the exporter value included. */
  erase(): void {
    erase(this.#options.ekm)
    this.#noise.erase()
  }
}

function errorOfListener(code: number): AivError {
  const hint =
    code === CODE.VERSION_NEGOTIATION_FAILED
      ? 'Use the same major version, or --spec, on both sides.'
      : undefined
  return new AivError(
    'E_HANDSHAKE',
    `the listener answered ${codeName(code)}`,
    hint === undefined ? {} : { hint },
  )
}

/** True for the suites that make the listener name itself before it is known. */
export function isFirstContact(suite: SuiteId): boolean {
  return suite === SUITE.XX || suite === SUITE.XX_HFS
}
