/** Streams at full speed from one process to another. */
import { AivError } from '../../core/index.ts'
import type { BulkPlan, BulkReport } from './bulk.ts'
import { SLOWEST_BYTES_PER_MS } from './constants.ts'
import type { BenchSettings, Measurement } from './measurement.ts'
import type { WorkerProcess } from './worker/worker-process.ts'

export interface BulkMeasurementOptions {
  readonly name: string
  readonly link: Measurement['link']
  /** Name in the transport table of the workers. */
  readonly transport: string
  readonly streams?: number
  /** Sender and receiver are one process. */
  readonly oneProcess?: true
  /** Worker entry; default the library's own. */
  readonly entry?: URL
}

export function bulkMeasurement(options: BulkMeasurementOptions): Measurement {
  const { name, link, transport, streams = 1, oneProcess, entry } = options
  return {
    name,
    unit: 'MB/s',
    link,
    processes: oneProcess === true ? 1 : 2,
    quote: 'p50',
    async start(workers, settings) {
      const receiver = workers.start(entry)
      const sender = oneProcess === true ? receiver : workers.start(entry)
      const address = await receiver.call('listen', { transport })
      const plan = bulkPlan(settings, streams)
      return async () => {
        const moved = await moveBulk(receiver, sender, { transport, address, plan })
        return {
          values: [megabytesPerSecond(moved.received)],
          bytes: moved.received.bytes,
          fields: oneProcess === true ? cpuOfOne(moved) : cpuOfBoth(moved),
        }
      }
    },
  }
}

export function bulkPlan(settings: BenchSettings, streams: number): BulkPlan {
  const { durationMs, bytes, warmUpBytes } = settings
  return { streams, warmUpBytes, durationMs, ...(bytes === undefined ? {} : { bytes }) }
}

/** How much longer than other calls one that moves this much may take, milliseconds. */
export function bulkLimitMs(plan: BulkPlan): number {
  return 10 * plan.durationMs + ((plan.bytes ?? 0) + plan.warmUpBytes) / SLOWEST_BYTES_PER_MS
}

export interface Moved {
  readonly sent: BulkReport
  readonly received: BulkReport
}

/** One run: connects, moves, checks that all that was sent arrived, hangs up. */
export async function moveBulk(
  receiver: WorkerProcess,
  sender: WorkerProcess,
  request: { readonly transport: string; readonly address: string; readonly plan: BulkPlan },
): Promise<Moved> {
  const limitMs = bulkLimitMs(request.plan)
  await receiver.call('expect', request.plan)
  const [received, sent] = await Promise.all([
    receiver.call('received', {}, limitMs),
    sender.call('send', request, limitMs),
  ])
  await sender.call('hangUp', {})
  requireAllArrived({ sent, received })
  return { sent, received }
}

export function requireAllArrived({ sent, received }: Moved): void {
  if (received.bytes !== sent.bytes)
    throw new AivError('E_INTERNAL', `${sent.bytes} bytes were sent and ${received.bytes} arrived`)
  if (received.measuredBytes === 0 || received.elapsedMs === 0)
    throw new AivError('E_USAGE', 'too few bytes were moved to measure a rate', {
      hint: 'Give more --bytes or a longer --duration.',
    })
}

/** 1 MB is 10^6 bytes. */
export function megabytesPerSecond({ measuredBytes, elapsedMs }: BulkReport): number {
  return measuredBytes / elapsedMs / 1000
}

function cpuOfBoth({ sent, received }: Moved): Readonly<Record<string, number>> {
  return {
    senderCpuSecondsPerGB: cpuSecondsPerGigabyte(sent),
    receiverCpuSecondsPerGB: cpuSecondsPerGigabyte(received),
  }
}

/** The CPU time of the process is what both of its ends used. */
function cpuOfOne({ received }: Moved): Readonly<Record<string, number>> {
  return { cpuSecondsPerGB: cpuSecondsPerGigabyte(received) }
}

/** 1 GB is 10^9 bytes. */
function cpuSecondsPerGigabyte({ cpuMs, measuredBytes }: BulkReport): number {
  return (cpuMs * 1e6) / measuredBytes
}
