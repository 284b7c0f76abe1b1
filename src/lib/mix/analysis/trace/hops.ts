/** Makes the columns of a trace. */
import type { Hops } from './trace.ts'

const FIRST_ROOM = 1024

/** Hops are added one by one; room doubles when it is used up. */
export class HopBuilder {
  #count = 0
  #node = new Uint32Array(FIRST_ROOM)
  #inUs = new Float64Array(FIRST_ROOM)
  #outUs = new Float64Array(FIRST_ROOM)
  #previous = new Int32Array(FIRST_ROOM)

  get count(): number {
    return this.#count
  }

  /**
   * @param previous the visit from which the packet came, -1 from outside
   * @returns the number of this visit
   */
  add(node: number, inUs: number, outUs: number, previous: number): number {
    if (this.#count === this.#node.length) this.#grow()
    const hop = this.#count++
    this.#node[hop] = node
    this.#inUs[hop] = inUs
    this.#outUs[hop] = outUs
    this.#previous[hop] = previous
    return hop
  }

  /** Says later where a packet came from. */
  link(previous: number, hop: number): void {
    this.#previous[hop] = previous
  }

  build(): Hops {
    const previous = this.#previous.slice(0, this.#count)
    const next = new Int32Array(this.#count).fill(-1)
    for (const [hop, from] of previous.entries()) if (from >= 0) next[from] = hop
    return {
      count: this.#count,
      node: this.#node.slice(0, this.#count),
      inUs: this.#inUs.slice(0, this.#count),
      outUs: this.#outUs.slice(0, this.#count),
      previous,
      next,
    }
  }

  #grow(): void {
    const room = this.#node.length * 2
    const [node, inUs, outUs, previous] = [this.#node, this.#inUs, this.#outUs, this.#previous]
    this.#node = new Uint32Array(room)
    this.#inUs = new Float64Array(room)
    this.#outUs = new Float64Array(room)
    this.#previous = new Int32Array(room)
    this.#node.set(node)
    this.#inUs.set(inUs)
    this.#outUs.set(outUs)
    this.#previous.set(previous)
  }
}
