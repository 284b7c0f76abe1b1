/** A client's link to its provider: packets up, answers down, dialled again when it breaks. */
import { AivError, type TimerClock } from '../../core/index.ts'
import { type Geometry, geometryHash, SURB_ID_BYTES } from '../../sphinx/index.ts'
import { answerBytes } from '../link/client-links.ts'
import { LINK_QUEUE_BYTES } from '../link/constants.ts'
import { dialProvider } from '../link/endpoints.ts'
import type { PacketPipe } from '../link/packet-pipe.ts'
import { PacketReader } from '../link/packet-reader.ts'

export interface ProviderLinkOptions {
  /** HTX addresses of the provider, in the order in which they are tried. */
  readonly addresses: readonly string[]
  /** 32 random bytes; the same for each attempt, so that answers on their way arrive. */
  readonly token: Uint8Array
  readonly geometry: Geometry
  readonly clock: TimerClock
  readonly signal: AbortSignal
  /** @param payload still enciphered, with its tag; its own */
  readonly onAnswer: (surbId: Uint8Array, payload: Uint8Array) => void
  /** The link is gone; {@link ProviderLink.open} may be called again. */
  readonly onClose: () => void
}

export class ProviderLink {
  readonly #options: ProviderLinkOptions
  #pipe: PacketPipe | undefined

  constructor(options: ProviderLinkOptions) {
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#pipe !== undefined
  }

  /**
   * Dials the addresses one after the other, under a throw-away identity: a provider learns nothing by it.
   * @throws AivError of the last attempt
   */
  async open(): Promise<void> {
    const { addresses, token, geometry, clock, signal } = this.#options
    let failure: unknown = new AivError('E_UNREACHABLE', 'the provider has no address in the directory')
    for (const address of addresses) {
      try {
        const hash = geometryHash(geometry)
        const pipe = await dialProvider(address, token, { identity: {}, geometryHash: hash, clock, signal })
        this.#attach(pipe)
        return
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  /** Sends a packet. Without a link, or when the provider does not read, it is lost, as it could be anywhere else. */
  send(packet: Uint8Array): void {
    const pipe = this.#pipe
    if (pipe !== undefined && pipe.queuedBytes < LINK_QUEUE_BYTES) pipe.write(packet)
  }

  close(): void {
    this.#pipe?.close()
  }

  #attach(pipe: PacketPipe): void {
    this.#pipe = pipe
    const { geometry, onAnswer, onClose } = this.#options
    const reader = new PacketReader(answerBytes(geometry), (view) => {
      // A copy: `slice` of what a stream gives is a view.
      const answer = new Uint8Array(view)
      onAnswer(answer.subarray(0, SURB_ID_BYTES), answer.subarray(SURB_ID_BYTES))
    })
    pipe.attach({
      data: (chunk) => reader.push(chunk),
      close: () => {
        if (this.#pipe === pipe) this.#pipe = undefined
        onClose()
      },
    })
  }
}
