/** The forwards of `aiv htx connect`: sets them up over one session and keeps them until it ends. */
import { type CborMap, isAivError, systemClock } from '../../../core/index.ts'
import {
  acceptService,
  CODE,
  formatTarget,
  type HtxSession,
  type LocalEndpoint,
  type LocalListener,
  localForward,
  type OpenStream,
  RemoteForwards,
  sessionEndError,
  socksServer,
  streamsOf,
  type Target,
  targetParams,
} from '../../../htx/index.ts'
import type { Fields } from '../../output.ts'
import { type ForwardSpec, parseDynamic, parseForward, parseStdioTarget } from './forward-spec.ts'

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
  readonly lasting?: {
    /** Opens streams that outlive a session. */
    readonly open: OpenStream
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
  const { session, lasting } = peer
  const listeners: LocalListener[] = []
  const started: Started[] = []
  const open = lasting?.open ?? streamsOf(session)
  const failed = (where: string, error: Error): void => {
    const code = isAivError(error) ? error.code : undefined
    command.event(
      'forward-failed',
      { target: where, code, reason: error.message },
      `${where}: ${error.message}`,
    )
  }
  const onFailed = (target: Target, error: Error): void => failed(formatTarget(target), error)
  try {
    for (const { listen, target } of forwards.local) {
      const listener = await localForward({ open, listen, target, onFailed })
      listeners.push(listener)
      started.push({ type: 'local', listen: listener.where, target: formatTarget(target) })
    }
    const ports: RemotePort[] = forwards.remote.map(({ listen, target }) => ({
      bind: bindOf(listen),
      target,
    }))
    for await (const { where, target } of openRemotes(session, ports, command)) {
      started.push({ type: 'remote', listen: where, target: formatTarget(target) })
    }
    for (const listen of forwards.dynamic) {
      const listener = await socksServer({ open, listen, clock: systemClock, onFailed })
      listeners.push(listener)
      started.push({ type: 'dynamic', listen: listener.where })
    }
    command.event('ready', { ...about, forwards: started }, readyText(started))
    await hold(peer, command.signal, async (next) => {
      if (ports.length === 0) return
      try {
        for await (const { where } of openRemotes(next, ports, command)) {
          command.event('forward-reopened', { listen: where }, `the peer listens at ${where} again`)
        }
      } catch (error) {
        failed('remote', error as Error)
      }
    })
  } finally {
    for (const listener of listeners) listener.close()
    if (lasting === undefined) await session.close(CODE.GOING_AWAY)
  }
}

interface RemotePort {
  /** Its port is the one that the peer picked, once it has. */
  bind: Target
  readonly target: Target
}

/** Has the peer open ports; each belongs to its session. */
async function* openRemotes(
  session: HtxSession,
  ports: readonly RemotePort[],
  command: ForwardCommand,
): AsyncGenerator<{ readonly where: string; readonly target: Target }> {
  const remotes = new RemoteForwards(session, systemClock)
  session.onStream(
    (stream) => void acceptService(stream, session, { clock: systemClock, services: remotes.services }),
  )
  for (const each of ports) {
    const { where, port, closed } = await remotes.add(each.bind, each.target)
    each.bind = { ...each.bind, port }
    void closed.then(() => {
      if (session.isOpen && !command.signal.aborted)
        command.event('forward-ended', { listen: where }, `the peer closed ${where}`)
    })
    yield { where, target: each.target }
  }
}

/** A port of every interface has to be permitted by that name. */
function bindOf(listen: LocalEndpoint): Target {
  if ('path' in listen) return { host: listen.path, port: 0 }
  return { host: listen.host ?? '0.0.0.0', port: listen.port }
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
  renew: (next: HtxSession) => Promise<void>,
): Promise<void> {
  const interrupted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  for (let now = session; ; ) {
    const end = await Promise.race([now.closed, interrupted])
    if (end === undefined) return
    // A peer that has taken us off its list says so; who comes back all the same is a nuisance.
    const isRejected = end.byPeer && end.cause === 'closed' && end.code === CODE.POLICY_REJECTED
    if (lasting === undefined || isRejected) throw sessionEndError(end)
    try {
      now = await lasting.next()
    } catch (error) {
      if (signal.aborted) return
      throw error
    }
    await renew(now)
  }
}
