/** Cuts a byte stream into packets of one size: they follow one another without anything between them. */

export class PacketReader {
  readonly #packetBytes: number
  readonly #onPacket: (packet: Uint8Array) => void
  /** The beginning of a packet whose rest has not come. */
  readonly #partial: Uint8Array
  #partialBytes = 0

  /** @param onPacket gets a view that is valid during the call only */
  constructor(packetBytes: number, onPacket: (packet: Uint8Array) => void) {
    this.#packetBytes = packetBytes
    this.#onPacket = onPacket
    this.#partial = new Uint8Array(packetBytes)
  }

  /** Bytes of a packet that is not whole. */
  get partialBytes(): number {
    return this.#partialBytes
  }

  push(chunk: Uint8Array): void {
    let at = this.#complete(chunk)
    for (; at + this.#packetBytes <= chunk.length; at += this.#packetBytes)
      this.#onPacket(chunk.subarray(at, at + this.#packetBytes))
    this.#partial.set(chunk.subarray(at), this.#partialBytes)
    this.#partialBytes += chunk.length - at
  }

  /** Fills up what was begun; returns how many bytes that took. */
  #complete(chunk: Uint8Array): number {
    if (this.#partialBytes === 0) return 0
    const taken = Math.min(this.#packetBytes - this.#partialBytes, chunk.length)
    this.#partial.set(chunk.subarray(0, taken), this.#partialBytes)
    this.#partialBytes += taken
    if (this.#partialBytes === this.#packetBytes) {
      this.#partialBytes = 0
      this.#onPacket(this.#partial)
    }
    return taken
  }
}
