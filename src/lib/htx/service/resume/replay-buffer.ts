/** What was sent and not yet acknowledged, by its place in the service, to be sent again over the next link. */

const BLOCK = { least: 4096, most: 65_536 } as const
/** Empty blocks that are filled again: fresh memory is cold, and has to be cleared. */
const SPARE_MOST = 8

interface Block {
  /** Place of its first byte. */
  readonly at: number
  readonly bytes: Uint8Array
  used: number
}

export class ReplayBuffer {
  #blocks: Block[] = []
  readonly #spare: Uint8Array[] = []
  #start = 0
  #end = 0
  #capacity = 0

  /** Place of the first byte that is kept. */
  get start(): number {
    return this.#start
  }

  /** Place behind the last byte. */
  get end(): number {
    return this.#end
  }

  get bytes(): number {
    return this.#end - this.#start
  }

  /** Memory that is taken for them, bytes. */
  get capacity(): number {
    return this.#capacity
  }

  /** Appends a copy: the writer frees its memory long before the peer has acknowledged. */
  append(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      const block = this.#roomyBlock(bytes.length - at)
      const part = bytes.subarray(at, at + block.bytes.length - block.used)
      block.bytes.set(part, block.used)
      block.used += part.length
      this.#end += part.length
      at += part.length
    }
  }

  /** Forgets what lies before `place`. */
  dropTo(place: number): void {
    this.#start = place
    let gone = 0
    for (const { at, bytes, used } of this.#blocks) {
      // The last block goes on being filled.
      if (at + used > place || used < bytes.length) break
      gone++
    }
    for (const { bytes } of this.#blocks.splice(0, gone)) {
      if (bytes.length === BLOCK.most && this.#spare.length < SPARE_MOST) this.#spare.push(bytes)
      else this.#capacity -= bytes.length
    }
    // A thousand services that rest would otherwise hold half a gigabyte of nothing.
    if (place === this.#end && this.#capacity > BLOCK.least) this.clear()
  }

  /** The bytes from `place`, which must be kept, as far as they lie together; at most `most`. */
  read(place: number, most: number): Uint8Array {
    let low = 0
    let high = this.#blocks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((this.#blocks[middle] as Block).at <= place) low = middle
      else high = middle - 1
    }
    const { at, bytes, used } = this.#blocks[low] as Block
    return bytes.subarray(place - at, Math.min(used, place - at + most))
  }

  clear(): void {
    this.#blocks = []
    this.#spare.length = 0
    this.#capacity = 0
    this.#start = this.#end
  }

  #roomyBlock(wanted: number): Block {
    const last = this.#blocks.at(-1)
    if (last !== undefined && last.used < last.bytes.length) return last
    const length = Math.max(BLOCK.least, Math.min(BLOCK.most, wanted))
    const spare = length === BLOCK.most ? this.#spare.pop() : undefined
    if (spare === undefined) this.#capacity += length
    const block = { at: this.#end, bytes: spare ?? new Uint8Array(length), used: 0 }
    this.#blocks.push(block)
    return block
  }
}
