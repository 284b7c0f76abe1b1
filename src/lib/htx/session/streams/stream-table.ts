/** Stream ids of a session: parity, order, and which ids are open, closed for good, or never used (section 6.1). */
import type { StreamId } from '../../frames/index.ts'
import type { MuxStream } from './mux-stream.ts'

/** What an id that is not open means. */
export type IdState =
  /** The peer's parity, above all it used before. */
  | 'new'
  /** Was open, or was skipped. */
  | 'closed'
  /** Our parity, never opened by us. */
  | 'unopened'

export class StreamTable {
  readonly #ownParity: 0 | 1
  readonly #open = new Map<StreamId, MuxStream>()
  #nextOwn: number
  #highestOfPeer: StreamId = 0
  #openByPeer = 0
  #openByUs = 0

  constructor(role: 'client' | 'server') {
    this.#ownParity = role === 'client' ? 1 : 0
    this.#nextOwn = role === 'client' ? 1 : 2
  }

  get size(): number {
    return this.#open.size
  }

  get openByPeer(): number {
    return this.#openByPeer
  }

  get openByUs(): number {
    return this.#openByUs
  }

  /** Highest id of the peer so far, 0 before the first. */
  get highestOfPeer(): StreamId {
    return this.#highestOfPeer
  }

  get(id: StreamId): MuxStream | undefined {
    return this.#open.get(id)
  }

  values(): IterableIterator<MuxStream> {
    return this.#open.values()
  }

  /** Of an id that `get` does not know. */
  stateOf(id: StreamId): IdState {
    if (parityOf(id) === this.#ownParity) return id < this.#nextOwn ? 'closed' : 'unopened'
    return id > this.#highestOfPeer ? 'new' : 'closed'
  }

  /** Our ids stay numbers: beyond 2^53 there are none. */
  get exhausted(): boolean {
    return this.#nextOwn > Number.MAX_SAFE_INTEGER
  }

  /** The next id of ours. */
  allocate(): number {
    const id = this.#nextOwn
    this.#nextOwn += 2
    return id
  }

  /** The peer used this id; it and all below are spent. */
  spend(id: StreamId): void {
    this.#highestOfPeer = id
  }

  /** For replaying recorded sessions: our next id, of our parity, not below the current one. */
  skipTo(id: number): void {
    if (id >= this.#nextOwn && id % 2 === this.#ownParity) this.#nextOwn = id
  }

  add(stream: MuxStream): void {
    this.#open.set(stream.id, stream)
    if (stream.byPeer) this.#openByPeer++
    else this.#openByUs++
  }

  delete(stream: MuxStream): void {
    if (!this.#open.delete(stream.id)) return
    if (stream.byPeer) this.#openByPeer--
    else this.#openByUs--
  }

  clear(): void {
    this.#open.clear()
    this.#openByPeer = 0
    this.#openByUs = 0
  }
}

function parityOf(id: StreamId): 0 | 1 {
  return (typeof id === 'number' ? id % 2 : Number(id & 1n)) as 0 | 1
}
