import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import HtxBench from '../../../src/commands/htx/bench.ts'
import { countTurns } from '../../../src/lib/bench/index.ts'
import {
  type BenchSettings,
  bulkMeasurement,
  DEFAULT_SETTINGS,
  type HtxBenchReport,
  MEASUREMENTS,
  type Measurement,
  RATIOS,
  runBench,
  selectMeasurements,
} from '../../../src/lib/htx/bench/index.ts'

const MIB = 1024 * 1024
const never = new AbortController().signal

const SMALL: BenchSettings = {
  ...DEFAULT_SETTINGS,
  runs: 2,
  bytes: 4 * MIB,
  warmUpBytes: MIB,
  idleSessions: 20,
  settleMs: 0,
  longSessionBytes: 8 * MIB,
  handshakesLeast: 10,
}

function run(only: readonly string[], settings: Partial<BenchSettings> = {}): Promise<HtxBenchReport> {
  return runBench({
    ...selectMeasurements(only, undefined),
    settings: { ...SMALL, ...settings },
    signal: never,
  })
}

function unreliable(transport: string): Measurement {
  const entry = new URL('./children/unreliable-worker.ts', import.meta.url)
  return bulkMeasurement({ name: `stream.${transport}`, link: 'tcp', transport, entry })
}

function runUnreliable(transport: string): Promise<HtxBenchReport> {
  return runBench({ measurements: [unreliable(transport)], ratios: [], settings: SMALL, signal: never })
}

describe('a bulk measurement', () => {
  it('gives a rate per run, and counts the bytes that were checked at the receiver', async () => {
    const { results } = await run(['stream.tcp'])
    expect(results).toHaveLength(1)
    const [stream] = results
    expect(stream).toMatchObject({ name: 'stream.tcp', unit: 'MB/s', runs: 2, samples: 2, processes: 2 })
    // Two runs of warm-up and measured bytes, not one byte more.
    expect(stream?.bytes).toBe(2 * 5 * MIB)
    expect(stream?.perRun).toHaveLength(2)
    expect(stream?.value).toBeGreaterThan(0)
    expect(stream?.best).toBeGreaterThanOrEqual(stream?.value as number)
    expect(stream?.senderCpuSecondsPerGB).toBeGreaterThan(0)
  })

  it('moves the same bytes over every link and with node:tls', async () => {
    const names = [
      'stream.ws',
      'stream.memory',
      'streams100.tcp',
      'tcp.bare',
      'nodetls.chacha20',
      'nodetls.aes128gcm',
    ]
    const { results } = await run(names, { runs: 1 })
    expect(Object.fromEntries(results.map(({ name, bytes }) => [name, bytes]))).toEqual(
      Object.fromEntries(names.map((name) => [name, 5 * MIB])),
    )
  })

  it('moves them over QUIC, or says that its library is missing', async () => {
    const { results, skipped } = await run(['ratio.quic'], { runs: 1 })
    if (skipped.length === 0) {
      expect(results.map(({ name }) => name)).toEqual(['stream.quic', 'quic.bare', 'ratio.quic'])
      expect(results[0]?.bytes).toBe(results[1]?.bytes)
    } else {
      expect(skipped.map(({ reason }) => reason).join()).toContain('not installed for this platform')
    }
  })

  it('is proved by a transport that damages nothing, and fails with one that does', async () => {
    expect((await runUnreliable('reliable')).results[0]?.bytes).toBe(2 * 5 * MIB)
    const flipped = 19 * 65_536 + 1000
    await expect(runUnreliable('flips-one-bit')).rejects.toMatchObject({
      code: 'E_INTERNAL',
      message: `stream.flips-one-bit: byte ${flipped} of the stream is not the one that was sent`,
    })
    await expect(runUnreliable('loses-the-end')).rejects.toThrow(
      `${5 * MIB} bytes were sent and ${20 * 65_536} arrived`,
    )
  })

  it('fails when a process dies', async () => {
    await expect(runUnreliable('dies')).rejects.toThrow('a worker process ended with exit code 7')
  })
})

describe('a ratio', () => {
  it('is made of the same runs of both, and brings both', async () => {
    const { results } = await run(['ratio.nodetls'])
    const [ours, theirs, ratio] = results
    expect([ours?.name, theirs?.name, ratio?.name]).toEqual([
      'stream.tcp',
      'nodetls.chacha20',
      'ratio.nodetls',
    ])
    const quotients = ours?.perRun.map((value, i) => value / (theirs?.perRun[i] as number)) as number[]
    ratio?.perRun.forEach((value, i) => {
      expect(value).toBeCloseTo(quotients[i] as number, 2)
    })
    expect(ratio).toMatchObject({ unit: 'ratio', of: 'stream.tcp', over: 'nodetls.chacha20' })
  })
})

