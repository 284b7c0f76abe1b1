import { type Duplex, PassThrough, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import {
  BulkReceiver,
  type BulkSink,
  nodeSink,
  receiveFrom,
  sendBulk,
} from '../../../src/lib/htx/bench/bulk.ts'
import { CHUNK_BYTES } from '../../../src/lib/htx/bench/constants.ts'
import { PatternSource } from '../../../src/lib/htx/bench/pattern.ts'

/** Takes one chunk a millisecond. */
function slowSink(clock: ManualClock, written: Uint8Array[]): BulkSink {
  return {
    async write(chunk) {
      written.push(chunk)
      clock.advance(1)
    },
    end: async () => {},
  }
}

function length(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0)
}

describe('the sender of a bulk measurement', () => {
  it('sends the warm-up and then the bytes it was asked for, exactly', async () => {
    const clock = new ManualClock()
    const written: Uint8Array[] = []
    const plan = { streams: 1, warmUpBytes: 100_000, durationMs: 0, bytes: 1_000_001 }
    const report = await sendBulk([slowSink(clock, written)], plan, clock)
    expect(length(written)).toBe(1_100_001)
    // The warm-up ends with the chunk that completes it.
    expect(report).toMatchObject({ bytes: 1_100_001, measuredBytes: 1_100_001 - 2 * CHUNK_BYTES })
  })

  it('sends for a time that starts after the warm-up', async () => {
    const clock = new ManualClock()
    const written: Uint8Array[] = []
    const plan = { streams: 1, warmUpBytes: 10 * CHUNK_BYTES, durationMs: 25 }
    const report = await sendBulk([slowSink(clock, written)], plan, clock)
    expect(written).toHaveLength(10 + 25 - 1)
    expect(report.elapsedMs).toBe(25)
  })

  it('shares the work among its streams, each with the pattern from the start', async () => {
    const clock = new ManualClock()
    const [first, second]: [Uint8Array[], Uint8Array[]] = [[], []]
    const plan = { streams: 2, warmUpBytes: 0, durationMs: 0, bytes: 8 * CHUNK_BYTES }
    await sendBulk([slowSink(clock, first), slowSink(clock, second)], plan, clock)
    expect(length(first) + length(second)).toBe(8 * CHUNK_BYTES)
    expect(Buffer.compare(first[0] as Uint8Array, second[0] as Uint8Array)).toBe(0)
  })

  it('fails when its stream breaks while it waits for it', async () => {
    const stuck = new Writable({ highWaterMark: 1, write: () => {} })
    const sending = sendBulk(
      [nodeSink(stuck)],
      { streams: 1, warmUpBytes: 0, durationMs: 1_000 },
      new ManualClock(),
    )
    stuck.destroy()
    await expect(sending).rejects.toMatchObject({ code: 'E_LINK_LOST' })
  })
})

describe('the receiver of a bulk measurement', () => {
  it('counts all bytes, and time and rate from the end of the warm-up', async () => {
    const clock = new ManualClock()
    const receiver = new BulkReceiver({ streams: 1, warmUpBytes: 1000, durationMs: 0 }, clock)
    const stream = receiver.accept()
    const pattern = new PatternSource()
    clock.advance(500)
    stream.chunk(pattern.next(999))
    clock.advance(500)
    stream.chunk(pattern.next(1))
    clock.advance(20)
    stream.chunk(pattern.next(5000))
    stream.end()
    expect(await receiver.done).toMatchObject({ bytes: 6000, measuredBytes: 5000, elapsedMs: 20 })
  })

  it('is done when the last of its streams has ended', async () => {
    const receiver = new BulkReceiver({ streams: 2, warmUpBytes: 0, durationMs: 0 }, new ManualClock())
    const [first, second] = [receiver.accept(), receiver.accept()]
    first.chunk(new PatternSource().next(10))
    first.end()
    const early = await Promise.race([receiver.done, Promise.resolve('not yet')])
    expect(early).toBe('not yet')
    second.end()
    expect(await receiver.done).toMatchObject({ bytes: 10 })
  })

  it('fails on a byte that was not sent', async () => {
    const receiver = new BulkReceiver({ streams: 1, warmUpBytes: 0, durationMs: 0 }, new ManualClock())
    const wrong = new PatternSource().next(10).slice()
    wrong[3] = (wrong[3] as number) ^ 1
    receiver.accept().chunk(wrong)
    await expect(receiver.done).rejects.toMatchObject({ code: 'E_INTERNAL' })
  })

  it('fails when a stream breaks before its end, and not after it', async () => {
    const receive = async (pass: Duplex): Promise<unknown> => {
      const receiver = new BulkReceiver({ streams: 1, warmUpBytes: 0, durationMs: 0 }, new ManualClock())
      receiveFrom(pass, receiver.accept())
      return await receiver.done
    }
    const broken = new PassThrough()
    const failure = expect(receive(broken)).rejects.toMatchObject({ code: 'E_LINK_LOST' })
    broken.destroy()
    await failure

    const whole = new PassThrough()
    const done = receive(whole)
    whole.end(new PatternSource().next(10))
    await finished(whole)
    whole.destroy()
    expect(await done).toMatchObject({ bytes: 10 })
  })
})
