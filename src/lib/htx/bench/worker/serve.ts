/** The worker's end of the channel to the program that measures: requests in, answers out. */
import { isAivError, systemClock } from '../../../core/index.ts'
import { type TransportTable, type WorkerMethods, workerMethods } from './methods.ts'

export interface WorkerRequest {
  readonly id: number
  readonly method: keyof WorkerMethods
  readonly params: object
}

export type WorkerReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } }

/** Answers requests until the parent goes away; then the process ends. */
export function serveWorker(transports: TransportTable): void {
  const methods = workerMethods(transports, systemClock)
  const reply = (message: WorkerReply): void => {
    // A parent that is gone needs no answer, and its absence is no error.
    if (process.connected) process.send?.(message, undefined, undefined, () => {})
  }
  process.on('message', ({ id, method, params }: WorkerRequest) => {
    const call = methods[method] as (params: object) => Promise<unknown>
    Promise.resolve()
      .then(() => call(params))
      .then(
        (result) => reply({ id, result }),
        (error: unknown) => reply({ id, error: describe(error) }),
      )
  })
  process.on('disconnect', () => process.exit())
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (isAivError(error)) return { code: error.code, message: error.message }
  return { code: 'E_INTERNAL', message: error instanceof Error ? error.message : String(error) }
}
