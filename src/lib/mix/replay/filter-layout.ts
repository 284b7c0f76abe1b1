/** How many tags a replay filter of given memory holds, and where its parts stand in that memory. */
import { AivError } from '../../core/index.ts'
import { tagsPerBlock } from './block-load.ts'
import {
  BLOCK_BITS_LOG2,
  DEFAULT_FALSE_POSITIVE_RATE,
  DEFAULT_FILTER_BYTES,
  DEFAULT_JOURNAL_TAGS,
  LEAST_FILTER_BYTES,
  LINE_WORDS,
  MOST_FILTER_BYTES,
  MOST_WORKERS,
  SHARDS,
} from './constants.ts'

/** 32-bit words of a block. */
export const BLOCK_WORDS = 2 ** BLOCK_BITS_LOG2 / 32

export interface ReplayFilterSize {
  /** Memory of the whole filter, locks and journals included; 80 MiB unless given. */
  readonly bytes?: number | undefined
  /** Chance that a fresh packet is taken for a replay once the filter is full, 1e-9 to 0.1; 1e-5 unless given. */
  readonly falsePositiveRate?: number | undefined
  /** Threads that insert tags, 1 to 64; 1 unless given. */
  readonly workers?: number | undefined
  /** Tags that each worker may have waiting for the disk, a power of two; 0 for a filter that is never written to disk. */
  readonly journalTags?: number | undefined
}

/** Places are counted in 32-bit words from the start of the memory. */
export interface FilterLayout {
  readonly workers: number
  readonly blocks: number
  /** Bits that a tag sets. */
  readonly probes: number
  /** Most tags before the rate of false positives would pass what was asked for. */
  readonly capacity: number
  readonly journalTags: number
  /** Number of tags in the filter. */
  readonly countAt: number
  /** Not zero once nothing more may be accepted. */
  readonly closedAt: number
  /** One line a worker: tags written to its journal, tags of it that are durable. */
  readonly workersAt: number
  /** One line a lock. */
  readonly locksAt: number
  readonly journalsAt: number
  readonly bitsAt: number
  readonly totalBytes: number
}

/**
 * Lays a filter out.
 * @throws AivError `E_USAGE` when the numbers do not go together
 */
export function layOutFilter(size: ReplayFilterSize): FilterLayout {
  const { bytes = DEFAULT_FILTER_BYTES, falsePositiveRate = DEFAULT_FALSE_POSITIVE_RATE } = size
  const { workers = 1, journalTags = DEFAULT_JOURNAL_TAGS } = size
  requireWhole(bytes, LEAST_FILTER_BYTES, MOST_FILTER_BYTES, 'the memory of a replay filter in bytes')
  requireWhole(workers, 1, MOST_WORKERS, 'the number of workers')
  requireWhole(journalTags, 0, 2 ** 20, 'the length of a journal')
  if ((journalTags & (journalTags - 1)) !== 0)
    throw new AivError('E_USAGE', 'the length of a journal is a power of two')
  if (!(falsePositiveRate >= 1e-9 && falsePositiveRate <= 0.1))
    throw new AivError('E_USAGE', 'the rate of false positives is from 0.000000001 to 0.1')
  const probes = Math.max(1, Math.floor(Math.log2(1 / falsePositiveRate)))
  const journalsAt = LINE_WORDS * (1 + workers + SHARDS)
  // Blocks begin where no block lies across two pages.
  const bitsAt = Math.ceil((journalsAt + 2 * journalTags * workers) / BLOCK_WORDS) * BLOCK_WORDS
  const blocks = Math.floor((Math.floor(bytes / 4) - bitsAt) / BLOCK_WORDS)
  const capacity = Math.floor(blocks * tagsPerBlock(falsePositiveRate, probes))
  if (capacity < 1)
    throw new AivError('E_USAGE', `a replay filter for ${workers} workers needs more than ${bytes} bytes`, {
      hint: 'Give it more memory.',
    })
  return {
    workers,
    blocks,
    probes,
    capacity,
    journalTags,
    countAt: 0,
    closedAt: 1,
    workersAt: LINE_WORDS,
    locksAt: LINE_WORDS * (1 + workers),
    journalsAt,
    bitsAt,
    totalBytes: 4 * (bitsAt + blocks * BLOCK_WORDS),
  }
}

function requireWhole(value: number, least: number, most: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new AivError('E_USAGE', `${what} is a whole number from ${least} to ${most}`)
}

/**
 * Packets a second that a filter carries without ever being full, through the time in which its key is accepted.
 * @param acceptedMs the key epoch with its overlaps
 */
export function carriedRate(capacity: number, acceptedMs: number): number {
  return (capacity * 1000) / acceptedMs
}
