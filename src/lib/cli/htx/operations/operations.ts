/** What every process that runs sessions offers its operator: metrics over HTTP and a status on a local socket. */
import { join } from 'node:path'
import { isAivError, systemClock } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { HtxMetrics, serveMetrics, serveStatus } from '../../../htx/index.ts'
import type { HostPort } from '../../flags.ts'
import { encodeJson, type Fields } from '../../output.ts'
import { stateFolders } from '../../state-folders.ts'
import { describeProcess, type ProcessRole } from './status.ts'

export interface OperationsOptions {
  readonly role: ProcessRole
  /** Where to serve metrics; nowhere when absent. */
  readonly metrics: HostPort | undefined
  /** Folder of the status socket; that of the user when absent. */
  readonly folder?: string
  readonly event: (name: string, fields?: Fields, text?: string) => void
}

export interface Operations {
  /** Goes to `listen` and `connect`. */
  readonly observer: HtxMetrics
  /** For the first event: where the metrics are. */
  readonly fields: Fields
  /** What the process listens on or is connected to, once that is known. */
  address: string | undefined
  /** Name of the web site that a camouflaged listener looks like. */
  site: string | undefined
}

/** The folder of the status sockets. */
export function statusFolder(): string {
  return join(stateFolders().data, 'run')
}

/**
 * Offers both for as long as `work` runs.
 * @throws AivError when the address of the metrics cannot be had; a status that cannot be served is an event
 */
export async function withOperations<T>(
  { role, metrics, event, folder = statusFolder() }: OperationsOptions,
  work: (operations: Operations) => Promise<T>,
): Promise<T> {
  const observer = new HtxMetrics(systemClock)
  const startedMs = systemClock.wallMs()
  const server =
    metrics === undefined ? undefined : await serveMetrics(metrics.host, metrics.port, () => observer.text())
  const operations: Operations = {
    observer,
    fields: server === undefined ? {} : { metrics: server.url },
    address: undefined,
    site: undefined,
  }
  const status = await serveStatus(folder, process.pid, systemRandom, () =>
    encodeJson(
      describeProcess({ role, startedMs, address: operations.address, site: operations.site, observer }),
    ),
  ).catch((error: unknown) => {
    if (!isAivError(error)) throw error
    event('status-unavailable', { reason: error.message })
    return undefined
  })
  try {
    return await work(operations)
  } finally {
    await Promise.all([server?.close(), status?.close()])
  }
}
