/** Sets up the ends of a session from the flags of a command: identity, known peers, limits. */
import { join } from 'node:path'
import { AivError, fromHex, isAivError, systemClock } from '../../core/index.ts'
import {
  CODE,
  type ConnectOptions,
  connect,
  type HtxSession,
  type ListenOptions,
  type Observer,
  type PeerTrust,
  type PqPolicy,
  ResumptionFile,
  type Tracer,
} from '../../htx/index.ts'
import {
  type Identity,
  KnownPeers,
  knownPeersPath,
  loadIdentity,
  renewIdentityFile,
} from '../../identity/index.ts'
import { wantsJson } from '../failure/report.ts'
import { readPassphrase } from '../io/passphrase.ts'
import { Logger } from '../logger.ts'
import { type Fields, Output } from '../output.ts'
import { stateFolders } from '../state-folders.ts'
import { type CamouflageFlags, grantOptions } from './camouflage/grant-options.ts'
import { readText } from './read-text.ts'

/** Bytes. */
const WINDOW_LEAST = 4096
const WINDOW_MOST = 16 * 1024 * 1024
const AHEAD_LEAST = 16 * 1024

/** The part of a command that these functions use. */
export interface CommandContext {
  readonly signal: AbortSignal
  /** Who watches the sessions, if anybody. */
  readonly observer?: Observer
  /** Writes down what passes, if it was asked for. */
  readonly tracer?: Tracer | undefined
}

export interface IdentityFlags {
  readonly key?: string | undefined
  readonly 'passphrase-file'?: string | undefined
}

export interface SessionFlags {
  readonly pq?: string | undefined
  readonly 'first-contact'?: boolean
  readonly 'handshake-timeout': number
  readonly window?: number | undefined
  readonly idle?: number | undefined
  readonly 'max-streams'?: number | undefined
  readonly ahead?: number | undefined
  readonly pad?: boolean
  readonly spec?: '1.1' | '1.2' | undefined
}

export interface DialFlags extends CamouflageFlags {
  readonly proxy?: string | undefined
  readonly ca?: string | undefined
  readonly pin?: string | undefined
  readonly 'insecure-outer'?: boolean
  readonly timeout: number
  readonly resume?: string | undefined
}

export type ClientFlags = IdentityFlags & SessionFlags & DialFlags

/** Connects as the flags say. */
export async function openClient(
  address: string,
  flags: ClientFlags,
  context: CommandContext,
): Promise<HtxSession> {
  return await connect(address, await clientOptions(flags, context))
}

/** Connects, does the work, and ends the session in order: drained when it went well, told at once when not. */
export async function withClient<T>(
  address: string,
  flags: ClientFlags,
  context: CommandContext,
  work: (session: HtxSession) => Promise<T>,
): Promise<T> {
  const session = await openClient(address, flags, context)
  try {
    const result = await work(session)
    await session.drain()
    return result
  } catch (error) {
    await session.close(CODE.GOING_AWAY)
    throw error
  }
}

/** A session as events name it. */
export function describeSession({ description }: HtxSession): Fields {
  const { peer, remoteAddress, suite, hybrid, resumed, sessionId } = description
  return { peer, remote: remoteAddress, suite, hybrid, resumed, session_id: sessionId }
}

export async function clientOptions(flags: ClientFlags, context: CommandContext): Promise<ConnectOptions> {
  const pins = flags.pin === undefined ? undefined : [parsePin(flags.pin)]
  const ca = flags.ca === undefined ? undefined : await readText(flags.ca)
  const endpoint = await endpointOptions(flags, context)
  return {
    ...endpoint,
    ...(await grantOptions(flags)),
    ...(flags.resume === undefined ? {} : { resumption: openTickets(flags.resume, endpoint.identity) }),
    signal: context.signal,
    ...(context.observer === undefined ? {} : { observer: context.observer }),
    ...(context.tracer === undefined ? {} : { tracer: context.tracer }),
    dial: {
      timeoutMs: flags.timeout,
      ...(flags.proxy === undefined ? {} : { proxy: flags.proxy }),
      ...(ca === undefined ? {} : { ca }),
      ...(pins === undefined ? {} : { pins }),
      ...(flags['insecure-outer'] === true ? { insecureOuter: true } : {}),
    },
  }
}

