/** Both sides of a handshake at the level of its messages, with every input under the control of the test. */
import { ManualClock, type RandomSource, SeededRandom } from '../../../src/lib/core/index.ts'
import type { CryptoProvider } from '../../../src/lib/crypto/index.ts'
import {
  type HandshakeRandomness,
  HandshakeReader,
  type HandshakeResult,
  Initiator,
  type LinkName,
  type LocalHello,
  type PqPolicy,
  Responder,
  type SuiteId,
} from '../../../src/lib/htx/handshake/index.ts'
import { createIdentity, type Identity } from '../../../src/lib/identity/index.ts'

export const ALL_SUITES: readonly SuiteId[] = [1, 2, 3, 4, 5, 6]
/** Those that need no ticket of an earlier session. */
export const FULL_SUITES: readonly SuiteId[] = [1, 2, 5, 6]
export const RESUMPTION_SUITES: readonly SuiteId[] = [3, 4]

export const HELLO: LocalHello = {
  versions: [0x0101],
  features: 0x0f,
  parameters: {
    maxFrame: 65_535,
    streamWindow: 262_144,
    sessionWindow: 1_048_576,
    maxStreams: 256,
    idleTimeoutMs: 300_000,
  },
}

/** Names its key as it likes: for sides that lie. */
export interface SideChoices {
  readonly hello?: LocalHello
  readonly identity?: Identity
  readonly certificate?: Uint8Array
  readonly link?: LinkName
  readonly ekm?: Uint8Array
  readonly handle?: Uint8Array
  readonly psk?: Uint8Array
  readonly recorded?: HandshakeRandomness
  readonly provider?: CryptoProvider
  readonly random?: RandomSource
  readonly clock?: ManualClock
}

export interface InitiatorChoices extends SideChoices {
  /** The key that the client believes to be the server's. */
  readonly remoteStatic?: Uint8Array
  readonly accessTicket?: Uint8Array
}

export interface ResponderChoices extends SideChoices {
  readonly pq?: PqPolicy
  readonly firstContact?: boolean
}

export interface SidesOptions {
  readonly suite: SuiteId
  readonly seed?: number
  readonly initiator?: InitiatorChoices
  readonly responder?: ResponderChoices
}

export const HANDLE = Uint8Array.from({ length: 16 }, (_, index) => 0x40 + index)
export const PSK = Uint8Array.from({ length: 32 }, (_, index) => 0x80 + index)

const START_MS = 1_795_564_800_000
const identities = new Map<number, Identity>()

/** The same identity for the same seed; its certificate starts at the default time of a `ManualClock`. */
export function identityFor(seed: number): Identity {
  let identity = identities.get(seed)
  if (identity === undefined) {
    identity = createIdentity(new SeededRandom(seed), new ManualClock(START_MS))
    identities.set(seed, identity)
  }
  return identity
}

export class Sides {
  readonly clock = new ManualClock(START_MS)
  readonly suite: SuiteId
  readonly client: Identity
  readonly server: Identity
  readonly initiator: Initiator
  readonly responder: Responder
  /** The copies of the exporter value that the two sides own. */
  readonly ekms: readonly (Uint8Array | undefined)[]
  readonly #responderPsk: Uint8Array | undefined

  constructor(options: SidesOptions) {
    const { suite, seed = 1, initiator = {}, responder = {} } = options
    this.suite = suite
    this.client = initiator.identity ?? identityFor(1000)
    this.server = responder.identity ?? identityFor(2000)
    const resumes = suite === 3 || suite === 4
    const isFirstContact = suite === 5 || suite === 6
    this.#responderPsk = resumes ? (responder.psk ?? PSK) : undefined
    this.ekms = [initiator.ekm?.slice(), responder.ekm?.slice()]
    const [clientEkm, serverEkm] = this.ekms
    this.initiator = new Initiator({
      suite,
      link: initiator.link ?? 'tcp',
      hello: initiator.hello ?? HELLO,
      clock: initiator.clock ?? this.clock,
      random: initiator.random ?? new SeededRandom(seed * 2),
      ...(clientEkm === undefined ? {} : { ekm: clientEkm }),
      ...(initiator.recorded === undefined ? {} : { recorded: initiator.recorded }),
      ...(initiator.provider === undefined ? {} : { provider: initiator.provider }),
      ...(initiator.accessTicket === undefined ? {} : { accessTicket: initiator.accessTicket }),
      ...(resumes
        ? { resumption: { handle: initiator.handle ?? HANDLE, psk: initiator.psk ?? PSK } }
        : {
            staticKey: this.client.noise,
            certificate: initiator.certificate ?? this.client.certificate,
          }),
      ...(resumes || isFirstContact
        ? {}
        : { remoteStatic: initiator.remoteStatic ?? this.server.noise.publicKey }),
    })
    this.responder = new Responder({
      link: responder.link ?? 'tcp',
      hello: responder.hello ?? HELLO,
      clock: responder.clock ?? this.clock,
      random: responder.random ?? new SeededRandom(seed * 2 + 1),
      ...(serverEkm === undefined ? {} : { ekm: serverEkm }),
      ...(responder.recorded === undefined ? {} : { recorded: responder.recorded }),
      ...(responder.provider === undefined ? {} : { provider: responder.provider }),
      staticKey: this.server.noise,
      certificate: responder.certificate ?? this.server.certificate,
      pq: responder.pq ?? 'prefer',
      firstContact: responder.firstContact ?? true,
    })
  }

  /** Gives message 1 to the responder. @returns true when it would be answered */
  accepts(body: Uint8Array): boolean {
    return this.responder.inspect(body) !== undefined && this.responder.open(this.#responderPsk)
  }

  /** Runs the handshake to its end; the bodies of its messages and both results. */
  run(): Exchange {
    const message1 = bodyOf(this.initiator.start())
    if (!this.accepts(message1)) throw new Error('message 1 was not accepted')
    const message2 = bodyOf(this.responder.reply().message2)
    const read2 = this.initiator.readMessage2(message2)
    const finished = this.initiator.finish()
    const bodies = [message1, message2]
    let certificate: Uint8Array | undefined
    if (finished.message3.length > 0) {
      const message3 = bodyOf(finished.message3)
      bodies.push(message3)
      const read3 = this.responder.readMessage3(message3)
      if (!('certificate' in read3)) throw new Error('message 3 was not accepted')
      certificate = read3.certificate
    }
    return {
      bodies,
      client: finished.result,
      server: this.responder.finish(),
      certificates: { ofServer: read2.certificate, ofClient: certificate },
    }
  }
}

export interface Exchange {
  readonly bodies: readonly Uint8Array[]
  readonly client: HandshakeResult
  readonly server: HandshakeResult
  readonly certificates: {
    readonly ofServer: Uint8Array | undefined
    readonly ofClient: Uint8Array | undefined
  }
}

/** The body of one wire message. */
export function bodyOf(wireMessage: Uint8Array): Uint8Array {
  const reader = new HandshakeReader()
  reader.push(wireMessage)
  const body = reader.next()
  if (body === undefined) throw new Error('the wire message is truncated')
  return body.slice()
}

/** A copy with one bit changed. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice()
  const at = bit >> 3
  copy[at] = (copy[at] as number) ^ (1 << (bit & 7))
  return copy
}
