/**
 * A client at work: one link to its provider, on which packets leave at times that follow from chance alone (Loopix, section
 * 4.1). What it has to say takes the place of drops; an observer of the link sees no difference.
 */
import { AivError, type RandomSource, type TimerClock, uniformInt } from '../../core/index.ts'
import { EmissionSchedule } from '../cover/index.ts'
import type { MixDirectory, MixNode } from '../directory/index.ts'
import { CLIENT_TOKEN_BYTES, clientRecipient } from '../link/client-links.ts'
import { bodyRoom, decodePayload, encodePayload } from '../message/index.ts'
import { PING_SERVICE } from '../provider/index.ts'
import { PendingReplies } from './pending-replies.ts'
import { ProviderLink } from './provider-link.ts'
import { Routes } from './routes.ts'

/** Something that wants to send packets and awaits answers: an outbox, an inbox. */
export interface PacketSource {
  /** The next packet, when one is due. */
  nextPacket(): Uint8Array | undefined
  /** True when the answer was to this source. */
  answered(surbId: Uint8Array, payload: Uint8Array): boolean | Promise<boolean>
}

export interface ClientSessionOptions {
  readonly directory: MixDirectory
  /** The own provider. */
  readonly provider: MixNode
  readonly clock: TimerClock
  readonly random: RandomSource
  readonly signal: AbortSignal
  /** The link broke and is dialled again, or no path could be drawn, or a source failed. */
  readonly onTrouble?: (error: unknown) => void
}

/** Packets of the streams by what they carried. */
export interface ClientCounts {
  readonly payload: number
  /** Where there was nothing to say. */
  readonly drops: number
  readonly loops: number
  /** Loops and drops that came back. */
  readonly returned: number
}

interface Probe {
  readonly sentAt: number
  readonly done: ((ms: number) => void) | undefined
}

/** Longer than any loop takes that will still come. */
const PROBE_LIFETIME_MS = 60_000
const REDIAL_MS = 1_000

export class ClientSession {
  readonly routes: Routes
  readonly #options: ClientSessionOptions
  readonly #schedule: EmissionSchedule<'payload' | 'loop' | 'drop'>
  readonly #link: ProviderLink
  readonly #probes: PendingReplies<Probe>
  readonly #sources: PacketSource[] = []
  readonly #pings: { readonly provider: MixNode; readonly done: (ms: number) => void }[] = []
  readonly #counts = { payload: 0, drops: 0, loops: 0, returned: 0 }
  #cancel: (() => void) | undefined
  #isClosed = false

