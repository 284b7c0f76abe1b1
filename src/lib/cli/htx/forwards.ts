/** The forwards of `aiv htx connect`: sets them up over one session and keeps them until it ends. */
import { type CborMap, isAivError, systemClock } from '../../core/index.ts'
import {
  CODE,
  formatTarget,
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
} from '../../htx/index.ts'
import type { Fields } from '../output.ts'
import { type ForwardSpec, parseDynamic, parseForward, parseStdioTarget } from './forward-spec.ts'

export interface ForwardFlags {
  readonly 'local-forward'?: readonly string[] | undefined
  readonly 'dynamic-forward'?: readonly string[] | undefined
  readonly 'stdio-forward'?: string | undefined
}

export interface ForwardCommand {
  readonly signal: AbortSignal
  event(name: string, fields?: Fields, text?: string): void
}

interface Started {
  readonly type: 'local' | 'dynamic'
  readonly listen: string
  readonly target?: string
}

export interface Forwards {
  readonly local: readonly ForwardSpec[]
  readonly dynamic: readonly LocalEndpoint[]
}

/** The forwards that the flags name; undefined when there are none. @throws AivError `E_USAGE` */
export function forwarding(flags: ForwardFlags): Forwards | undefined {
  const local = (flags['local-forward'] ?? []).map((text) => parseForward('-L', text))
  const dynamic = (flags['dynamic-forward'] ?? []).map(parseDynamic)
  return local.length + dynamic.length === 0 ? undefined : { local, dynamic }
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
