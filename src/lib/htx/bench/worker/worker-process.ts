/** A worker process as the program that measures sees it. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { AivError, ERROR_CODES, type ErrorCode, systemClock } from '../../../core/index.ts'
import { CALL_LIMIT_MS } from '../constants.ts'
import type { WorkerMethods } from './methods.ts'
import type { WorkerReply, WorkerRequest } from './serve.ts'

/** Runs from the sources (Node strips types) as well as compiled; the suffix of this module says which. */
export const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? './entry.ts' : './entry.js',
  import.meta.url,
)

/** A worker that was asked to end is killed when it has not ended by then, milliseconds. */
const STOP_LIMIT_MS = 5_000

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: AivError) => void
}

export class WorkerProcess {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 0
  #failure: AivError | undefined

  /** @param entry module that calls `serveWorker` */
  constructor(entry: URL) {
    // Its stdout is not ours: that one carries the results.
    this.#child = fork(fileURLToPath(entry), [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#child.on('message', (reply: WorkerReply) => this.#onReply(reply))
    this.#child.on('error', (cause) => this.#die(new AivError('E_IO', 'a worker process failed', { cause })))
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#die(new AivError('E_INTERNAL', `a worker process ended with ${signal ?? `exit code ${code}`}`))
        resolve()
      })
    })
  }

  /**
   * Asks the worker for something.
   * @param extraMs how much longer than a minute it may take
   * @throws AivError the worker's own, or `E_TIMEOUT`
   */
  async call<M extends keyof WorkerMethods>(
    method: M,
    params: Parameters<WorkerMethods[M]>[0],
    extraMs = 0,
  ): Promise<Awaited<ReturnType<WorkerMethods[M]>>> {
    if (this.#failure !== undefined) throw this.#failure
    const id = this.#nextId++
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    const cancel = systemClock.schedule(CALL_LIMIT_MS + extraMs, () => {
      this.#waiting.get(id)?.reject(new AivError('E_TIMEOUT', `a worker did not finish "${method}" in time`))
    })
    const request: WorkerRequest = { id, method, params }
    this.#child.send(request, (error) => {
      if (error !== null)
        this.#die(new AivError('E_IO', 'a worker process cannot be reached', { cause: error }))
    })
    try {
      return (await answer) as Awaited<ReturnType<WorkerMethods[M]>>
    } finally {
      cancel()
      this.#waiting.delete(id)
    }
  }

  /** Ends the process and waits for that. */
  async stop(): Promise<void> {
    this.#failure ??= new AivError('E_ABORTED', 'the worker was stopped')
    if (this.#child.connected) this.#child.disconnect()
    const cancel = systemClock.schedule(STOP_LIMIT_MS, () => this.kill())
    await this.#ended
    cancel()
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #onReply(reply: WorkerReply): void {
    const waiting = this.#waiting.get(reply.id)
    if ('result' in reply) waiting?.resolve(reply.result)
    else {
      const { code, message } = reply.error
      waiting?.reject(new AivError(isErrorCode(code) ? code : 'E_INTERNAL', message))
    }
  }

  #die(error: AivError): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.values()) reject(this.#failure)
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}
