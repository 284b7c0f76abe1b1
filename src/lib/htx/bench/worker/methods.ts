/** What a worker process can be asked to do. Parameters and results are JSON. */
import { AivError, type TimerClock } from '../../../core/index.ts'
import type { HtxSession } from '../../endpoint/index.ts'
import {
  type BulkConnection,
  type BulkPlan,
  BulkReceiver,
  type BulkReport,
  type BulkTransport,
  sendBulk,
} from '../bulk.ts'
import type { ForwardTimes } from './forward-tasks.ts'
import {
  type BulkPings,
  type HandshakeTimes,
  measureBulkPings,
  measureHandshakes,
  measureIdlePings,
  measureResumptions,
  openSessions,
} from './session-tasks.ts'
import { measureTicketChecks, measureTicketInserts } from './ticket-tasks.ts'

/** Transports by name; loaded when asked for. */
export type TransportTable = Readonly<Record<string, () => Promise<BulkTransport>>>

export interface MemoryUse {
  readonly rssBytes: number
  /** JavaScript objects, garbage included. */
  readonly heapBytes: number
  /** Largest resident size since the process started. */
  readonly peakRssBytes: number
}

export interface WorkerMethods {
  /** Starts to listen; the answer is what `send` and the others take as address. */
  listen(request: { readonly transport: string }): Promise<string>
  /** Gets ready for the streams of one run. */
  expect(request: BulkPlan): Promise<null>
  /** Waits for the end of that run. */
  received(request: object): Promise<BulkReport>
  send(request: {
    readonly transport: string
    readonly address: string
    readonly plan: BulkPlan
  }): Promise<BulkReport>
  /** Closes the connection of the last `send`. */
  hangUp(request: object): Promise<null>
  handshakes(request: { readonly address: string; readonly count: number }): Promise<HandshakeTimes>
  resumptions(request: { readonly address: string; readonly count: number }): Promise<HandshakeTimes>
  /** Milliseconds. */
  idlePings(request: { readonly address: string; readonly durationMs: number }): Promise<readonly number[]>
  bulkPings(request: { readonly address: string; readonly plan: BulkPlan }): Promise<BulkPings>
  openSessions(request: { readonly address: string; readonly count: number }): Promise<null>
  closeSessions(request: object): Promise<null>
  /** A second. */
  ticketInserts(request: object): Promise<number>
  ticketChecks(request: object): Promise<number>
  forwardTimes(request: { readonly address: string; readonly count: number }): Promise<ForwardTimes>
  /** Per second. */
  socksRate(request: {
    readonly address: string
    readonly count: number
    readonly atOnce: number
  }): Promise<number>
  /** @param request `settleMs`: how long to wait first */
  memory(request: { readonly settleMs?: number }): Promise<MemoryUse>
}

export function workerMethods(transports: TransportTable, clock: TimerClock): WorkerMethods {
  const loaded = new Map<string, Promise<BulkTransport>>()
  let receiver: BulkReceiver | undefined
  let connection: BulkConnection | undefined
  let sessions: readonly HtxSession[] = []

  const transport = (name: string): Promise<BulkTransport> => {
    const load = Object.hasOwn(transports, name) ? transports[name] : undefined
    if (load === undefined) throw new AivError('E_INTERNAL', `there is no transport ${name}`)
    const known = loaded.get(name) ?? load()
    loaded.set(name, known)
    return known
  }

  return {
    async listen({ transport: name }) {
      const { listen } = await transport(name)
      return await listen(() => {
        if (receiver === undefined) throw new AivError('E_INTERNAL', 'a stream came that nobody expects')
        return receiver.accept()
      })
    },
    async expect(plan) {
      receiver = new BulkReceiver(plan, clock)
      return null
    },
    async received() {
      if (receiver === undefined) throw new AivError('E_INTERNAL', 'no run was expected')
      return await receiver.done
    },
    async send({ transport: name, address, plan }) {
      const { dial } = await transport(name)
      const opened = await dial(address)
      connection = opened
      const sinks = await Promise.all(Array.from({ length: plan.streams }, () => opened.open()))
      return await sendBulk(sinks, plan, clock)
    },
    async hangUp() {
      await connection?.close()
      connection = undefined
      return null
    },
    handshakes: ({ address, count }) => measureHandshakes(address, count, clock),
    resumptions: ({ address, count }) => measureResumptions(address, count, clock),
    idlePings: ({ address, durationMs }) => measureIdlePings(address, durationMs, clock),
    bulkPings: ({ address, plan }) => measureBulkPings(address, plan, clock),
    async openSessions({ address, count }) {
      sessions = await openSessions(address, count, clock)
      return null
    },
    async closeSessions() {
      await Promise.all(sessions.map((session) => session.close()))
      sessions = []
      return null
    },
    ticketInserts: () => measureTicketInserts(clock),
    ticketChecks: () => measureTicketChecks(clock),
    // Loaded on demand: a process that measures memory must not hold what it does not use.
    forwardTimes: async ({ address, count }) =>
      await (await import('./forward-tasks.ts')).measureForward(address, count, clock),
    socksRate: async ({ address, ...request }) =>
      await (await import('./forward-tasks.ts')).measureSocks(address, request, clock),
    async memory({ settleMs = 0 }) {
      await new Promise<void>((resolve) => clock.schedule(settleMs, resolve))
      return {
        rssBytes: process.memoryUsage.rss(),
        heapBytes: process.memoryUsage().heapUsed,
        peakRssBytes: process.resourceUsage().maxRSS * 1024,
      }
    },
  }
}
