/**
 * The server side of the handshake, without IO, in the order of section 3.5: `inspect` (step 2), the caller's cache
 * look-up (3), `open` (4 to 6), ticket and insertion by the caller (7, 8), `reply` (9), `readMessage3`, `finish`.
 * Every undefined or false up to `reply` means silence.
 */
import { AivError, type Clock, EMPTY, isAivError, type RandomSource, unixSeconds } from '../../core/index.ts'
import { type CryptoProvider, erase, sha256, type X25519KeyPair } from '../../crypto/index.ts'
import { createHandshake, type Handshake } from '../../noise/index.ts'
import { CODE } from '../codes.ts'
import { MAX_HANDSHAKE_MESSAGE, TIME_WINDOW_S, VERSION_1_2 } from '../constants.ts'
import { deriveSessionSecrets } from '../keys/schedule.ts'
import { sessionContext } from '../spec12/schedule.ts'
import { encodeHello, type ParsedHello, parseHello } from './hello.ts'
import { noiseOptions } from './noise-options.ts'
import { padField } from './padding.ts'
import { buildPrologue } from './prologue.ts'
import type { HandshakeRandomness, HandshakeResult, LinkContext, LocalHello } from './result.ts'
import { type PqPolicy, type Suite, suiteAnswered, suiteOf } from './suites.ts'
import { frameHandshakeMessage } from './wire.ts'

const HANDLE_LENGTH = 16
const EPHEMERAL_LENGTH = 32

export interface ResponderOptions extends LinkContext {
  readonly hello: LocalHello
  readonly clock: Clock
  readonly random: RandomSource
  readonly staticKey: X25519KeyPair
  /** Our 145-byte identity certificate. */
  readonly certificate: Uint8Array
  readonly pq: PqPolicy
  readonly firstContact: boolean
  readonly recorded?: HandshakeRandomness
  readonly provider?: CryptoProvider
}

export interface Inspection {
  readonly suite: Suite
  /** SHA-256(e)[0..16): the key of the message-1 cache. */
  readonly cacheKey: Uint8Array
  /** Resumption suites only. */
  readonly handle: Uint8Array | undefined
}

export interface Reply {
  /** Message 2, framed. */
  readonly message2: Uint8Array
  /** The code when message 2 is an ERROR: close the link behind it. */
  readonly error: number | undefined
}

/** Message 3 was genuine: its certificate; or not acceptable: the code of the CLOSE that `finish` makes possible. */
export type Message3 = { readonly certificate: Uint8Array } | { readonly closeCode: number }

export class Responder {
  readonly #options: ResponderOptions
  #suite: Suite | undefined
  #noiseBody: Uint8Array | undefined
  #handle: Uint8Array | undefined
  #noise: Handshake | undefined
  #hello: ParsedHello | undefined
  #hello1: Uint8Array = EMPTY
  #hello2: Uint8Array = EMPTY
  #authenticated = false
  #version = 0

  constructor(options: ResponderOptions) {
    this.#options = options
  }

  /** The suite of message 1, once `inspect` has accepted it. */
  get suite(): Suite | undefined {
    return this.#suite
  }

  /** Message 1 has passed the Noise read, whatever its HELLO says: in the resumption suites the ticket is used. */
  get isAuthenticated(): boolean {
    return this.#authenticated
  }

  /** The access ticket of message 1, once `open` has succeeded. */
  get accessTicket(): Uint8Array | undefined {
    return this.#hello?.accessTicket
  }

  /** The static key of the client, once message 3 was read; absent in NN. */
  get remoteStatic(): Uint8Array | undefined {
    return this.#noise?.remoteStatic
  }

