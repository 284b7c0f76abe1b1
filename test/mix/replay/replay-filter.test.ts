import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { ReplayFilter, type ReplayFilterOptions } from '../../../src/lib/mix/replay/index.ts'
import { tagBlock, tagOf } from './tags.ts'

const SECRET = Uint8Array.from({ length: 16 }, (_, i) => 7 * i + 1)

function filterOf(options: Partial<ReplayFilterOptions> = {}): ReplayFilter {
  return new ReplayFilter({ bytes: 65_536, secret: SECRET, journalTags: 0, ...options })
}

/** How many of the tags the filter wrongly knows. */
function falsePositives(filter: ReplayFilter, tags: Uint8Array): number {
  let found = 0
  for (let i = 0; i < tags.length / 32; i++) if (filter.contains(tagOf(tags, i))) found++
  return found
}

describe('a replay filter', () => {
  it('lets a tag through once', () => {
    const filter = filterOf()
    const tags = tagBlock(1, 1000)
    for (let i = 0; i < 1000; i++) expect(filter.insert(tagOf(tags, i))).toBe('new')
    for (let i = 0; i < 1000; i++) expect(filter.insert(tagOf(tags, i))).toBe('seen')
    expect(filter.count).toBe(1000)
  })

  it('keeps every tag that it took and takes no more when it is full', () => {
    const filter = filterOf({ bytes: 16_384 })
    const tags = tagBlock(2, filter.capacity + 500)
    const verdicts = Array.from({ length: filter.capacity + 500 }, (_, i) => filter.insert(tagOf(tags, i)))
    expect(verdicts.filter((verdict) => verdict === 'new')).toHaveLength(filter.capacity)
    expect(verdicts.lastIndexOf('new')).toBeLessThan(verdicts.indexOf('full'))
    expect(filter.count).toBe(filter.capacity)
    const known = verdicts.flatMap((verdict, i) => (verdict === 'new' ? [i] : []))
    expect(known.every((i) => filter.insert(tagOf(tags, i)) === 'seen')).toBe(true)
  })

  it('wrongly knows no more of a million tags, when it holds a million, than it was made for', () => {
    // Poisson of mean 10: 25 or more have a chance of 5e-5.
    const filter = filterOf({ bytes: 3_030_000 })
    expect(filter.capacity).toBeGreaterThanOrEqual(1_000_000)
    const tags = tagBlock(3, filter.capacity)
    for (let i = 0; i < filter.capacity; i++) filter.insert(tagOf(tags, i))
    expect(falsePositives(filter, tagBlock(4, 1_000_000))).toBeLessThan(25)
  })

  it('has the rate that was asked for, and one that holds a tenth less fails that test', () => {
    // 200,000 trials at 0.01: mean 2000, standard deviation 44.5, and 14 from the loads of 193 blocks; five of both.
    const rateAt = (bytesPerTag: number): number => {
      const filter = filterOf({ bytes: 400_000, falsePositiveRate: 0.01 })
      const count = Math.floor(400_000 / bytesPerTag)
      const tags = tagBlock(5, count)
      for (let i = 0; i < count; i++) filter.insert(tagOf(tags, i))
      return falsePositives(filter, tagBlock(6, 200_000))
    }
    const bytesPerTag = 400_000 / filterOf({ bytes: 400_000, falsePositiveRate: 0.01 }).capacity
    expect(Math.abs(rateAt(bytesPerTag) - 2000)).toBeLessThan(235)
    expect(Math.abs(rateAt(1.1 * bytesPerTag) - 2000)).toBeGreaterThan(235)
  })

  it('places the same tags elsewhere under another secret', () => {
    const filter = filterOf({ bytes: 16_384 })
    const other = filterOf({ bytes: 16_384, secret: SECRET.map((byte) => byte ^ 1) })
    const tags = tagBlock(7, 500)
    for (let i = 0; i < 500; i++) filter.insert(tagOf(tags, i))
    const words = (of: ReplayFilter): string => Buffer.from(of.share().memory).toString('hex')
    expect(words(filter)).not.toBe(words(other))
    for (let i = 0; i < 500; i++) other.insert(tagOf(tags, i))
    expect(words(filter)).not.toBe(words(other))
  })

  it('gives each of many tags to exactly one of the threads that insert them at the same time', async () => {
    const workers = 4
    const tags = tagBlock(8, 40_000)
    const shared = filterOf({ bytes: 400_000, workers }).share()
    const gate = new SharedArrayBuffer(4)
    const won = await Promise.all(
      Array.from({ length: workers }, async (_, worker) => {
        const thread = new Worker(new URL('./insert-worker.ts', import.meta.url), {
          workerData: { filter: shared, worker, tags, gate },
          execArgv: [],
        })
        const [indices] = (await once(thread, 'message')) as [number[]]
        return indices
      }),
    )
    const all = won.flat()
    expect(new Set(all).size).toBe(all.length)
    // Two of forty thousand could be false positives; ten would be a defect.
    expect(all.length).toBeGreaterThan(39_990)
    expect(ReplayFilter.attach(shared, 0).count).toBe(all.length)
  })

  it('goes on after a thread died within an insertion', () => {
    const filter = filterOf({ workers: 2 })
    const tags = tagBlock(9, 1)
    const { layout } = filter
    // As if worker 1 had died with every lock in its hands.
    const words = new Int32Array(filter.share().memory)
    for (let at = layout.locksAt; at < layout.journalsAt; at += 16) Atomics.store(words, at, 2)
    filter.releaseLocksOf(1)
    expect(filter.insert(tagOf(tags, 0))).toBe('new')
  })

  it('frees no lock of a thread that lives', () => {
    const filter = filterOf({ workers: 3 })
    const words = new Int32Array(filter.share().memory)
    Atomics.store(words, filter.layout.locksAt, 3)
    filter.releaseLocksOf(1)
    expect(Atomics.load(words, filter.layout.locksAt)).toBe(3)
  })

  it('takes nothing once it is closed and still knows what it took', () => {
    const filter = filterOf()
    const tags = tagBlock(10, 2)
    filter.insert(tagOf(tags, 0))
    filter.close()
    expect(filter.insert(tagOf(tags, 1))).toBe('behind')
    expect(filter.insert(tagOf(tags, 0))).toBe('seen')
  })
})
