/** One direction between two memory links. */

/** The writing link, as its channel sees it. */
export interface ChannelWriter {
  /** `bytes` more of what was written fit into the window. Never called from within a channel's method. */
  settled(bytes: number): void
}

/** The reading link, as its channel sees it. Never called from within a channel's method. */
export interface ChannelReader {
  data(chunk: Uint8Array): void
  end(): void
  /** The direction broke; nothing follows. */
  lost(): void
}

export interface Channel {
  /** Queues `chunks`, `bytes` in all. The channel copies what it delivers. */
  write(chunks: readonly Uint8Array[], bytes: number): void
  /** The writer's clean end, delivered after everything written. */
  end(): void
  /** The reader takes data or not. */
  setReading(reading: boolean): void
  /** The writer has gone without a clean end: drops what is not delivered, and the reader sees the loss. */
  breakNow(): void
  /** The writer has gone after its clean end: the reader sees everything, then the loss. */
  breakAfterEnd(): void
  /** The reader has gone: whatever is written is dropped. */
  discard(): void
}

/** Bytes delivered in one turn before other work gets the event loop. */
const TURN_BYTES = 1024 * 1024

/** Delivers in order and without faults; `defer` decides when. */
export class DirectChannel implements Channel {
  readonly #writer: ChannelWriter
  readonly #reader: ChannelReader
  readonly #windowBytes: number
  readonly #defer: (task: () => void) => void
  #queue: Uint8Array[] = []
  /** Written and not delivered. */
  #waiting = 0
  /** Part of `#waiting` that the writer still counts as queued. */
  #unsettled = 0
  #reading = false
  #end: 'none' | 'due' | 'delivered' = 'none'
  #loss: 'none' | 'now' | 'after-end' | 'delivered' = 'none'
  #discarding = false
  #turnDue = false

  constructor(
    writer: ChannelWriter,
    reader: ChannelReader,
    windowBytes: number,
    defer: (task: () => void) => void,
  ) {
    this.#writer = writer
    this.#reader = reader
    this.#windowBytes = windowBytes
    this.#defer = defer
  }

  write(chunks: readonly Uint8Array[], bytes: number): void {
    // Copied: neither side may see what the other does to its array afterwards.
    if (!this.#discarding)
      for (const chunk of chunks) if (chunk.length > 0) this.#queue.push(new Uint8Array(chunk))
    this.#waiting += this.#discarding ? 0 : bytes
    this.#unsettled += bytes
    this.#requestTurn()
  }

  end(): void {
    this.#end = 'due'
    this.#requestTurn()
  }

  setReading(reading: boolean): void {
    this.#reading = reading
    if (reading) this.#requestTurn()
  }

  breakNow(): void {
    this.#drop()
    this.#loss = 'now'
    this.#requestTurn()
  }

  breakAfterEnd(): void {
    this.#loss = 'after-end'
    this.#requestTurn()
  }

  discard(): void {
    this.#drop()
    this.#discarding = true
    this.#requestTurn()
  }

  #drop(): void {
    this.#queue = []
    this.#waiting = 0
  }

  #requestTurn(): void {
    if (this.#turnDue) return
    this.#turnDue = true
    this.#defer(() => {
      this.#turnDue = false
      this.#turn()
    })
  }

  #turn(): void {
    if (this.#loss === 'now') {
      this.#loss = 'delivered'
      this.#reader.lost()
      return
    }
    let at = 0
    let delivered = 0
    const batch = this.#queue
    while (this.#reading && at < batch.length && delivered < TURN_BYTES) {
      const chunk = batch[at++] as Uint8Array
      delivered += chunk.length
      this.#waiting -= chunk.length
      this.#reader.data(chunk)
      // The reader broke the link, which replaced the queue and reset the counts.
      if (batch !== this.#queue) break
    }
    if (batch === this.#queue) batch.splice(0, at)
    this.#settle()
    if (this.#queue.length === 0) this.#finish()
    else if (this.#reading) this.#requestTurn()
  }

  #settle(): void {
    const fits = this.#unsettled - Math.max(0, this.#waiting - this.#windowBytes)
    if (fits <= 0) return
    this.#unsettled -= fits
    this.#writer.settled(fits)
  }

  #finish(): void {
    if (this.#end === 'due' && !this.#discarding) {
      this.#end = 'delivered'
      this.#reader.end()
    }
    if (this.#loss === 'after-end') {
      this.#loss = 'delivered'
      this.#reader.lost()
    }
  }
}
