/**
 * The log of the delays of one epoch. Lines are written as packets leave and published, sorted by id, when the epoch is
 * revealed: sorted, because their order would tell the order of packets.
 */
import { AivError } from '../../../core/index.ts'
import { type DelayTimes, LEAF_BYTES, writeLeaf } from './leaf.ts'
import { BUCKETS, type LeafBuckets } from './leaf-buckets.ts'
import { MerkleRoot } from './merkle-root.ts'
import { sortLeaves } from './sort-leaves.ts'

const BUCKET_SHIFT = 2
const BUFFERED_LEAVES = 224

/** More would not fit the sort of a bucket, with room for chance. */
export const MOST_DELAY_LOG_LEAVES = 48 * 2 ** 20

export interface DelayLogSummary {
  readonly count: number
  /** Merkle tree hash of the sorted lines, 32 bytes. */
  readonly root: Uint8Array
}

export class DelayLog {
  readonly #buckets: LeafBuckets
  readonly #mostLeaves: number
  readonly #buffers: Uint8Array[] = []
  readonly #buffered = new Uint16Array(BUCKETS)
  #count: number
  #sealed = false

  /**
   * @param buckets what is in them already belongs to the log: a process that starts again goes on with it
   * @param mostLeaves packets of one epoch; 72 bytes each where the buckets are
   */
  constructor(buckets: LeafBuckets, mostLeaves: number) {
    if (!Number.isSafeInteger(mostLeaves) || mostLeaves < 1 || mostLeaves > MOST_DELAY_LOG_LEAVES)
      throw new AivError('E_USAGE', `a delay log has 1 to ${MOST_DELAY_LOG_LEAVES} lines`)
    this.#buckets = buckets
    this.#count = buckets.count
    this.#mostLeaves = mostLeaves
    for (let i = 0; i < BUCKETS; i++) this.#buffers.push(new Uint8Array(BUFFERED_LEAVES * LEAF_BYTES))
  }

  get count(): number {
    return this.#count
  }

  /**
   * True when no line fits any more. Packets are then dropped before they are delayed: one that leaves without a line
   * makes an honest mix look dishonest.
   */
  get isFull(): boolean {
    return this.#count >= this.#mostLeaves
  }

  /**
   * Writes the line of a packet that leaves. The caller erases tau afterwards.
   * @throws AivError `E_INTERNAL` when the log is full or sealed
   */
  append(tau: Uint8Array, times: DelayTimes): void {
    if (this.isFull || this.#sealed) throw new AivError('E_INTERNAL', 'the delay log takes no more lines')
    const line = new Uint8Array(LEAF_BYTES)
    writeLeaf(line, 0, tau, times)
    const bucket = (line[0] as number) >>> BUCKET_SHIFT
    const buffer = this.#buffers[bucket] as Uint8Array
    const buffered = this.#buffered[bucket] as number
    buffer.set(line, buffered * LEAF_BYTES)
    this.#buffered[bucket] = buffered + 1
    this.#count++
    if (buffered + 1 === BUFFERED_LEAVES) this.#flush(bucket)
  }

  /**
   * Hands all lines to the buckets. Called before the packets of a step are handed out: a packet that left has a line, also
   * when the process is killed.
   */
  flush(): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.#flush(bucket)
  }

  /** Takes no more lines, and hands over those it has. */
  end(): void {
    this.flush()
    this.#sealed = true
  }

  /** Ends the log: its size and root. Takes about two microseconds a line, in a worker thread where there are millions. */
  seal(): DelayLogSummary {
    this.end()
    const merkle = new MerkleRoot()
    for (const leaves of this.leaves())
      for (let at = 0; at < leaves.length; at += LEAF_BYTES) merkle.add(leaves.subarray(at, at + LEAF_BYTES))
    return { count: this.#count, root: merkle.root() }
  }

  /** All lines sorted by id, in parts of whole lines. Only after {@link seal}. */
  *leaves(): Generator<Uint8Array> {
    if (!this.#sealed) throw new AivError('E_INTERNAL', 'a delay log is read before its end')
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const sorted = sortLeaves(this.#buckets.read(bucket))
      if (sorted.length > 0) yield sorted
    }
  }

  /** Forgets all lines. */
  discard(): void {
    this.#sealed = true
    this.#buffered.fill(0)
    for (const buffer of this.#buffers) buffer.fill(0)
    this.#buckets.discard()
  }

  /** Sorted already here, so that a disk that is taken away tells little about the order of packets. */
  #flush(bucket: number): void {
    const bytes = (this.#buffered[bucket] as number) * LEAF_BYTES
    if (bytes === 0) return
    const buffer = this.#buffers[bucket] as Uint8Array
    this.#buckets.append(bucket, sortLeaves(buffer.subarray(0, bytes)))
    this.#buffered[bucket] = 0
  }
}
