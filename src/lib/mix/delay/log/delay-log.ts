/**
 * The log of the delays of one epoch. Lines are written as packets leave and published, sorted by id, when the epoch is
 * revealed: sorted, because their order would tell the order of packets.
 */
import { AivError, readU16 } from '../../../core/index.ts'
import { type DelayTimes, LEAF_BYTES, writeLeaf } from './leaf.ts'
import type { LeafStore } from './leaf-store.ts'
import { MerkleRoot } from './merkle-root.ts'
import { sortLeaves } from './sort-leaves.ts'

/** Lines that wait for the store. */
const BUFFERED_LEAVES = 1_024

/** Lines that are sorted at once, about: 36 MB. The log is read once for each such share of the ids, which are random. */
const SORTED_LEAVES = 2 ** 19
const PREFIXES = 2 ** 16

/** More than this is no epoch of a mix: 3.6 GB. */
export const MOST_DELAY_LOG_LEAVES = 48 * 2 ** 20

export interface DelayLogSummary {
  readonly count: number
  /** Merkle tree hash of the sorted lines, 32 bytes. */
  readonly root: Uint8Array
}

export class DelayLog {
  readonly #store: LeafStore
  readonly #mostLeaves: number
  readonly #sortedLeaves: number
  readonly #buffer = new Uint8Array(BUFFERED_LEAVES * LEAF_BYTES)
  #buffered = 0
  #isSealed = false

  /**
   * @param store what is in it already belongs to the log: a process that starts again goes on with it
   * @param mostLeaves packets of one epoch; 72 bytes each where the store is
   * @param sortedLeaves lines that are held in memory at once when the log is sealed
   */
  constructor(store: LeafStore, mostLeaves: number, sortedLeaves: number = SORTED_LEAVES) {
    if (!Number.isSafeInteger(mostLeaves) || mostLeaves < 1 || mostLeaves > MOST_DELAY_LOG_LEAVES)
      throw new AivError('E_USAGE', `a delay log has 1 to ${MOST_DELAY_LOG_LEAVES} lines`)
    this.#store = store
    this.#mostLeaves = mostLeaves
    this.#sortedLeaves = sortedLeaves
  }

  get count(): number {
    return this.#store.count + this.#buffered
  }

  /**
   * True when no line fits any more. Packets are then dropped before they are delayed: one that leaves without a line
   * makes an honest mix look dishonest.
   */
  get isFull(): boolean {
    return this.count >= this.#mostLeaves
  }

  /**
   * Writes the line of a packet that leaves. The caller erases tau afterwards.
   * @throws AivError `E_INTERNAL` when the log is full or sealed
   */
  append(tau: Uint8Array, times: DelayTimes): void {
    if (this.isFull || this.#isSealed) throw new AivError('E_INTERNAL', 'the delay log takes no more lines')
    writeLeaf(this.#buffer, this.#buffered * LEAF_BYTES, tau, times)
    this.#buffered++
    if (this.#buffered === BUFFERED_LEAVES) this.flush()
  }

  /**
   * Hands all lines to the store. Called before the packets of a step are handed out: a packet that left has a line, also
   * when the process is killed. Lines of a step are sorted, so that a disk that is taken away tells less about their order.
   */
  flush(): void {
    if (this.#buffered === 0) return
    this.#store.append(sortLeaves(this.#buffer.subarray(0, this.#buffered * LEAF_BYTES)))
    this.#buffered = 0
  }

  /** Takes no more lines, and hands over those it has. */
  end(): void {
    this.flush()
    this.#isSealed = true
  }

  /** Ends the log: its size and root. Takes microseconds a line; in a thread of its own where there are millions. */
  seal(): DelayLogSummary {
    this.end()
    const merkle = new MerkleRoot()
    for (const leaves of this.leaves())
      for (let at = 0; at < leaves.length; at += LEAF_BYTES) merkle.add(leaves.subarray(at, at + LEAF_BYTES))
    return { count: this.count, root: merkle.root() }
  }

  /** All lines sorted by id, in parts of whole lines. Only after {@link seal}. */
  *leaves(): Generator<Uint8Array> {
    if (!this.#isSealed) throw new AivError('E_INTERNAL', 'a delay log is read before its end')
    const shares = Math.max(1, Math.ceil(this.count / this.#sortedLeaves))
    const startOf = (share: number): number => Math.floor((share * PREFIXES) / shares)
    for (let share = 0; share < shares; share++) {
      const sorted = sortLeaves(this.#between(startOf(share), startOf(share + 1)))
      if (sorted.length > 0) yield sorted
    }
  }

  /** Forgets all lines. */
  discard(): void {
    this.#isSealed = true
    this.#buffered = 0
    this.#buffer.fill(0)
    this.#store.discard()
  }

  /** Lines whose ids begin with 16 bits from `low` to below `high`. */
  #between(low: number, high: number): Uint8Array {
    let out = new Uint8Array(Math.min(this.count, this.#sortedLeaves) * LEAF_BYTES)
    let length = 0
    for (const leaves of this.#store.read())
      for (let at = 0; at < leaves.length; at += LEAF_BYTES) {
        const prefix = readU16(leaves, at)
        if (prefix < low || prefix >= high) continue
        if (length === out.length) out = grown(out)
        out.set(leaves.subarray(at, at + LEAF_BYTES), length)
        length += LEAF_BYTES
      }
    return out.subarray(0, length)
  }
}

function grown(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length + Math.ceil(bytes.length / 8 / LEAF_BYTES) * LEAF_BYTES)
  out.set(bytes)
  return out
}
