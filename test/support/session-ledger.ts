/**
 * The judge of a simulated run. It knows what was written, sees the bytes on the wire in the clear parts of their
 * headers, and holds what is delivered against both. It uses nothing of the code it judges.
 */

/** A rule of the simulation was broken: a defect of the session, or of the simulation. */
export class SimulationFailure extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SimulationFailure'
  }
}

export type SideName = 'c' | 's'

/** One direction of one stream. */
export class DirectionLedger {
  readonly name: string
  readonly #key: number
  readonly #window: number
  readonly #held: (change: number) => void
  written = 0
  delivered = 0
  consumed = 0
  writerFinished = false
  writerReset = false
  /** The writer was told that the reader's side refused the stream. */
  refused = false
  /** Somebody reads at the other end. */
  taken = false
  /** The writer reads nothing itself, so that a refusal cannot be told to it. */
  writerIsDeaf = false
  readerStopped = false
  readerFinished = false
  readerReset = false
  /** Data bytes that the frames which arrived unharmed can hold at most. */
  allowance = 0

  /** @param held told how many bytes more, or less, the reader holds */
  constructor(id: number, from: SideName, window: number, held: (change: number) => void) {
    this.name = `stream ${id} from ${from}`
    this.#window = window
    this.#held = held
    this.#key = (id * 2654435761 + (from === 'c' ? 40_503 : 12_289)) >>> 0
  }

  /** True when everything that was promised to the reader has come about. */
  get settled(): boolean {
    return (
      !this.writerFinished ||
      this.refused ||
      this.readerStopped ||
      this.readerReset ||
      this.readerFinished ||
      (this.writerIsDeaf && !this.taken)
    )
  }

  /** The next `length` bytes to write. */
  write(length: number): Uint8Array {
    const out = new Uint8Array(length)
    for (let i = 0; i < length; i++) out[i] = this.#byteAt(this.written + i)
    this.written += length
    return out
  }

  /** Every delivered byte is the sent byte, in order, once, and came in a frame that arrived. */
  deliver(chunks: readonly Uint8Array[], bytes: number): void {
    let count = 0
    for (const chunk of chunks) {
      for (let i = 0; i < chunk.length; i++, count++) {
        if (chunk[i] !== this.#byteAt(this.delivered + count))
          throw new SimulationFailure(
            `${this.name}: byte ${this.delivered + count} is not the byte that was sent`,
          )
      }
    }
    if (count !== bytes) throw new SimulationFailure(`${this.name}: ${count} bytes said to be ${bytes}`)
    this.delivered += bytes
    if (this.delivered > this.written)
      throw new SimulationFailure(`${this.name}: more delivered than written`)
    if (this.delivered > this.allowance)
      throw new SimulationFailure(`${this.name}: delivered past what arrived`)
    if (this.readerFinished || this.readerReset || this.readerStopped)
      throw new SimulationFailure(`${this.name}: data after its end`)
    const unread = this.delivered - this.consumed
    if (unread > this.#window)
      throw new SimulationFailure(`${this.name}: ${unread} bytes unread, more than its window`)
    this.#held(bytes)
  }

  consume(bytes: number): void {
    this.consumed += bytes
    this.#held(-bytes)
  }

  finish(): void {
    if (!this.writerFinished || this.delivered !== this.written)
      throw new SimulationFailure(
        `${this.name}: looked finished at ${this.delivered} of ${this.written} bytes`,
      )
    if (this.readerFinished) throw new SimulationFailure(`${this.name}: finished twice`)
    this.readerFinished = true
  }

  #byteAt(offset: number): number {
    const mixed = Math.imul(offset ^ this.#key, 0x9e3779b1)
    return ((mixed >>> 24) ^ (mixed >>> 11) ^ offset) & 0xff
  }
}

interface WireFrame {
  readonly end: number
  readonly streamId: number
  readonly dataMost: number
}

/** Follows one direction of the link: what was sent, and how much of it arrived unharmed. */
export class WireTap {
  #sent = new Uint8Array(65_536)
  #sentLength = 0
  #parsed = 0
  readonly #frames: WireFrame[] = []
  #nextFrame = 0
  #arrived = 0
  #harmed = false
  #wholeFrames = 0

  /** Frames that arrived whole and unharmed. */
  get wholeFrames(): number {
    return this.#wholeFrames
  }

  /** True once a byte arrived that is not the byte sent in its place. */
  get harmed(): boolean {
    return this.#harmed
  }

  sent(bytes: Uint8Array): void {
    while (this.#sentLength + bytes.length > this.#sent.length) {
      const larger = new Uint8Array(this.#sent.length * 2)
      larger.set(this.#sent)
      this.#sent = larger
    }
    this.#sent.set(bytes, this.#sentLength)
    this.#sentLength += bytes.length
    this.#parse()
  }

  /** @param credit told of each frame that is now whole: its stream and the data it can hold at most */
  arrived(bytes: Uint8Array, credit: (streamId: number, dataMost: number) => void): void {
    for (const byte of bytes) {
      if (this.#harmed) break
      if (this.#arrived < this.#sentLength && byte === this.#sent[this.#arrived]) this.#arrived++
      else this.#harmed = true
    }
    for (;;) {
      const frame = this.#frames[this.#nextFrame]
      if (frame === undefined || frame.end > this.#arrived) return
      this.#nextFrame++
      this.#wholeFrames++
      if (frame.streamId > 0) credit(frame.streamId, frame.dataMost)
    }
  }

  /** Header: u24 length, type, and for types 0 and 4 a QUIC varint; then ciphertext and 16 bytes of tag. */
  #parse(): void {
    for (;;) {
      const at = this.#parsed
      if (at + 5 > this.#sentLength) return
      const byte = (offset: number): number => this.#sent[at + offset] as number
      const length = byte(0) * 65_536 + byte(1) * 256 + byte(2)
      const hasId = byte(3) === 0 || byte(3) === 4
      const idLength = hasId ? 1 << (byte(4) >>> 6) : 0
      const end = at + 4 + idLength + length + 16
      if (end > this.#sentLength) return
      let streamId = hasId ? byte(4) & 0x3f : 0
      for (let i = 1; i < idLength; i++) streamId = streamId * 256 + byte(4 + i)
      this.#frames.push({ end, streamId: byte(3) === 0 ? streamId : 0, dataMost: length - 1 })
      this.#parsed = end
    }
  }
}
