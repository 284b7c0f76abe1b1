import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import UtlsBench from '../../../src/commands/utls/bench.ts'
import { selectByName } from '../../../src/lib/bench/index.ts'
import { systemClock } from '../../../src/lib/core/index.ts'
import { MEASUREMENTS, runBench, type TlsBenchReport } from '../../../src/lib/tls/bench/index.ts'

const CAPTURE_BYTES = 20_000_000

function run(
  only: readonly string[],
  runs: number,
  { signal = new AbortController().signal, captureBytes = CAPTURE_BYTES } = {},
): Promise<TlsBenchReport> {
  return runBench({
    measurements: selectByName(only, MEASUREMENTS),
    runs,
    captureBytes,
    clock: systemClock,
    signal,
  })
}

describe('the benchmarks of TLS', () => {
  it('say how much was read, and how many hellos were in it', async () => {
    const { captureBytes, results } = await run(['fingerprint.pcap', 'fingerprint.hellos'], 2)
    const [capture, hellos] = results
    expect(captureBytes).toBe(CAPTURE_BYTES)
    expect(capture).toMatchObject({ name: 'fingerprint.pcap', unit: 'MB/s', runs: 2, processes: 1 })
    // Two runs, and what no whole packet fitted into is left out.
    expect(capture?.bytes).toBeGreaterThan(2 * (CAPTURE_BYTES - 2_000))
    expect(capture?.bytes).toBeLessThanOrEqual(2 * CAPTURE_BYTES)
    expect(capture?.packets).toBeGreaterThan(CAPTURE_BYTES / 2_000)
    expect(capture?.clientHellos).toBeGreaterThan(100)
    expect(hellos).toMatchObject({ name: 'fingerprint.hellos', unit: 'hellos/s', runs: 2, samples: 2 })
    // Far below what they reach: a busy machine must not fail a test.
    expect(capture?.value).toBeGreaterThan(20)
    expect(hellos?.value).toBeGreaterThan(1_000)
  }, 60_000)

  it('match hellos with the browser that they are of', async () => {
    const { results } = await run(['match.hellos'], 1)
    expect(results).toMatchObject([{ name: 'match.hellos', unit: 'hellos/s', hellos: 10_000 }])
    expect(results[0]?.value).toBeGreaterThan(200)
  }, 60_000)

  it('weigh a process that does nothing else, once, and see that it does not hold what it read', async () => {
    const { results } = await run(['fingerprint.memory'], 3, { captureBytes: 100_000_000 })
    const [memory] = results
    expect(memory).toMatchObject({ name: 'fingerprint.memory', unit: 'MB', runs: 1 })
    expect(memory?.beforeMB).toBeGreaterThan(20)
    expect(memory?.value).toBeCloseTo(Number(memory?.peakMB) - Number(memory?.beforeMB), 0)
    expect(memory?.value).toBeGreaterThan(0)
    // One that holds what it reads grows by 100 MB and more.
    expect(memory?.value).toBeLessThan(80)
  }, 60_000)

  it('time each hello that is built', async () => {
    const { results } = await run(['hello.build'], 2)
    expect(results).toMatchObject([{ name: 'hello.build', unit: 'ms', samples: 1000, runs: 2 }])
    expect(results[0]?.p50).toBeGreaterThan(0)
    expect(results[0]?.p95).toBeGreaterThanOrEqual(results[0]?.p50 as number)
  }, 60_000)

  it('stop when they are interrupted', async () => {
    const controller = new AbortController()
    const reason = new Error('interrupted')
    const running = run(['fingerprint.memory'], 1, { signal: controller.signal })
    setImmediate(() => controller.abort(reason))
    await expect(running).rejects.toBe(reason)
  })

  it('explain every name where people look for it', () => {
    const names = MEASUREMENTS.map(({ name }) => name)
    const guide = readFileSync(new URL('../../../docs/benchmarks.md', import.meta.url), 'utf8')
    expect(names.filter((name) => !guide.includes(`\`${name}\``))).toEqual([])
    expect(names.filter((name) => !UtlsBench.description.includes(name))).toEqual([])
  })
})
