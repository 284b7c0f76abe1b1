/** Links that peers opened to this node: their packets go into it, no faster than each of them may send. */
import { type TimerClock, TokenBucket } from '../../core/index.ts'
import { LINKS_MOST, PEER_BURST, PEER_RATE } from './constants.ts'
import type { PacketPipe } from './packet-pipe.ts'
import { PacketReader } from './packet-reader.ts'

/** Where packets go in. */
export interface PacketIntake {
  receive(packet: Uint8Array): void
  /** Counts a packet that is not even looked at. */
  refuse(reason: 'rate_limited'): void
  /** After those that came together. */
  flush(): void
}

export interface InboundOptions {
  readonly packetBytes: number
  readonly intake: PacketIntake
  readonly clock: TimerClock
  /** Packets a second of one peer; 20,000 unless given. */
  readonly ratePerPeer?: number | undefined
  /** Links at once; 1,024 unless given. */
  readonly linksMost?: number | undefined
  /** Packets of one peer at once; 4,096 unless given. */
  readonly burstPerPeer?: number | undefined
}

export class InboundLinks {
  readonly #options: InboundOptions
  readonly #pipes = new Set<PacketPipe>()

  constructor(options: InboundOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#pipes.size
  }

  /**
   * Takes the link of a peer; closes it when there are too many.
   * @param onClose called once, when it is closed
   */
  add(pipe: PacketPipe, onClose: () => void = () => {}): void {
    if (this.#pipes.size >= (this.#options.linksMost ?? LINKS_MOST)) {
      pipe.attach({ data: () => {}, close: onClose })
      pipe.destroy()
      return
    }
    this.#pipes.add(pipe)
    const { packetBytes, intake, clock, ratePerPeer, burstPerPeer } = this.#options
    const bucket = new TokenBucket(clock, {
      capacity: burstPerPeer ?? PEER_BURST,
      refillPerSecond: ratePerPeer ?? PEER_RATE,
    })
    const reader = new PacketReader(packetBytes, (packet) => {
      if (bucket.take()) intake.receive(packet)
      else intake.refuse('rate_limited')
    })
    pipe.attach({
      data: (chunk) => {
        reader.push(chunk)
        intake.flush()
      },
      close: () => {
        this.#pipes.delete(pipe)
        onClose()
      },
    })
  }

  close(): void {
    for (const pipe of this.#pipes) pipe.close()
  }
}
