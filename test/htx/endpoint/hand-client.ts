/**
 * A client whose every byte is a test's decision: it speaks the handshake through the product's `Initiator`, and then
 * seals whatever frames it is told to.
 */
import { concat, ManualClock, SeededRandom, systemClock } from '../../../src/lib/core/index.ts'
import { parseAddress } from '../../../src/lib/htx/address.ts'
import { localHello } from '../../../src/lib/htx/endpoint/local-hello.ts'
import {
  buildStreamHead,
  FRAME,
  type Frame,
  FrameOpener,
  FrameSealer,
  type StreamFlags,
  type StreamId,
} from '../../../src/lib/htx/frames/index.ts'
import {
  Initiator,
  type InitiatorOptions,
  type LinkName,
  type SuiteId,
} from '../../../src/lib/htx/handshake/index.ts'
import type { Identity } from '../../../src/lib/identity/index.ts'
import { CLIENT, dialAddress, Probe, START_MS, until } from './endpoints.ts'

const NEVER_REKEY = { bytes: Infinity, frames: Infinity, ms: Infinity }

export interface HandClientOptions {
  readonly suite?: SuiteId
  readonly identity?: Identity
  /** Shown in message 3 in place of the identity's own. */
  readonly certificate?: Uint8Array
  readonly remoteStatic?: Uint8Array
  readonly link?: LinkName
  readonly seed?: number
  /** The client's clock, wall milliseconds; default the listener's start. */
  readonly wallMs?: number
  readonly more?: Partial<InitiatorOptions>
}

/** The initiator of a client for this address. */
export function initiatorFor(address: string, options: HandClientOptions = {}): Initiator {
  const { x, scheme } = parseAddress(address, 'connect')
  const { suite = 2, identity = CLIENT, seed = 1 } = options
  const isTcp = scheme === 'htx+tcp'
  const wallMs = options.wallMs ?? START_MS
  const named = suite === 1 || suite === 2
  return new Initiator({
    suite,
    link: options.link ?? (isTcp ? 'tcp' : 'memory'),
    hello: localHello(),
    clock: new ManualClock(wallMs),
    random: new SeededRandom(seed),
    staticKey: identity.noise,
    certificate: options.certificate ?? identity.certificate,
    ...(named ? { remoteStatic: options.remoteStatic ?? (x as Uint8Array) } : {}),
    ...(suite === 3 || suite === 4
      ? { resumption: { handle: new Uint8Array(16), psk: new Uint8Array(32) } }
      : {}),
    ...options.more,
  })
}

/** Message 1 for the wire. */
export function message1For(address: string, options: HandClientOptions = {}): Uint8Array {
  return initiatorFor(address, options).start()
}

export class HandClient {
  readonly probe: Probe
  readonly initiator: Initiator
  readonly frames: Frame[] = []
  #sealer: FrameSealer | undefined
  #opener: FrameOpener | undefined
  #taken = 0

  private constructor(probe: Probe, initiator: Initiator) {
    this.probe = probe
    this.initiator = initiator
  }

  /** Dials and sends message 1. */
  static async dial(address: string, options: HandClientOptions = {}): Promise<HandClient> {
    const client = new HandClient(new Probe(await dialAddress(address)), initiatorFor(address, options))
    client.write(client.initiator.start())
    return client
  }

  /** A session: the whole handshake, with `early` behind message 3 in the same write. */
  static async open(
    address: string,
    options: HandClientOptions = {},
    early: (client: HandClient) => Uint8Array = () => new Uint8Array(0),
  ): Promise<HandClient> {
    const client = await HandClient.dial(address, options)
    const message3 = await client.readMessage2()
    client.write(concat(message3, early(client)))
    return client
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > 0) this.probe.link.write([bytes])
  }

  /** Waits for message 2, reads it and makes message 3; the keys are there then. */
  async readMessage2(): Promise<Uint8Array> {
    await until(() => this.#message2() !== undefined || this.probe.ended, 'message 2')
    const body = this.#message2()
    if (body === undefined) throw new Error('the listener ended the link in place of message 2')
    this.#taken = 2 + body.length
    this.initiator.readMessage2(body)
    const { message3, result } = this.initiator.finish()
    const { directions } = result.secrets
    this.#sealer = new FrameSealer(directions.send, systemClock, NEVER_REKEY)
    this.#opener = new FrameOpener(directions.receive, 1_048_576)
    return message3
  }

  seal(type: number, id: StreamId | undefined, ...plaintext: readonly Uint8Array[]): Uint8Array {
    const out: Uint8Array[] = []
    const bytes = concat(...plaintext)
    this.#sealer?.seal(type, id, bytes.length === 0 ? [] : [bytes], bytes.length, out)
    return concat(...out)
  }

  stream(id: StreamId, flags: StreamFlags, data: Uint8Array = new Uint8Array(0)): Uint8Array {
    return this.seal(FRAME.STREAM, id, buildStreamHead(flags), data)
  }

  /** Opens what has arrived since; all frames so far are in `frames`. */
  read(): readonly Frame[] {
    const bytes = this.probe.received.subarray(this.#taken)
    this.#taken += bytes.length
    this.#opener?.push(bytes)
    for (let frame = this.#opener?.next(); frame !== undefined; frame = this.#opener?.next())
      this.frames.push(frame)
    return this.frames
  }

  /** Waits for a frame. */
  async frame<K extends Frame['kind']>(
    kind: K,
    matches: (frame: Extract<Frame, { kind: K }>) => boolean = () => true,
  ): Promise<Extract<Frame, { kind: K }>> {
    type Wanted = Extract<Frame, { kind: K }>
    const find = (): Wanted | undefined =>
      this.read().find((frame): frame is Wanted => frame.kind === kind && matches(frame as Wanted))
    await until(() => find() !== undefined || this.probe.closed, `a frame ${kind}`)
    const frame = find()
    if (frame === undefined) throw new Error(`the link closed before a frame ${kind}`)
    return frame
  }

  #message2(): Uint8Array | undefined {
    const bytes = this.probe.received
    if (bytes.length < 2) return undefined
    const length = ((bytes[0] as number) << 8) | (bytes[1] as number)
    return bytes.length < 2 + length ? undefined : bytes.subarray(2, 2 + length)
  }
}
