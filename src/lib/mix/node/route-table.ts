/** The nodes that packets may go on to, by node id: looked up for every packet without allocating. */
import { AivError } from '../../core/index.ts'

const ID_BYTES = 32
const EMPTY = -1

export class RouteTable {
  readonly #ids: readonly Uint8Array[]
  /** Route numbers by the first four bytes of their ids, open addressing with linear probing. */
  readonly #buckets: Int32Array
  readonly #mask: number

  /**
   * @param ids 32 bytes each; a node's place in the list is its route
   * @throws AivError `E_MALFORMED` for an id of another length or one that is listed twice
   */
  constructor(ids: readonly Uint8Array[]) {
    this.#ids = ids
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, ids.length * 4)))
    this.#mask = size - 1
    this.#buckets = new Int32Array(size).fill(EMPTY)
    for (const [route, id] of ids.entries()) this.#insert(route, id)
  }

  get size(): number {
    return this.#ids.length
  }

  /** @param at offset of a node id of 32 bytes @returns its route, or -1 */
  find(bytes: Uint8Array, at: number): number {
    let bucket = firstWord(bytes, at) & this.#mask
    for (;;) {
      const route = this.#buckets[bucket] as number
      if (route === EMPTY || isEqual(this.#ids[route] as Uint8Array, bytes, at)) return route
      bucket = (bucket + 1) & this.#mask
    }
  }

  #insert(route: number, id: Uint8Array): void {
    if (id.length !== ID_BYTES) throw new AivError('E_MALFORMED', 'a node id has 32 bytes')
    if (this.find(id, 0) !== EMPTY) throw new AivError('E_MALFORMED', 'a node is listed twice')
    let bucket = firstWord(id, 0) & this.#mask
    while (this.#buckets[bucket] !== EMPTY) bucket = (bucket + 1) & this.#mask
    this.#buckets[bucket] = route
  }
}

function firstWord(bytes: Uint8Array, at: number): number {
  let word = 0
  for (let i = at; i < at + 4; i++) word = (word << 8) | (bytes[i] as number)
  return word
}

/** Node ids are public: the comparison may end early. */
function isEqual(id: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < ID_BYTES; i++) if (id[i] !== bytes[at + i]) return false
  return true
}
