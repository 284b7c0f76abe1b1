/** Listeners and clients in one process, on a clock that the test moves, and what a test needs to watch them. */
import { afterEach, expect, onTestFinished } from 'vitest'
import { ManualClock, SeededRandom, systemClock, type TimerClock } from '../../../src/lib/core/index.ts'
import {
  type ConnectOptions,
  connect,
  type HandshakeOutcome,
  type HtxListener,
  type HtxSession,
  type HtxStream,
  type ListenOptions,
  listen,
} from '../../../src/lib/htx/index.ts'
import { createIdentity, type Identity } from '../../../src/lib/identity/index.ts'
import {
  type DialOptions,
  dialLink,
  type Link,
  type LinkHandler,
  type Listener,
  listenLink,
} from '../../../src/lib/link/index.ts'

/** 2026-11-25, before hybrid key agreement becomes mandatory. */
export const START_MS = 1_795_564_800_000

const origin = systemClock.now()

/** Runs with the machine, on the date of the other clocks here: for what only a kernel or a process can move. */
export const LIVE_CLOCK: TimerClock = {
  ...systemClock,
  wallMs: () => START_MS + systemClock.now() - origin,
}

/** Whatever a promise nobody waited for, or an event nobody listened to, would have done to the process. */
const escaped: unknown[] = []
process.on('unhandledRejection', (reason) => escaped.push(reason))
process.on('uncaughtExceptionMonitor', (error) => escaped.push(error))

afterEach(async () => {
  await turns(3)
  expect(escaped.splice(0)).toEqual([])
})

let names = 0

/** A place in this process that no other test uses. */
export function freePlace(): string {
  return `htx+mem://place${++names}:0`
}

export interface Running {
  readonly listener: HtxListener
  readonly clock: TimerClock
  readonly sessions: HtxSession[]
  readonly streams: HtxStream[]
  readonly outcomes: HandshakeOutcome[]
  readonly errors: Error[]
}

const identities = new Map<number, Identity>()

/** The same identity for the same seed, its certificate valid from `START_MS`. */
export function identityOf(seed: number): Identity {
  let identity = identities.get(seed)
  if (identity === undefined) {
    identity = createIdentity(new SeededRandom(seed), new ManualClock(START_MS))
    identities.set(seed, identity)
  }
  return identity
}

export const SERVER: Identity = identityOf(1)
export const CLIENT: Identity = identityOf(2)

/** Starts a listener that is gone after the test; streams of peers are collected. */
export async function startListener(
  options: Partial<ListenOptions> = {},
  address: string = freePlace(),
): Promise<Running> {
  const sessions: HtxSession[] = []
  const streams: HtxStream[] = []
  const outcomes: HandshakeOutcome[] = []
  const errors: Error[] = []
  const clock = options.clock ?? new ManualClock(START_MS)
  const listener = await listen(address, {
    identity: SERVER,
    onStream: (stream) => {
      // A test that does not look at a stream does not look at its end either.
      stream.on('error', () => {})
      streams.push(stream)
    },
    onError: (error) => errors.push(error),
    ...options,
    clock,
    onSession: (session) => {
      sessions.push(session)
      options.onSession?.(session)
    },
    onOutcome: (outcome) => {
      outcomes.push(outcome)
      options.onOutcome?.(outcome)
    },
  })
  onTestFinished(async () => {
    for (const session of sessions) session.abort()
    await listener.close(0)
  })
  return { listener, clock, sessions, streams, outcomes, errors }
}

/** Connects to a listener on the listener's clock; the session is gone after the test. */
export async function connectTo(
  { listener, clock }: Pick<Running, 'listener' | 'clock'>,
  options: Partial<ConnectOptions> = {},
): Promise<HtxSession> {
  const session = await connect(listener.address, { identity: CLIENT, clock, ...options })
  onTestFinished(() => session.abort())
  return session
}

/** Lets the event loop go round `count` times. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** Moves a clock in steps, with time for both sides to answer each other at every step. */
export async function elapse(clock: ManualClock, ms: number, stepMs = 1000): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    clock.advance(Math.min(stepMs, left))
    await turns(6)
  }
}

/** Waits, through the event loop, for what needs no time on the machine's clock. */
export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come true`)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** A link without a protocol on it: what a prober sees. */
export class Probe implements LinkHandler {
  readonly link: Link
  readonly chunks: Uint8Array[] = []
  ended = false
  closed = false
  error: Error | undefined
  /** The listener's clock when its end arrived. */
  endedAt = Number.NaN
  readonly #clock: TimerClock | undefined

  constructor(link: Link, clock?: TimerClock) {
    this.link = link
    this.#clock = clock
    link.attach(this)
  }

  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  get received(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.chunks))
  }

  data(chunk: Uint8Array): void {
    this.chunks.push(chunk)
  }

  end(): void {
    this.ended = true
    this.endedAt = this.#clock?.now() ?? Number.NaN
  }

  drain(): void {}

  close(error?: Error): void {
    this.closed = true
    this.error = error
  }
}

/** The link that `connect` would use for this address. */
export async function dialAddress(address: string, options: DialOptions = {}): Promise<Link> {
  const url = new URL(address.replace(/^htx\+(tcp|mem):/, 'http:'))
  const kind = address.startsWith('htx+tcp') ? 'tcp' : 'memory'
  const link = await dialLink(kind, { host: url.hostname, port: Number(url.port) }, options)
  onTestFinished(() => link.abort())
  return link
}

/** A prober on its way in. */
export async function probe({ listener, clock }: Running): Promise<Probe> {
  return new Probe(await dialAddress(listener.address), clock)
}

/** A listener without a protocol: the test answers by hand. */
export async function listenRaw(
  onLink: (link: Link) => void,
): Promise<Listener & { readonly where: string }> {
  const host = `raw${++names}`
  const listener = await listenLink('memory', { host, port: 0, onLink })
  onTestFinished(async () => await listener.close())
  return { ...listener, where: `${host}:${listener.port}` }
}
