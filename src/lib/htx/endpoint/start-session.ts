/** From a finished handshake to a running session on its link. */
import type { RandomSource, TimerClock } from '../../core/index.ts'
import type { Link } from '../../link/index.ts'
import { CODE, codeName, type SessionEnd } from '../codes.ts'
import { FEATURE } from '../constants.ts'
import type { RekeyThresholds } from '../frames/index.ts'
import type { HandshakeResult } from '../handshake/index.ts'
import type { Observer } from '../observe/observer.ts'
import { TracedLink } from '../recording/index.ts'
import type { SessionTickets } from '../resumption/index.ts'
import {
  type MuxStream,
  Session,
  type SessionConfig,
  type SessionLimits,
  type StreamHandler,
} from '../session/index.ts'
import { parameters12 } from '../spec12/parameters.ts'
import { HtxSession } from './htx-session.ts'
import { countBuffered, type MemoryBudget } from './memory-budget.ts'
import type { SessionDriver } from './session-driver.ts'

/** A stream tells its writer to wait as long as anything is queued: the rest waits in the `Duplex`. */
const STREAM_HIGH_WATER = 1

export interface SessionSettings {
  readonly clock: TimerClock
  readonly random: RandomSource
  readonly limits?: Partial<SessionLimits>
  readonly rekey?: RekeyThresholds
  readonly memory: MemoryBudget
  readonly observer?: Observer
}

export interface StartSession extends SessionSettings {
  readonly role: 'client' | 'server'
  readonly link: Link
  readonly driver: SessionDriver
  /** Resolves when the link is gone. */
  readonly linkClosed: Promise<void>
  readonly result: HandshakeResult
  readonly peer: string
  /** Bytes that arrived behind the handshake. */
  readonly rest: Uint8Array
  /** Closes the session before anything else happens in it. */
  readonly refuseWith?: number
  /** Resumption tickets to issue or to collect; none when absent. */
  readonly tickets?: SessionTickets
}

export function startSession(start: StartSession): HtxSession {
  const { role, clock, random, link, driver, result, limits, rekey, memory, observer } = start
  if (link instanceof TracedLink) link.established(result.secrets)
  let session: HtxSession | undefined
  const early: MuxStream[] = []
  const core = new Session(
    {
      role,
      ownsInput: link.copies,
      clock,
      random,
      directions: result.secrets.directions,
      ...settled(result),
      // Behind a browser's connection pauses are told from a browser's; on a link that hides nothing they hide nothing.
      limits: { pad: link.kind === 'https', ...limits, streamHighWater: STREAM_HIGH_WATER },
      ...(rekey === undefined ? {} : { rekey }),
      mayGrow: () => memory.windowsMayGrow,
    },
    {
      stream: (stream) => {
        if (memory.isFull) refuse(stream)
        else if (session === undefined) early.push(stream)
        else session.accept(stream)
      },
      output: () => driver.wake(),
      end: () => {},
      roundTrip: (ms) => observer?.roundTrip(ms),
      ticket: (lifetimeSeconds, handle) => start.tickets?.received(lifetimeSeconds, handle),
      linkDone: () => {
        result.secrets.exporter.erase()
        result.secrets.resumption.erase()
        driver.linkDone()
      },
    },
  )
  if (
    start.tickets === undefined ||
    result.secrets.traffic !== undefined ||
    (result.features & FEATURE.RESUMPTION) === 0
  )
    result.secrets.resumption.erase()
  else
    start.tickets.begin(result.secrets.resumption, (lifetimeSeconds, handle) =>
      core.sendTicket(lifetimeSeconds, handle),
    )
  const closed = start.linkClosed.then((): SessionEnd => core.end ?? LOST)
  session = new HtxSession({
    core,
    link: { remoteAddress: link.remoteAddress, abort: () => driver.abort() },
    result,
    peer: start.peer,
    closed,
    clock,
    memory,
  })
  countBuffered(session, closed)
  observer?.sessionStarted(session, role)
  if (start.refuseWith !== undefined) core.close(start.refuseWith, codeName(start.refuseWith))
  driver.start(core, start.rest)
  for (const stream of early) session.accept(stream)
  return session
}

/** What the handshake settled; the 1.2 draft leaves nothing to settle but its keys. */
function settled({
  secrets: { traffic },
  local,
  remote,
  features,
}: HandshakeResult): Pick<SessionConfig, 'traffic' | 'local' | 'remote' | 'features'> {
  if (traffic === undefined) return { local, remote, features }
  return { traffic, local: parameters12(local), remote: parameters12(remote), features: 0 }
}

const LOST: SessionEnd = { cause: 'link-lost', code: CODE.OK, reason: 'the link is gone', byPeer: true }

/** There is no memory for what this stream would bring. */
function refuse(stream: MuxStream): void {
  stream.attach(NOBODY)
  stream.abort(CODE.STREAM_REFUSED)
}

const NOBODY: StreamHandler = {
  data: () => {},
  finished: () => {},
  reset: () => {},
  stopped: () => {},
  writable: () => {},
  closed: () => {},
}
