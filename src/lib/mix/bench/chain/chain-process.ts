/** A process of the chain as the benchmark sees it. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { AivError, systemClock } from '../../../core/index.ts'
import { CALL_LIMIT_MS } from '../constants.ts'
import type { ChainReply, ChainRequest } from './protocol.ts'

/** Runs from the sources (Node strips types) as well as compiled; the suffix of this module says which. */
const ENTRY = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './chain-entry.ts' : './chain-entry.js', import.meta.url),
)

type Arrival = Extract<ChainReply, { kind: 'arrived' }>
type Answer = Exclude<ChainReply, Arrival | { kind: 'failed' }>

export class ChainProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  #waiting: PromiseWithResolvers<Answer> | undefined
  onArrival: (arrival: Arrival) => void = () => {}

  constructor() {
    this.#child = fork(ENTRY, [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    })
    this.#child.on('message', (reply: ChainReply) => this.#take(reply))
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', () => {
        this.#waiting?.reject(new AivError('E_INTERNAL', 'a process of the chain ended'))
        resolve()
      })
    })
  }

  /** @throws AivError `E_INTERNAL` what the process reports, `E_TIMEOUT` */
  async ask<K extends Answer['kind']>(request: ChainRequest, kind: K): Promise<Extract<Answer, { kind: K }>> {
    const waiting = Promise.withResolvers<Answer>()
    this.#waiting = waiting
    const cancel = systemClock.schedule(CALL_LIMIT_MS, () =>
      waiting.reject(new AivError('E_TIMEOUT', 'a process of the chain does not answer')),
    )
    this.#child.send(request)
    const answer = await waiting.promise.finally(cancel)
    if (answer.kind !== kind)
      throw new AivError('E_INTERNAL', `a process of the chain answers ${answer.kind}`)
    return answer as Extract<Answer, { kind: K }>
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    const cancel = systemClock.schedule(CALL_LIMIT_MS, () => this.#child.kill('SIGKILL'))
    await this.#exited
    cancel()
  }

  #take(reply: ChainReply): void {
    if (reply.kind === 'arrived') this.onArrival(reply)
    else if (reply.kind === 'failed') this.#waiting?.reject(new AivError('E_INTERNAL', reply.message))
    else this.#waiting?.resolve(reply)
  }
}