describe('measurements of sessions', () => {
  it('resume every session where that is what is measured', async () => {
    const { results } = await run(['handshake.resumed'])
    expect(results).toMatchObject([{ name: 'handshake.resumed', unit: 'ms', samples: 10 }])
    expect(results[0]?.suite).toBe('Noise_NNhfs+psk0_25519+MLKEM768_ChaChaPoly_SHA256')
  })

  it('take the handshakes and PINGs that they are asked for', async () => {
    const { results } = await run(['handshake.tcp', 'ping.tcp', 'ping.bulk'], { durationMs: 100 })
    const [handshake, idle, bulk] = results
    expect(handshake).toMatchObject({
      unit: 'ms',
      samples: 10,
      suite: 'Noise_XKhfs_25519+MLKEM768_ChaChaPoly_SHA256',
    })
    // The first answer comes after the session could send.
    expect(handshake?.answeredP50).toBeGreaterThan(handshake?.p50 as number)
    expect(idle?.samples).toBeGreaterThan(2)
    expect(idle?.value).toBe(idle?.p50)
    expect(bulk?.value).toBe(bulk?.p99)
    expect(bulk?.bytes).toBe(2 * 5 * MIB)
  })

  it('weigh the listener once', async () => {
    const { results } = await run(['sessions1000', 'rss.10GiB'])
    const [idle, long] = results
    expect(idle).toMatchObject({ name: 'sessions1000', unit: 'MB', runs: 1, sessions: 20 })
    expect(idle?.baselineMB).toBeGreaterThan(20)
    expect(long).toMatchObject({ name: 'rss.10GiB', unit: 'MB', runs: 1, bytes: 8 * MIB })
    expect(long?.value).toBe(Math.max(Number(long?.senderMB), Number(long?.receiverMB)))
  })
})

describe('forwards', () => {
  it('carry bulk, answer a little later, and open connections', async () => {
    const { results } = await run(['forward.tcp', 'forward.added', 'socks.connections'], { runs: 1 })
    expect(results.map(({ name, unit }) => [name, unit])).toEqual([
      ['forward.tcp', 'MB/s'],
      ['forward.added', 'ms'],
      ['socks.connections', '/s'],
    ])
    for (const { value } of results) expect(value).toBeGreaterThan(0)
    expect(results[1]?.forwardedP50).toBeGreaterThan(results[1]?.directP50 as number)
  }, 60_000)
})

describe('continuity', () => {
  it('is measured against the plain stream of the same round', async () => {
    const { results } = await run(['ratio.continuity'], { runs: 1 })
    expect(results.map(({ name, unit }) => [name, unit])).toEqual([
      ['stream.tcp', 'MB/s'],
      ['continuity.bulk', 'MB/s'],
      ['ratio.continuity', 'ratio'],
    ])
    for (const { value } of results) expect(value).toBeGreaterThan(0)
  }, 60_000)
})

describe('access tickets', () => {
  it('are checked and remembered a thousand times a second even on a busy machine', async () => {
    const { results } = await run(['tickets.inserts', 'tickets.checks'], { runs: 1 })
    expect(results.map(({ name, unit, processes }) => [name, unit, processes])).toEqual([
      ['tickets.inserts', '/s', 1],
      ['tickets.checks', '/s', 1],
    ])
    for (const { value, best } of results) {
      expect(value).toBeGreaterThan(1000)
      expect(best).toBe(value)
    }
  }, 60_000)
})

describe('a benchmark', () => {
  it('names the machine, its load, and the limits that it lifted', async () => {
    const report = await run(['ping.tcp'], { runs: 1, durationMs: 100 })
    expect(report).toMatchObject({ node: process.version, chunkBytes: 65_536, frameBytes: 65_535 })
    expect(report.cpu).not.toBe('')
    expect(report.cores).toBeGreaterThan(0)
    expect(report.load).toBeGreaterThanOrEqual(0)
    expect(report.limits).toHaveProperty('admission.handshakesPerPrefix')
  })

  it('goes through the measurements in turns, every second time backwards', async () => {
    const order: string[] = []
    const { measurements } = selectMeasurements(['stream.memory', 'ping.tcp', 'sessions1000'], undefined)
    await runBench({
      measurements,
      ratios: [],
      settings: { ...SMALL, durationMs: 100, runs: 3 },
      signal: never,
      onRun: (name) => order.push(name),
    })
    expect(order).toEqual([
      ...['stream.memory', 'ping.tcp', 'sessions1000'],
      ...['ping.tcp', 'stream.memory'],
      ...['stream.memory', 'ping.tcp'],
    ])
    expect(countTurns(measurements, 3)).toBe(7)
  })

  it('stops at once when it is interrupted', async () => {
    const controller = new AbortController()
    const reason = new Error('interrupted')
    const running = runBench({
      ...selectMeasurements(['stream.tcp'], undefined),
      settings: { ...DEFAULT_SETTINGS, durationMs: 60_000 },
      signal: controller.signal,
      onRun: () => setImmediate(() => controller.abort(reason)),
    })
    await expect(running).rejects.toBe(reason)
  })

  it('measures everything but what is taken by name alone when nothing is named', () => {
    const names = (link?: 'tcp' | 'quic'): string[] =>
      selectMeasurements([], link).measurements.map(({ name }) => name)
    expect(names()).toContain('sessions1000')
    expect(names()).not.toContain('rss.10GiB')
    expect(names('quic')).toEqual(['stream.quic', 'quic.bare'])
    expect(names('tcp')).toContain('nodetls.chacha20')
  })

  it('explains every name where people look for it', () => {
    const names = [...MEASUREMENTS, ...RATIOS].map(({ name }) => name)
    const guide = readFileSync(new URL('../../../docs/benchmarks.md', import.meta.url), 'utf8')
    expect(names.filter((name) => !guide.includes(`\`${name}\``))).toEqual([])
    expect(names.filter((name) => !HtxBench.description.includes(name))).toEqual([])
  })

  it('refuses a name that does not exist, and a choice that leaves nothing', () => {
    expect(() => selectMeasurements(['stream.udp'], undefined)).toThrow('there is no measurement stream.udp')
    expect(() => selectMeasurements(['constructor'], undefined)).toThrow(
      'there is no measurement constructor',
    )
    expect(() => selectMeasurements(['stream.tcp'], 'quic')).toThrow('nothing is left to measure')
  })
})