type EndpointOptions = Pick<
  ListenOptions & ConnectOptions,
  | 'identity'
  | 'renew'
  | 'trust'
  | 'pq'
  | 'spec'
  | 'firstContact'
  | 'handshakeTimeoutMs'
  | 'parameters'
  | 'limits'
>

/** What both roles share. */
export async function endpointOptions(
  flags: IdentityFlags & SessionFlags,
  context: CommandContext,
): Promise<EndpointOptions> {
  requireUsable(flags)
  const identity = await openIdentity(flags, context)
  const { window, idle, 'max-streams': maxStreams, ahead, pad } = flags
  return {
    ...identity,
    trust: openTrust(),
    ...(flags.pq === undefined ? {} : { pq: flags.pq as PqPolicy }),
    firstContact: flags['first-contact'] ?? false,
    ...(flags.spec === undefined ? {} : { spec: flags.spec }),
    handshakeTimeoutMs: flags['handshake-timeout'],
    parameters: {
      ...(window === undefined ? {} : { streamWindow: window, sessionWindow: Math.max(window, 1024 * 1024) }),
      ...(idle === undefined ? {} : { idleTimeoutMs: idle }),
      ...(maxStreams === undefined ? {} : { maxStreams }),
    },
    limits: { ...(ahead === undefined ? {} : { ahead }), ...(pad === true ? { pad } : {}) },
  }
}

/** Sizes that HELLO can say, and that leave a session able to send. @throws AivError `E_USAGE` */
function requireUsable({ window, ahead }: SessionFlags): void {
  if (window !== undefined && (window < WINDOW_LEAST || window > WINDOW_MOST)) {
    throw new AivError('E_USAGE', '--window takes 4KiB to 16MiB')
  }
  if (ahead !== undefined && ahead < AHEAD_LEAST) throw new AivError('E_USAGE', '--ahead takes 16KiB or more')
}

/** The folder for what is kept between runs. */
export function dataPath(name: string): string {
  return join(stateFolders().data, name)
}

function openTickets(path: string, identity: Identity | undefined): ResumptionFile {
  return new ResumptionFile(path, {
    ...(identity === undefined ? {} : { user: { peer: identity.peer, x: identity.noise.publicKey } }),
    onError: ({ message }) => warn(`a ticket was not kept in ${path}: ${message}`),
  })
}

/** What does not keep the command from its work. */
export function warn(message: string): void {
  const json = wantsJson(process.argv.slice(2))
  new Logger(new Output({ json, dataOnStdout: false }), 'warn').warn(message)
}

export function openTrust(): PeerTrust & KnownPeers {
  return new KnownPeers(knownPeersPath(stateFolders().data))
}

async function openIdentity(
  flags: IdentityFlags,
  context: CommandContext,
): Promise<Pick<EndpointOptions, 'identity' | 'renew'>> {
  const { key, 'passphrase-file': file } = flags
  if (key === undefined) return {}
  const { signal } = context
  let passphrase = await readPassphrase({ file, signal })
  let identity: Identity
  try {
    identity = await loadIdentity(key, passphrase === undefined ? {} : { passphrase })
  } catch (error) {
    if (!isAivError(error, 'E_PASSPHRASE_REQUIRED')) throw error
    passphrase = await readPassphrase({ prompt: `Passphrase for ${key}`, signal })
    if (passphrase === undefined) throw error
    identity = await loadIdentity(key, { passphrase })
  }
  const kept = passphrase
  return {
    identity,
    renew: (current) => renewIdentityFile(key, current, { passphrase: kept, clock: systemClock }),
  }
}

function parsePin(text: string): Uint8Array {
  const pin = fromHex(text)
  if (pin.length !== 32)
    throw new AivError('E_USAGE', '--pin takes 64 hex digits: the SHA-256 of the public key')
  return pin
}
