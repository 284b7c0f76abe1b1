/** The TLS connections of one running browser. */
import type { TimerClock } from '../../../core/index.ts'
import {
  connectTls,
  HelloBuilder,
  type ListedConfig,
  type SessionTicket,
  type TlsConnection,
  type TrustRoots,
  templateOfVersion,
} from '../../../tls/index.ts'

export interface BrowserConnectOptions {
  readonly host: string
  readonly port: number
  /** The name that is sent, that the certificate must be for and that requests go to; default `host`. */
  readonly serverName?: string
  /** Of Chrome; default the newest that is known. */
  readonly major?: number
  /** Value of Accept-Language; default that of Chrome in American English. */
  readonly acceptLanguage?: string
  readonly roots: TrustRoots
  /** Encrypts the name for real: what the server published of its keys for ECH. */
  readonly ech?: readonly ListedConfig[]
  /** SHA-256 of public keys; when there are any, the key alone decides. */
  readonly pins?: readonly Uint8Array[]
  /** Proxy URL. */
  readonly proxy?: string
  readonly signal?: AbortSignal
  /** Milliseconds for everything together; default 10,000. */
  readonly timeoutMs?: number
  readonly clock: TimerClock
}

/** A page offers both; a WebSocket has HTTP/1.1 alone, and then Chrome sends no settings of HTTP/2 in its hello. */
export const PAGE_PROTOCOLS: readonly string[] = ['h2', 'http/1.1']
export const WEBSOCKET_PROTOCOLS: readonly string[] = ['http/1.1']

/** This process is one browser for each version: what it draws at its start stays the same in all its hellos. */
const builders = new Map<number, HelloBuilder>()

/** What a server gave for the next connection. */
export interface KeptTicket {
  readonly ticket: SessionTicket
  /** Of the injected clock, milliseconds. */
  readonly receivedAt: number
}

export interface BrowserConnection extends TlsConnection {
  /** The latest one until now. */
  keptTicket(): KeptTicket | undefined
}

/**
 * @param major of Chrome
 * @param kept offered for resumption
 * @throws AivError of `connectTls`
 */
export async function connectBrowser(
  options: BrowserConnectOptions,
  major: number,
  alpn: readonly string[],
  kept?: KeptTicket,
): Promise<BrowserConnection> {
  const { host, port, serverName, roots, pins, ech, proxy, signal, timeoutMs, clock } = options
  let latest: KeptTicket | undefined
  const connection = await connectTls({
    host,
    port,
    builder: builderOf(major),
    alpn,
    roots,
    clock,
    // A browser just leaves: a farewell of TLS would be a sign, and WebSocket has its own.
    endsSilently: true,
    onTicket: (ticket) => {
      latest = { ticket, receivedAt: clock.now() }
    },
    ...(serverName === undefined ? {} : { serverName }),
    ...(pins === undefined ? {} : { pins }),
    ...(ech === undefined ? {} : { ech }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(signal === undefined ? {} : { signal }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(kept === undefined ? {} : { session: { ticket: kept.ticket, ageMs: clock.now() - kept.receivedAt } }),
  })
  return { ...connection, keptTicket: () => latest }
}

function builderOf(major: number): HelloBuilder {
  const known = builders.get(major)
  if (known !== undefined) return known
  const builder = new HelloBuilder(templateOfVersion('chrome', String(major)))
  builders.set(major, builder)
  return builder
}