  private constructor(options: ClientSessionOptions) {
    const { directory, provider, clock, random, signal } = options
    const token = random.bytes(CLIENT_TOKEN_BYTES)
    const { payloadUs, loopUs, dropUs } = directory.parameters
    this.#options = options
    this.routes = new Routes({ directory, provider, recipient: clientRecipient(token), random })
    this.#probes = new PendingReplies(directory.geometry, clock, PROBE_LIFETIME_MS)
    this.#link = new ProviderLink({
      addresses: provider.addresses,
      token,
      geometry: directory.geometry,
      clock,
      signal,
      onAnswer: (surbId, payload) => {
        this.#answered(surbId, payload).catch((error: unknown) => this.#options.onTrouble?.(error))
      },
      onClose: () => this.#lost(new AivError('E_LINK_LOST', 'the link to the provider broke')),
    })
    this.#schedule = new EmissionSchedule({
      random,
      startUs: clock.now() * 1000,
      processes: [
        { kind: 'payload', meanUs: payloadUs },
        { kind: 'loop', meanUs: loopUs },
        { kind: 'drop', meanUs: dropUs },
      ],
    })
  }

  /**
   * Dials the provider and begins to send.
   * @throws AivError of the link, `E_INPUT` for a directory whose clients never send payload
   */
  static async open(options: ClientSessionOptions): Promise<ClientSession> {
    if (options.directory.parameters.payloadUs === 0)
      throw new AivError('E_INPUT', 'clients of this network send nothing: its payload stream is off')
    const session = new ClientSession(options)
    await session.#link.open()
    session.#wake()
    return session
  }

  get counts(): ClientCounts {
    return { ...this.#counts }
  }

  /** Asks `source` for packets from now on, after those that were added before. */
  add(source: PacketSource): void {
    this.#sources.push(source)
  }

  /**
   * A probe to a provider and back, in the place of a payload packet.
   * @returns milliseconds from when it left
   * @throws AivError `E_TIMEOUT`
   */
  async ping(provider: MixNode, timeoutMs: number): Promise<number> {
    const { clock, signal } = this.#options
    return await new Promise<number>((resolve, reject) => {
      const end = (finish: () => void) => (): void => {
        cancel()
        signal.removeEventListener('abort', aborted)
        finish()
      }
      const aborted = (): void => end(() => reject(new AivError('E_ABORTED', 'the probe was given up')))()
      const cancel = clock.schedule(
        timeoutMs,
        end(() => reject(new AivError('E_TIMEOUT', 'the probe did not come back'))),
      )
      signal.addEventListener('abort', aborted, { once: true })
      if (signal.aborted) aborted()
      else this.#pings.push({ provider, done: (ms) => end(() => resolve(ms))() })
    })
  }

  /** Ends the link; keys of answers are erased. */
  close(): void {
    this.#isClosed = true
    this.#cancel?.()
    this.#link.close()
    this.#probes.end()
  }

  #wake(): void {
    const { clock, signal } = this.#options
    if (signal.aborted || this.#isClosed) return
    const nowUs = clock.now() * 1000
    for (let kind = this.#schedule.take(nowUs); kind !== undefined; kind = this.#schedule.take(nowUs))
      this.#emit(kind)
    const waitMs = Math.max(0, this.#schedule.nextDueUs / 1000 - clock.now())
    this.#cancel = clock.schedule(waitMs, () => this.#wake())
  }

  /** A directory may leave no path to draw: that must not end a process. */
  #emit(kind: 'payload' | 'loop' | 'drop'): void {
    try {
      this.#link.send(this.#packetFor(kind))
    } catch (error) {
      this.#options.onTrouble?.(error)
    }
  }

  #packetFor(kind: 'payload' | 'loop' | 'drop'): Uint8Array {
    const real = kind === 'payload' ? this.#nextReal() : undefined
    if (real !== undefined) {
      this.#counts.payload += 1
      return real
    }
    if (kind === 'loop') this.#counts.loops += 1
    else this.#counts.drops += 1
    // Every packet is answered, whatever it carries: answers come down the same link and would tell them apart.
    return this.#probe(this.#anyProvider(), undefined)
  }

  #nextReal(): Uint8Array | undefined {
    const ping = this.#pings.shift()
    if (ping !== undefined) return this.#probe(ping.provider, ping.done)
    for (const source of this.#sources) {
      const packet = source.nextPacket()
      if (packet !== undefined) return packet
    }
    return undefined
  }

  #probe(provider: MixNode, done: Probe['done']): Uint8Array {
    const { clock, random } = this.#options
    const reply = this.routes.replyBlock(provider)
    const payload = encodePayload(this.routes.geometry, {
      surb: reply.surb,
      body: random.bytes(bodyRoom(this.routes.geometry)),
    })
    this.#probes.await(reply, { sentAt: clock.now(), done })
    return this.routes.packet(provider, PING_SERVICE, payload)
  }

  #anyProvider(): MixNode {
    const { directory, provider, random } = this.#options
    const all = directory.nodes.filter(({ role }) => role !== 'mix')
    return all[uniformInt(random, 0, all.length - 1)] ?? provider
  }

  async #answered(surbId: Uint8Array, payload: Uint8Array): Promise<void> {
    const probe = this.#probes.open(surbId, payload)
    if (probe !== undefined) {
      if (decodePayload(this.routes.geometry, probe.payload) === undefined) return
      const { sentAt, done } = probe.about
      if (done === undefined) this.#counts.returned += 1
      else done(this.#options.clock.now() - sentAt)
      return
    }
    for (const source of this.#sources) if (await source.answered(surbId, payload)) return
  }

  #lost(error: unknown): void {
    const { clock, signal, onTrouble } = this.#options
    if (signal.aborted || this.#isClosed) return
    onTrouble?.(error)
    clock.schedule(REDIAL_MS, () => {
      if (signal.aborted || this.#isClosed || this.#link.isOpen) return
      this.#link.open().catch((again: unknown) => this.#lost(again))
    })
  }
}
