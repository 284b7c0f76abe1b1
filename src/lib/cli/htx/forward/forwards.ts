/** The forwards of `aiv htx connect`: sets them up over one session and keeps them until it ends. */
import { type CborMap, isAivError, systemClock } from '../../../core/index.ts'
import {
  CODE,
  formatTarget,
  type HtxMetrics,
  type HtxSession,
  type LocalEndpoint,
  type LocalListener,
  localForward,
  type OpenStream,
  sessionEndError,
  socksServer,
  streamsOf,
  type Target,
  targetParams,
} from '../../../htx/index.ts'
import type { Fields } from '../../output.ts'
import { type ForwardSpec, parseDynamic, parseForward, parseStdioTarget } from './forward-spec.ts'
import { RemotePorts } from './remote-ports.ts'

export interface ForwardFlags {
  readonly 'local-forward'?: readonly string[] | undefined
  readonly 'remote-forward'?: readonly string[] | undefined
  readonly 'dynamic-forward'?: readonly string[] | undefined
  readonly 'stdio-forward'?: string | undefined
}

export interface ForwardCommand {
  readonly signal: AbortSignal
  event(name: string, fields?: Fields, text?: string): void
}

export interface ForwardPeer {
  /** The session now; without `lasting` forwards end with it. */
  readonly session: HtxSession
  /** Counts connections. */
  readonly observer: HtxMetrics
  readonly lasting?: {
    /** Opens streams that outlive a session. */
    readonly open: OpenStream
    /** Has a session count as one that was of use when `hasTakenPart` says so. */
    vouch(session: HtxSession, hasTakenPart: () => boolean): void
    /** The session that takes the place of one that is over. */
    next(): Promise<HtxSession>
  }
}

interface Started {
  readonly type: 'local' | 'remote' | 'dynamic'
  readonly listen: string
  readonly target?: string
}

export interface Forwards {
  readonly local: readonly ForwardSpec[]
  readonly remote: readonly ForwardSpec[]
  readonly dynamic: readonly LocalEndpoint[]
}

/** The forwards that the flags name; undefined when there are none. @throws AivError `E_USAGE` */
export function forwarding(flags: ForwardFlags): Forwards | undefined {
  const local = (flags['local-forward'] ?? []).map((text) => parseForward('-L', text))
  const remote = (flags['remote-forward'] ?? []).map((text) => parseForward('-R', text))
  const dynamic = (flags['dynamic-forward'] ?? []).map(parseDynamic)
  const count = local.length + remote.length + dynamic.length
  return count === 0 ? undefined : { local, remote, dynamic }
}

/** The service that stdin and stdout are joined to. @throws AivError `E_USAGE` */
export function stdioService(flags: ForwardFlags): { readonly service: string; readonly params: CborMap } {
  const text = flags['stdio-forward']
  if (text === undefined) return { service: 'pipe', params: {} }
  return { service: 'tcp', params: targetParams(parseStdioTarget(text)) }
}

/**
 * Opens every port, says `ready` with the real ones, and waits.
 * @throws AivError why the session ended, unless the command was interrupted
 */
export async function runForwards(
  peer: ForwardPeer,
  forwards: Forwards,
  command: ForwardCommand,
  about: Fields,
): Promise<void> {
  const { session, observer, lasting } = peer
  const listeners: LocalListener[] = []
  const started: Started[] = []
  const open = observer.countOpens(lasting?.open ?? streamsOf(session))
  const onFailed = (target: Target, error: Error): void => {
    const code = isAivError(error) ? error.code : undefined
    const where = formatTarget(target)
    command.event(
      'forward-failed',
      { target: where, code, reason: error.message },
      `${where}: ${error.message}`,
    )
  }
  try {
    for (const { listen, target } of forwards.local) {
      const listener = await localForward({ open, listen, target, onFailed })
      listeners.push(listener)
      started.push({ type: 'local', listen: listener.where, target: formatTarget(target) })
    }
    const ports = new RemotePorts(forwards.remote, peer, command)
    for (const { listen, target } of await ports.open(session)) {
      started.push({ type: 'remote', listen, target: formatTarget(target) })
    }
    for (const listen of forwards.dynamic) {
      const listener = await socksServer({ open, listen, clock: systemClock, onFailed })
      listeners.push(listener)
      started.push({ type: 'dynamic', listen: listener.where })
    }
    command.event('ready', { ...about, forwards: started }, readyText(started))
    await hold(peer, command.signal, (next) => ports.reopen(next))
  } finally {
    for (const listener of listeners) listener.close()
    if (lasting === undefined) await session.close(CODE.GOING_AWAY)
  }
}

function readyText(started: readonly Started[]): string {
  const lines = started.map(
    ({ listen, target }) => `${listen} to ${target ?? 'wherever its SOCKS clients ask'}`,
  )
  return `ready: ${lines.join(', ')}`
}

/** Waits for the interruption; until then each session that is over is followed by `renew` with the next. */
async function hold(
  { session, lasting }: ForwardPeer,
  signal: AbortSignal,
  renew: (next: HtxSession) => void,
): Promise<void> {
  const interrupted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  for (let now = session; ; ) {
    const end = await Promise.race([now.closed, interrupted])
    if (end === undefined) return
    if (lasting === undefined) throw sessionEndError(end)
    try {
      now = await lasting.next()
    } catch (error) {
      if (signal.aborted) return
      throw error
    }
    renew(now)
  }
}
