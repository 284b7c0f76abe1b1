/** Runs a pluggable transport for the process that started it: its words on stdout, everything else on stderr. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AivError, isAivError, systemClock } from '../../core/index.ts'
import { systemRandom } from '../../crypto/index.ts'
import {
  acceptService,
  argumentsOf,
  connect,
  formatServerArguments,
  type HtxListener,
  listen,
  listenPtClient,
  orPortService,
  type PtClient,
  type PtEnvironment,
  type PtServer,
  PtVersionError,
  parseAddress,
  readPtEnvironment,
  serverAddress,
  TRANSPORT,
} from '../../htx/index.ts'
import {
  createIdentity,
  type Identity,
  KnownPeers,
  knownPeersPath,
  loadIdentity,
  renewIdentityFile,
  saveIdentity,
} from '../../identity/index.ts'
import { parseProxy } from '../../link/index.ts'
import { openStore } from '../../storage/index.ts'
import type { HostPort } from '../flags.ts'
import { printable } from '../output.ts'
import { type CommandContext, endpointOptions, type SessionFlags } from './endpoint.ts'
import { type Operations, type OperationsOptions, withOperations } from './operations/operations.ts'
import { ParentLog } from './parent-log.ts'

export interface PtFlags extends SessionFlags {
  readonly metrics?: HostPort | undefined
  readonly timeout: number
}

export interface PtCommand extends CommandContext {
  readonly event: OperationsOptions['event']
  /** Writes a line to the parent. */
  readonly say: (line: string) => void
}

interface Parent extends PtCommand {
  readonly log: ParentLog
}

/** Open sessions get this long when the parent ends us; it may be about to kill. Milliseconds. */
const GRACE_MS = 1_000

/** @throws AivError when there is nothing to run; the parent has then been told in its own words */
export async function runPt(env: PtEnvironment, flags: PtFlags, command: PtCommand): Promise<void> {
  const asked = readEnvironment(env, command)
  const say = (...words: readonly string[]): void => command.say(printable(words.join(' ')))
  say('VERSION', '1')
  const proxy = asked.role === 'client' ? readProxy(asked, command) : undefined
  if (proxy !== undefined) say('PROXY', 'DONE')
  const method = asked.role === 'client' ? 'CMETHOD' : 'SMETHOD'
  for (const name of asked.unknown) say(`${method}-ERROR`, name, 'no such transport')
  if (!asked.wanted) {
    say(`${method}S`, 'DONE')
    return
  }
  await mkdir(asked.state, { recursive: true, mode: 0o700 })
  const parent = { ...command, log: new ParentLog(command.say) }
  const operations = {
    role: 'pt',
    metrics: flags.metrics,
    folder: join(asked.state, 'run'),
    event: command.event,
  } as const
  await withOperations(operations, async (running) => {
    const run =
      asked.role === 'client'
        ? startClient(asked, proxy, flags, parent, running)
        : startServer(asked, flags, parent, running)
    let started: Started
    try {
      started = await run
    } catch (error) {
      say(`${method}-ERROR`, TRANSPORT, (error as Error).message)
      say(`${method}S`, 'DONE')
      throw error
    }
    say(method, TRANSPORT, ...started.words)
    say(`${method}S`, 'DONE')
    parent.log.log('notice', started.notice)
    try {
      await parentEnds(asked.exitOnStdinClose, command.signal)
    } finally {
      await started.close()
    }
  })
}

interface Started {
  /** What the parent is told behind the name of the transport. */
  readonly words: readonly string[]
  /** For the log of the parent. */
  readonly notice: string
  close(): Promise<void>
}

function readEnvironment(env: PtEnvironment, { say }: PtCommand): PtClient | PtServer {
  try {
    return readPtEnvironment(env)
  } catch (error) {
    if (error instanceof PtVersionError) {
      say('VERSION-ERROR no-version')
      throw new AivError(
        'E_UNSUPPORTED',
        'the parent speaks no version of pluggable transports that is known here',
      )
    }
    if (isAivError(error)) say(`ENV-ERROR ${printable(error.message)}`)
    throw error
  }
}

/**
 * The proxy to dial through, which resolves names too: what a user sends through it must not show in a query to the
 * local resolver.
 */
