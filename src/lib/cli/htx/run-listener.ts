/** Runs a listener for a command until it is interrupted: events, services, orderly end. */
import { systemClock, toHex } from '../../core/index.ts'
import {
  type AllowList,
  acceptService,
  codeName,
  type HtxSession,
  type ListenOptions,
  listen,
  parseAddress,
  RESUME_SERVICE,
  RESUMPTION_SCHEMA,
  ResumeAcceptor,
} from '../../htx/index.ts'
import { openStore, type Store } from '../../storage/index.ts'
import type { HostPort } from '../flags.ts'
import type { Fields } from '../output.ts'
import { certificateOptions } from './camouflage/certificate-options.ts'
import type { ShownSite } from './camouflage/site-options.ts'
import {
  type CommandContext,
  dataPath,
  describeSession,
  endpointOptions,
  type IdentityFlags,
  type SessionFlags,
  warn,
} from './endpoint.ts'
import { type Operations, withOperations } from './operations/operations.ts'
import { requireNoOtherTwin } from './operations/other-listeners.ts'
import { type ServiceManager, takeServiceManager, takeSocket } from './operations/systemd.ts'
import type { Services } from './services.ts'
import { type AccessTickets, openAccessTickets } from './ticket/access-tickets.ts'

export interface ListenFlags extends IdentityFlags, SessionFlags {
  readonly allow?: readonly string[] | AllowList | undefined
  readonly tickets?: string | undefined
  readonly cert?: string | undefined
  readonly 'cert-key'?: string | undefined
  readonly decoy?: string | undefined
  readonly ticket?: 'v1' | undefined
  readonly 'max-sessions': number
  readonly 'max-buffered'?: number | undefined
  readonly 'handshake-per-prefix': number
  readonly 'handshake-rate': number
  readonly metrics?: HostPort | undefined
  readonly socket?: string | undefined
  readonly once?: boolean
}

export interface ListenerCommand extends CommandContext {
  /** Default: the one that the environment names. */
  readonly manager?: ServiceManager
  event(name: string, fields?: Fields, text?: string): void
}

const HANDSHAKE_BURST = 60

export async function runListener(
  address: string,
  flags: ListenFlags,
  command: ListenerCommand,
  services: Services,
): Promise<void> {
  const fd = takeSocket(process.env, process.pid, flags.socket)
  const manager = command.manager ?? takeServiceManager(command.event)
  await withOperations(
    { role: 'listen', metrics: flags.metrics, event: command.event },
    async (operations) => await serve(address, flags, command, services, { operations, manager, fd }),
  )
}

/** What the process that serves is embedded in. */
interface Surroundings {
  readonly operations: Operations
  readonly manager: ServiceManager
  /** The socket that the service manager has bound. */
  readonly fd: number | undefined
}

async function serve(
  address: string,
  flags: ListenFlags,
  command: ListenerCommand,
  services: Services,
  { operations, manager, fd }: Surroundings,
): Promise<void> {
  const { observer } = operations
  const counted = observer.countServices(services)
  const resumed = new ResumeAcceptor({
    clock: systemClock,
    services: counted,
    onError: (error, service) => command.event('stream-failed', { service, reason: error.message }),
  })
  const offered = { ...counted, ...observer.countServices({ [RESUME_SERVICE]: resumed.service }) }
  const store = await openStore({
    path: dataPath('htx.sqlite'),
    schema: { name: 'htx', version: 1 },
    // A restart of the process must not forget a message 1; a power cut costs seconds that its time window bounds.
    durability: 'process',
  })
  let tickets: Store | undefined
  let access: AccessTickets | undefined
  try {
    if (flags.tickets !== undefined) access = await openAccessTickets(flags.tickets, command)
    const site = access?.ring.site
    await requireNoOtherTwin({ ...parseAddress(address, 'listen'), site })
    // The tickets of a throw-away identity are worth nothing after it: they stay in memory.
    if (flags.key !== undefined)
      tickets = await openStore({ path: dataPath('htx-resumption.sqlite'), schema: RESUMPTION_SCHEMA })
    const { pin, ...shownOptions } = await shownSite(address, flags, access)
    const over = Promise.withResolvers<void>()
    const listener = await listen(address, {
      ...(await endpointOptions(flags, command)),
      ...listenOptions(flags),
      ...shownOptions,
      store,
      ...(fd === undefined ? {} : { fd }),
      observer,
      ...(command.tracer === undefined ? {} : { tracer: command.tracer }),
      ...(tickets === undefined ? {} : { resumptionStore: tickets }),
      ...(access === undefined ? {} : { accessTickets: access.requirement }),
      onSession: (session) => void follow(session),
      onStream: (stream, session) =>
        void acceptService(stream, session, {
          clock: systemClock,
          services: offered,
          onError: (error, service) =>
            command.event('stream-failed', { peer: session.peer, service, reason: error.message }),
        }),
      onError: (error) => command.event('link-failed', { reason: error.message }),
    })
    const follow = async (session: HtxSession): Promise<void> => {
      command.event('session', describeSession(session), `session with ${session.peer}`)
      const end = await session.closed
      const { bytesSent, bytesReceived } = session.statistics
      command.event(
        'closed',
        {
          peer: session.peer,
          cause: end.cause,
          code: codeName(end.code),
          bytes_sent: bytesSent,
          bytes_received: bytesReceived,
        },
        `session with ${session.peer} ended: ${end.cause === 'closed' ? codeName(end.code) : end.cause}`,
      )
      if (flags.once !== true) return
      // What the session has left unfinished goes on in the next one.
      await resumed.idle()
      over.resolve()
    }
    operations.address = listener.address
    operations.site = site
    const { address: reached, peer } = listener
    try {
      // Again, now that others see this one: two may have started together, and port 0 has become a number.
      await requireNoOtherTwin({ ...parseAddress(reached, 'connect'), site })
    } catch (error) {
      await listener.close(0)
      throw error
    }
    command.event(
      'ready',
      { address: reached, peer, ...(pin === undefined ? {} : { pin: toHex(pin) }), ...operations.fields },
      `ready at ${reached}`,
    )
    manager.ready(`listening, peer ${peer}`)
    command.signal.addEventListener('abort', () => over.resolve(), { once: true })
    if (command.signal.aborted) over.resolve()
    await over.promise
    manager.stopping()
    await listener.close()
    resumed.close()
  } finally {
    await manager.close()
    await tickets?.close()
    await access?.close()
    await store.close()
  }
}

function listenOptions(flags: ListenFlags): Partial<ListenOptions> {
  const { allow, 'max-buffered': maxBuffered } = flags
  return {
    ...(allow === undefined ? {} : { allow }),
    ...(maxBuffered === undefined ? {} : { maxBufferedBytes: maxBuffered }),
    maxSessions: flags['max-sessions'],
    admission: {
      handshakesPerPrefix: flags['handshake-per-prefix'],
      bucket: {
        capacity: Math.max(HANDSHAKE_BURST, flags['handshake-rate']),
        refillPerSecond: flags['handshake-rate'] / 60,
      },
    },
  }
}

/** Loaded on demand: what makes certificates is more than most listeners need. */
async function shownSite(
  address: string,
  flags: ListenFlags,
  access: AccessTickets | undefined,
): Promise<ShownSite> {
  const isSite = flags.decoy !== undefined || parseAddress(address, 'listen').scheme === 'htx+https'
  if (!isSite) return await certificateOptions(flags)
  const { siteOptions } = await import('./camouflage/site-options.ts')
  return await siteOptions(address, flags, access?.ring, warn)
}
