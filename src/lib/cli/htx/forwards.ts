/** The forwards of `aiv htx connect`: sets them up over one session and keeps them until it ends. */
import { type CborMap, isAivError, systemClock } from '../../core/index.ts'
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
} from '../../htx/index.ts'
import type { Fields } from '../output.ts'
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
  session: HtxSession,
  forwards: Forwards,
  command: ForwardCommand,
  about: Fields,
): Promise<void> {
  const listeners: LocalListener[] = []
  const started: Started[] = []
  const open: OpenStream = streamsOf(session)
  const remotes = new RemoteForwards(session, systemClock)
  session.onStream(
    (stream) => void acceptService(stream, session, { clock: systemClock, services: remotes.services }),
  )
  const onFailed = (target: Target, error: Error): void => {
    const where = formatTarget(target)
    const code = isAivError(error) ? error.code : undefined
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
    for (const { listen, target } of forwards.remote) {
      const forward = await remotes.add(bindOf(listen), target)
      started.push({ type: 'remote', listen: forward.where, target: formatTarget(target) })
      void forward.closed.then(() => {
        if (session.isOpen && !command.signal.aborted)
          command.event('forward-ended', { listen: forward.where }, `the peer closed ${forward.where}`)
      })
    }
    for (const listen of forwards.dynamic) {
      const listener = await socksServer({ open, listen, clock: systemClock, onFailed })
      listeners.push(listener)
      started.push({ type: 'dynamic', listen: listener.where })
    }
    command.event('ready', { ...about, forwards: started }, readyText(started))
    await ended(session, command.signal)
  } finally {
    for (const listener of listeners) listener.close()
    await session.close(CODE.GOING_AWAY)
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

async function ended(session: HtxSession, signal: AbortSignal): Promise<void> {
  const interrupted = Promise.withResolvers<undefined>()
  const onAbort = (): void => interrupted.resolve(undefined)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  const end = await Promise.race([session.closed, interrupted.promise])
  signal.removeEventListener('abort', onAbort)
  if (end !== undefined) throw sessionEndError(end)
}
