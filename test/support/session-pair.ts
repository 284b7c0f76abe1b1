/** A client and a server session joined in memory: bytes move only when a test says so. */
import { ManualClock, SeededRandom } from '../../src/lib/core/index.ts'
import type { DirectionKeys } from '../../src/lib/htx/keys/direction.ts'
import { Session, type SessionConfig, type SideParameters } from '../../src/lib/htx/session/index.ts'
import { SessionLog } from './session-events.ts'
import { directionsFor, type Role } from './session-keys.ts'

export const ALL_FEATURES = 0x0f

/** What this project announces (section 3.4). */
export const PARAMETERS: SideParameters = {
  maxFrame: 65_535,
  streamWindow: 262_144,
  sessionWindow: 1_048_576,
  maxStreams: 256,
  idleTimeoutMs: 300_000,
}

/** `parameters` is what this side announces to the other. */
export type SideOptions = Partial<
  Omit<SessionConfig, 'role' | 'clock' | 'directions' | 'local' | 'remote'>
> & {
  readonly parameters?: Partial<SideParameters>
  /** Instead of those that go with the seed. */
  readonly receiveKeys?: DirectionKeys
}

export class SessionSide {
  readonly session: Session
  readonly log: SessionLog

  constructor(session: Session, log: SessionLog) {
    this.session = session
    this.log = log
  }

  /** Everything there is to send, or about `budget` bytes of it. */
  pull(budget = Number.POSITIVE_INFINITY): Uint8Array {
    const out: Uint8Array[] = []
    this.session.pull(budget, out)
    return new Uint8Array(Buffer.concat(out))
  }
}

export interface SessionPair {
  readonly clock: ManualClock
  readonly client: SessionSide
  readonly server: SessionSide
  /** Moves bytes both ways until nobody has anything to say. */
  pump(): void
  /** Moves what one side has to say now. @returns bytes moved */
  send(from: Role): number
  /** Moves time, and ticks both sides whenever one of them asked for it; bytes move at once. */
  elapse(ms: number): void
}

export interface PairOptions {
  readonly client?: SideOptions
  readonly server?: SideOptions
  readonly features?: number
  readonly seed?: number
  readonly clock?: ManualClock
}

export function makeSide(
  role: Role,
  clock: ManualClock,
  seed: number,
  own: SideOptions,
  other: SideOptions,
  features: number,
): SessionSide {
  const log = new SessionLog()
  const { parameters, receiveKeys, ...rest } = own
  const directions = directionsFor(role, seed)
  const session = new Session(
    {
      role,
      clock,
      random: new SeededRandom(seed * 2 + (role === 'client' ? 0 : 1)),
      directions: receiveKeys === undefined ? directions : { ...directions, receive: receiveKeys },
      local: { ...PARAMETERS, ...parameters },
      remote: { ...PARAMETERS, ...other.parameters },
      features,
      ...rest,
    },
    log,
  )
  return new SessionSide(session, log)
}

export function makePair(options: PairOptions = {}): SessionPair {
  const {
    client: clientOptions = {},
    server: serverOptions = {},
    features = ALL_FEATURES,
    seed = 1,
    clock = new ManualClock(),
  } = options
  const client = makeSide('client', clock, seed, clientOptions, serverOptions, features)
  const server = makeSide('server', clock, seed, serverOptions, clientOptions, features)
  const send = (from: Role): number => {
    const [source, target] = from === 'client' ? [client, server] : [server, client]
    const bytes = source.pull()
    if (bytes.length > 0) target.session.receive(bytes)
    return bytes.length
  }
  const pump = (): void => {
    for (let quiet = 0; quiet < 2; ) quiet = send('client') + send('server') > 0 ? 0 : quiet + 1
  }
  const elapse = (ms: number): void => {
    const target = clock.now() + ms
    for (;;) {
      pump()
      const next = Math.min(client.session.nextDeadline(), server.session.nextDeadline())
      if (next > target) break
      clock.advance(Math.max(0, next - clock.now()))
      client.session.tick()
      server.session.tick()
    }
    clock.advance(target - clock.now())
    pump()
  }
  return { clock, client, server, send, pump, elapse }
}
