/** Work of a command that outlives its session: one connector, events about it, an end in order. */
import type { CborMap } from '../../core/index.ts'
import {
  CODE,
  Connector,
  type HtxSession,
  type HtxStream,
  type OpenContinuedOptions,
  type OpenStream,
  openContinued,
  openRawService,
} from '../../htx/index.ts'
import type { Fields } from '../output.ts'
import { type ClientFlags, type CommandContext, clientOptions, describeSession } from './endpoint.ts'
import type { ForwardPeer } from './forward/forwards.ts'
import { addressesInTurn } from './links.ts'

/** After an interruption the peer hears of it before the session ends; milliseconds. */
const FAREWELL_MS = 500

export interface ContinuityFlags extends ClientFlags {
  readonly continue: boolean
  readonly retry: number
  readonly link?: string | undefined
}

export interface ContinuityCommand extends CommandContext {
  event(name: string, fields?: Fields, text?: string): void
}

export interface LivingStream {
  readonly stream: HtxStream
  /** Resolves when the peer has everything; rejects when it never will. */
  readonly settled: Promise<void>
}

/** Opens a service, continued where `--no-continue` does not say otherwise and the peer can. */
export type OpenLiving = (service: string, params: CborMap, signal: AbortSignal) => Promise<LivingStream>

/** Says `connected`, `reconnecting` and `reconnected`, and ends the session in order. */
export async function withConnector<T>(
  addresses: readonly string[],
  flags: ContinuityFlags,
  command: ContinuityCommand,
  onConnected: (session: HtxSession) => void,
  work: (open: OpenLiving, connector: Connector) => Promise<T>,
): Promise<T> {
  const { signal: _ours, ...connect } = await clientOptions(flags, command)
  const connector = new Connector(addressesInTurn(addresses, flags.link, connect.accessGrant), {
    connect,
    retries: flags.retry,
    signal: command.signal,
    onConnected,
    onReconnecting: ({ error, attempt, pauseMs }) =>
      command.event(
        'reconnecting',
        { reason: error.message, code: error.code, attempt, pause_ms: pauseMs },
        `${error.message}; connecting again in ${pauseMs} ms`,
      ),
    onReconnected: (session) =>
      command.event('reconnected', describeSession(session), `connected to ${session.peer} again`),
  })
  const open: OpenLiving = async (service, params, signal) => {
    if (flags.continue) return await openToContinue(connector, command, service, params, { signal })
    const stream = await connector.run((session) => openRawService(session, service, params, { signal }), {
      signal,
    })
    return { stream, settled: Promise.resolve() }
  }
  try {
    const result = await work(open, connector)
    await connector.drain(command.signal.aborted ? FAREWELL_MS : undefined)
    return result
  } catch (error) {
    await connector.drain(command.signal.aborted ? FAREWELL_MS : 0)
    await connector.close(CODE.GOING_AWAY)
    throw error
  }
}

/** Says `not-continued` where the peer refuses that: the service works, and ends with its session. */
async function openToContinue(
  connector: Connector,
  command: ContinuityCommand,
  service: string,
  params: CborMap,
  options: OpenContinuedOptions,
): Promise<LivingStream> {
  const { stream, settled, refusal } = await openContinued(connector, service, params, options)
  if (refusal !== undefined)
    command.event(
      'not-continued',
      { service, reason: refusal.message },
      `service ${service} will end with its session: ${refusal.message}`,
    )
  return { stream, settled }
}

/** What forwards need: streams that outlive a session, or the one session when `--no-continue` says so. */
export async function withPeer(
  addresses: readonly string[],
  flags: ContinuityFlags,
  command: ContinuityCommand & Pick<ForwardPeer, 'observer'>,
  work: (peer: ForwardPeer) => Promise<void>,
): Promise<void> {
  await withConnector(
    addresses,
    flags,
    command,
    () => {},
    async (_open, connector) => {
      const { observer } = command
      const session = await connector.run(async (first) => first)
      if (!flags.continue) {
        await work({ session, observer })
        return
      }
      const next = async (): Promise<HtxSession> =>
        await connector.run(async (later) => later, { isBegun: true })
      const open: OpenStream = async (service, params, options) =>
        (await openToContinue(connector, command, service, params, options)).stream
      const vouch = connector.vouch.bind(connector)
      await work({ session, observer, lasting: { open, next, vouch } })
    },
  )
}
