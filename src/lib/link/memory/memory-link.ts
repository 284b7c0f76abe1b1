/** A link whose transport is a pair of {@link Channel}s. */
import type { TimerClock } from '../../core/index.ts'
import { BaseLink } from '../base-link.ts'
import { linkLost } from '../socket/socket-errors.ts'
import type { Channel, ChannelReader, ChannelWriter } from './channel.ts'

export class MemoryLink extends BaseLink {
  readonly kind = 'memory'
  /** What our outgoing channel calls. */
  readonly writer: ChannelWriter = { settled: (bytes) => this.settle(bytes) }
  /** What our incoming channel calls. */
  readonly reader: ChannelReader = {
    data: (chunk) => this.receive(chunk),
    end: () => this.receiveEnd(),
    lost: () => this.finish(linkLost(this.remoteAddress)),
  }
  readonly #defer: (task: () => void) => void
  #outgoing: Channel | undefined
  #incoming: Channel | undefined

  constructor(
    localAddress: string,
    remoteAddress: string,
    clock: TimerClock,
    defer: (task: () => void) => void,
  ) {
    super(localAddress, remoteAddress, clock)
    this.#defer = defer
  }

  connect(outgoing: Channel, incoming: Channel): void {
    this.#outgoing = outgoing
    this.#incoming = incoming
  }

  protected override defer(task: () => void): void {
    this.#defer(task)
  }

  protected startReading(): void {
    this.#incoming?.setReading(true)
  }

  protected stopReading(): void {
    this.#incoming?.setReading(false)
  }

  protected transmit(chunks: readonly Uint8Array[], bytes: number): void {
    this.#outgoing?.write(chunks, bytes)
  }

  protected transmitEnd(): void {
    this.#outgoing?.end()
  }

  protected bothEnded(): void {
    this.#defer(() => this.finish())
  }

  protected release(): void {
    this.#outgoing?.breakAfterEnd()
    this.#incoming?.discard()
  }

  protected reset(): void {
    this.#outgoing?.breakNow()
    this.#incoming?.discard()
  }
}

/** Connects two links through the channels that `channel` makes, one per direction. */
export function pairOf(
  first: MemoryLink,
  second: MemoryLink,
  channel: (writer: ChannelWriter, reader: ChannelReader, direction: 0 | 1) => Channel,
): [MemoryLink, MemoryLink] {
  const there = channel(first.writer, second.reader, 0)
  const back = channel(second.writer, first.reader, 1)
  first.connect(there, back)
  second.connect(back, there)
  return [first, second]
}