function readProxy({ proxy }: PtClient, { say }: PtCommand): string | undefined {
  if (proxy === undefined) return undefined
  try {
    parseProxy(proxy)
  } catch (error) {
    say(`PROXY-ERROR ${printable((error as Error).message)}`)
    throw error
  }
  // Written anew, because a parser forgives spaces and capitals that a pattern does not.
  return new URL(proxy).href.replace(/^socks5:/, 'socks5h:')
}

async function startClient(
  asked: PtClient,
  proxy: string | undefined,
  flags: PtFlags,
  { event, log, signal }: Parent,
  { observer }: Operations,
): Promise<Started> {
  const options = {
    ...(await endpointOptions(flags, { signal })),
    trust: new KnownPeers(knownPeersPath(asked.state)),
    signal,
    observer,
    dial: { timeoutMs: flags.timeout, ...(proxy === undefined ? {} : { proxy }) },
  }
  const listener = await listenPtClient({
    clock: systemClock,
    connect: (address) => connect(address, options),
    onConnected: (bridge) => log.connected(bridge),
    onError: (error, bridge) => {
      event('request-failed', { code: error.code, reason: error.message })
      log.failed(error, bridge)
    },
  })
  event('ready', { role: 'client', address: listener.address })
  return {
    words: ['socks5', listener.address],
    notice: 'ready for connections to bridges',
    close: () => listener.close(),
  }
}

async function startServer(
  asked: PtServer,
  flags: PtFlags,
  { event, log, signal }: Parent,
  operations: Operations,
): Promise<Started> {
  const { observer } = operations
  const store = await openStore({
    path: join(asked.state, 'htx.sqlite'),
    schema: { name: 'htx', version: 1 },
    durability: 'process',
  })
  const file = join(asked.state, 'htx_identity.json')
  const onOrPortFailure = (error: Error): void => {
    event('or-port-failed', { reason: error.message })
    log.log(
      'warning',
      'a client was turned away because the ORPort of this relay did not take its connection',
    )
  }
  let listener: HtxListener
  try {
    const services = observer.countServices({ pipe: orPortService(asked, systemRandom, onOrPortFailure) })
    listener = await listen(serverAddress(asked.bind, asked.options), {
      ...(await endpointOptions(flags, { signal })),
      identity: await bridgeIdentity(file),
      renew: (current) => renewIdentityFile(file, current, { clock: systemClock }),
      trust: new KnownPeers(knownPeersPath(asked.state)),
      store,
      observer,
      onStream: (stream, session) => void acceptService(stream, session, { clock: systemClock, services }),
      onError: (error) => {
        event('link-failed', { reason: error.message })
        log.log(
          'warning',
          'a client was turned away because of a failure on this side; see the events of the transport',
        )
      },
    })
  } catch (error) {
    await store.close()
    throw error
  }
  const { address } = listener
  operations.address = address
  const values = argumentsOf(address)
  const { host, port } = parseAddress(address, 'connect')
  const where = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  const pairs = [...values].map(([key, value]) => `${key}=${value}`).join(' ')
  const bridgeLine = join(asked.state, 'htx_bridgeline.txt')
  await writeFile(bridgeLine, `Bridge ${TRANSPORT} <IP ADDRESS>:${port} <FINGERPRINT> ${pairs}\n`, {
    mode: 0o600,
  })
  event('ready', { role: 'server', address })
  return {
    words: [where, `ARGS:${formatServerArguments(values)}`],
    notice: `the end of the bridge line is in ${bridgeLine}`,
    close: async () => {
      await listener.close(GRACE_MS)
      await store.close()
    },
  }
}

/** The same for as long as the state folder lasts: clients know the bridge by it. */
async function bridgeIdentity(path: string): Promise<Identity> {
  try {
    return await loadIdentity(path)
  } catch (error) {
    if (!isAivError(error, 'E_NOT_FOUND')) throw error
    const identity = createIdentity(systemRandom, systemClock)
    await saveIdentity(path, identity)
    return identity
  }
}

async function parentEnds(exitOnStdinClose: boolean, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = (): void => resolve()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  if (exitOnStdinClose) {
    process.stdin.once('end', end).once('close', end).once('error', end)
    process.stdin.resume()
  }
  try {
    await promise
  } finally {
    if (exitOnStdinClose) process.stdin.pause()
  }
}
