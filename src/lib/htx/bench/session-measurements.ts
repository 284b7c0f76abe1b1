/** Measurements of sessions over TCP: start, answer, weight. */
import { percentiles } from '../../bench/index.ts'
import { bulkLimitMs, bulkPlan, megabytesPerSecond, moveBulk, requireAllArrived } from './bulk-measurement.ts'
import type { BenchSettings, Measurement } from './measurement.ts'

const TRANSPORT = 'htx.tcp'

/** Sessions that come and go before the baseline is read, so that it holds what any session loads or compiles. */
const BASELINE_SESSIONS = 50

const MEGABYTE = 1e6

export const handshakes: Measurement = handshakeMeasurement('handshake.tcp', 'handshakes', TRANSPORT)

/** Both sides delete the ticket of each session from a disk, and keep the next one there. */
export const resumptions: Measurement = handshakeMeasurement(
  'handshake.resumed',
  'resumptions',
  `${TRANSPORT}.tickets`,
)

function handshakeMeasurement(
  name: string,
  method: 'handshakes' | 'resumptions',
  transport: string,
): Measurement {
  return {
    name,
    unit: 'ms',
    link: 'tcp',
    processes: 2,
    quote: 'p50',
    async start(workers, { handshakesLeast, runs }) {
      const listener = workers.start()
      const dialler = workers.start()
      const address = await listener.call('listen', { transport })
      return async () => {
        const count = Math.ceil(handshakesLeast / runs)
        const { connected, answered, suite } = await dialler.call(method, { address, count })
        const { p50, p95, p99 } = percentiles(answered)
        return {
          values: connected,
          fields: { answeredP50: p50, answeredP95: p95, answeredP99: p99 },
          notes: { suite },
        }
      }
    },
  }
}

export const idlePings: Measurement = {
  name: 'ping.tcp',
  unit: 'ms',
  link: 'tcp',
  processes: 2,
  quote: 'p50',
  async start(workers, { durationMs }) {
    const listener = workers.start()
    const dialler = workers.start()
    const address = await listener.call('listen', { transport: TRANSPORT })
    return async () => {
      return { values: await dialler.call('idlePings', { address, durationMs }, durationMs) }
    }
  },
}

export const bulkPings: Measurement = {
  name: 'ping.bulk',
  unit: 'ms',
  link: 'tcp',
  processes: 2,
  quote: 'p99',
  async start(workers, settings) {
    const receiver = workers.start()
    const sender = workers.start()
    const address = await receiver.call('listen', { transport: TRANSPORT })
    const plan = bulkPlan(settings, 1)
    return async () => {
      const limitMs = bulkLimitMs(plan)
      await receiver.call('expect', plan)
      const [received, { roundTrips, sent }] = await Promise.all([
        receiver.call('received', {}, limitMs),
        sender.call('bulkPings', { address, plan }, limitMs),
      ])
      requireAllArrived({ sent, received })
      return {
        values: roundTrips,
        bytes: received.bytes,
        fields: { streamMBPerSecond: megabytesPerSecond(received) },
      }
    }
  },
}

export const idleSessions: Measurement = {
  name: 'sessions1000',
  link: 'tcp',
  ...weightOfSessions(TRANSPORT, ({ idleSessions: count }) => count),
}

export const camouflagedSessions: Measurement = {
  name: 'sessions500.https',
  link: 'https',
  ...weightOfSessions('htx.https', ({ idleSessions: count }) => Math.ceil(count / 2)),
}

/** What a listener's process grows by for sessions that do nothing. */
function weightOfSessions(
  transport: string,
  countOf: (settings: BenchSettings) => number,
): Omit<Measurement, 'name' | 'link'> {
  return {
    unit: 'MB',
    processes: 2,
    quote: 'p50',
    once: true,
    async start(workers, settings) {
      const { settleMs } = settings
      const count = countOf(settings)
      const listener = workers.start()
      const dialler = workers.start()
      const address = await listener.call('listen', { transport })
      return async () => {
        await dialler.call('openSessions', { address, count: BASELINE_SESSIONS })
        await dialler.call('closeSessions', {})
        const before = await listener.call('memory', { settleMs })
        await dialler.call('openSessions', { address, count })
        const after = await listener.call('memory', { settleMs })
        return {
          values: [(after.rssBytes - before.rssBytes) / MEGABYTE],
          fields: {
            sessions: count,
            baselineMB: before.rssBytes / MEGABYTE,
            heapMB: (after.heapBytes - before.heapBytes) / MEGABYTE,
          },
        }
      }
    },
  }
}

export const longSession: Measurement = {
  name: 'rss.10GiB',
  unit: 'MB',
  link: 'tcp',
  processes: 2,
  quote: 'p50',
  once: true,
  onlyByName: true,
  async start(workers, settings) {
    const receiver = workers.start()
    const sender = workers.start()
    const address = await receiver.call('listen', { transport: TRANSPORT })
    const plan = bulkPlan({ ...settings, bytes: settings.longSessionBytes, warmUpBytes: 0 }, 1)
    return async () => {
      const { received } = await moveBulk(receiver, sender, { transport: TRANSPORT, address, plan })
      const peaks = await Promise.all(
        [sender, receiver].map(async (worker) => (await worker.call('memory', {})).peakRssBytes / MEGABYTE),
      )
      const [senderMB, receiverMB] = peaks as [number, number]
      return {
        values: [Math.max(senderMB, receiverMB)],
        bytes: received.bytes,
        fields: { senderMB, receiverMB, streamMBPerSecond: megabytesPerSecond(received) },
      }
    }
  },
}