  /** Step 2: suite allowed, length plausible. */
  inspect(body: Uint8Array): Inspection | undefined {
    const suite = suiteOf(body[0] ?? 0)
    if (suite === undefined || !suiteAnswered(suite, this.#options.pq, this.#options.firstContact))
      return undefined
    if (body.length < suite.message1Least || body.length > MAX_HANDSHAKE_MESSAGE) return undefined
    const noiseAt = suite.pattern === 'NN' ? 1 + HANDLE_LENGTH : 1
    this.#suite = suite
    this.#handle = suite.pattern === 'NN' ? body.slice(1, noiseAt) : undefined
    this.#noiseBody = body.slice(noiseAt)
    const cacheKey = sha256(this.#noiseBody.subarray(0, EPHEMERAL_LENGTH)).slice(0, 16)
    return { suite, cacheKey, handle: this.#handle }
  }

  /**
   * Steps 4 to 6: the Noise read, the HELLO, the time window.
   * @param psk of the handle, in the resumption suites
   */
  open(psk?: Uint8Array): boolean {
    const suite = this.#suite as Suite
    const { link, ekm, random } = this.#options
    try {
      this.#noise = createHandshake({
        protocol: suite.protocol,
        role: 'responder',
        prologue: buildPrologue(suite.id, link, ekm, this.#handle),
        random,
        ...noiseOptions(suite, this.#options),
        ...(psk === undefined ? {} : { psks: [psk] }),
      })
      const payload = this.#noise.readMessage(this.#noiseBody as Uint8Array)
      this.#authenticated = true
      this.#hello1 = payload.slice()
      this.#hello = parseHello(payload, { message: 1, suite, link })
    } catch (error) {
      this.erase()
      if (isAivError(error)) return false
      throw error
    }
    const drift = BigInt(unixSeconds(this.#options.clock)) - (this.#hello.timeSeconds as bigint)
    return drift <= BigInt(TIME_WINDOW_S) && drift >= -BigInt(TIME_WINDOW_S)
  }

  /** Step 9: message 2, or an ERROR when no version is common or an unknown feature is required. */
  reply(): Reply {
    const hello = this.#hello as ParsedHello
    const { hello: own, random, link, certificate, recorded } = this.#options
    const version = own.versions.find((candidate) => hello.versions.includes(candidate))
    const error =
      version === undefined
        ? CODE.VERSION_NEGOTIATION_FAILED
        : hello.unsupported === undefined
          ? undefined
          : CODE.UNSUPPORTED_FEATURE
    const noise = this.#noise as Handshake
    if (version === undefined || error !== undefined) {
      const message2 = frameHandshakeMessage(noise.writeMessage(encodeHello({ error: error as number })))
      this.erase()
      return { message2, error }
    }
    this.#version = version
    const payload =
      recorded?.payloads?.[1] ??
      encodeHello({
        versions: [version],
        features: hello.features & own.features,
        parameters: own.parameters,
        ...((this.#suite as Suite).pattern === 'NN' ? {} : { certificate }),
        ...padField(1, random, link, recorded),
      })
    this.#hello2 = payload
    return { message2: frameHandshakeMessage(noise.writeMessage(payload)), error: undefined }
  }

  /**
   * Reads message 3.
   * @throws AivError when it does not authenticate: the link is then closed after a random delay, without a word
   */
  readMessage3(body: Uint8Array): Message3 {
    const payload = (this.#noise as Handshake).readMessage(body)
    try {
      const hello = parseHello(payload, { message: 3, suite: this.#suite as Suite, link: this.#options.link })
      if (hello.unsupported !== undefined) return { closeCode: CODE.UNSUPPORTED_FEATURE }
      return { certificate: (hello.certificate as Uint8Array).slice() }
    } catch (error) {
      if (isAivError(error)) return { closeCode: CODE.MALFORMED_FRAME }
      throw error
    }
  }

  /** The keys, after message 3, or after message 2 in NN. */
  finish(): HandshakeResult {
    const hello = this.#hello as ParsedHello
    const own = this.#options.hello
    if (this.#noise === undefined) throw new AivError('E_INTERNAL', 'finish without a handshake')
    return {
      suite: this.#suite as Suite,
      version: this.#version,
      secrets: deriveSessionSecrets(
        'server',
        this.#noise.split(),
        this.#options.ekm,
        this.#version === VERSION_1_2 ? sessionContext(this.#hello1, this.#hello2) : undefined,
      ),
      local: own.parameters,
      remote: hello.parameters,
      features: hello.features & own.features,
    }
  }

  /** Ends the handshake and erases its secrets, the exporter value included. */
  erase(): void {
    erase(this.#options.ekm)
    this.#noise?.erase()
    this.#noise = undefined
    this.#noiseBody = undefined
  }
}
