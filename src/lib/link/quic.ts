/**
 * Links over QUIC: one bidirectional stream per connection, opened by the dialler.
 *
 * A QUIC stream exists for the other side only once something was sent on it, so a listener gets the link with the
 * dialler's first write or `end`. HTX clients always speak first.
 */
import { lookup } from 'node:dns/promises'
import { isIP, isIPv6 } from 'node:net'
import { AivError, systemClock } from '../core/index.ts'
import { attempt, whenAborted } from './attempt.ts'
import { QUIC_LISTENER_IDLE_TIMEOUT_MS, QUIC_STREAM_TIMEOUT_MS, QUIC_STREAMLESS_LIMITS } from './constants.ts'
import type { DialOptions, Link, Listener, ListenOptions } from './link.ts'
import { AcceptPool } from './quic/accept-pool.ts'
import { loadQuicBinding, type QuicBinding, type QuicConnection, type QuicServer } from './quic/binding.ts'
import { QuicClientPool } from './quic/client-pool.ts'
import { type QuicOptions, quicConfig } from './quic/config.ts'
import { QuicLink } from './quic/quic-link.ts'
import { bareHost, hostPort } from './socket/host-port.ts'
import { type NewcomerLimits, Newcomers } from './socket/newcomers.ts'
import { socketError } from './socket/socket-errors.ts'

export interface QuicDialOptions extends DialOptions, QuicOptions {}
export interface QuicListenOptions extends ListenOptions, QuicOptions {
  /** Connections without a stream, in all and of one /24 or /56; default 256 and 16. */
  readonly streamlessLimits?: NewcomerLimits
}

let pool: QuicClientPool | undefined

/**
 * Dials `host:port` over UDP. A port where nobody listens ends in `E_TIMEOUT`: the library does not hear ICMP.
 * @throws AivError `E_DEPENDENCY_MISSING`, `E_UNREACHABLE`, `E_TIMEOUT`, `E_ABORTED`, `E_LINK`
 */
export async function dialQuic(host: string, port: number, options: QuicDialOptions = {}): Promise<Link> {
  const name = hostPort(host, port)
  return attempt(`dialling ${name}`, options, async (signal) => {
    const binding = await loadQuicBinding()
    pool ??= new QuicClientPool(binding)
    let failure: unknown
    for (const ip of await addressesOf(bareHost(host))) {
      signal.throwIfAborted()
      try {
        const { connection, release } = await pool.connect(ip, port, isIPv6(ip) ? 1 : 0, options, signal)
        return await openLink(connection, name, release)
      } catch (error) {
        failure = error
      }
    }
    throw new AivError('E_UNREACHABLE', `cannot reach ${name}: no QUIC connection`, { cause: failure })
  })
}

async function openLink(connection: QuicConnection, name: string, release: () => void): Promise<Link> {
  try {
    return new QuicLink(connection, await connection.outboundStream(), 'dialler', 'udp', name, release)
  } catch (error) {
    connection.abort()
    release()
    throw error
  }
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host]
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch (error) {
    throw socketError(`cannot resolve ${host}`, error)
  }
}

/**
 * Listens on UDP `options.host:options.port`.
 * @throws AivError `E_DEPENDENCY_MISSING`, `E_ADDRESS_IN_USE`, `E_PERMISSION`, `E_UNREACHABLE`, `E_ABORTED`, `E_LINK`
 */
export async function listenQuic(options: QuicListenOptions): Promise<Listener> {
  const binding = await loadQuicBinding()
  const [ip] = await addressesOf(bareHost(options.host))
  if (options.signal?.aborted)
    throw new AivError('E_ABORTED', `listening on ${hostPort(options.host, options.port)} was aborted`)
  return new QuicListener(binding, ip as string, options)
}

class QuicListener implements Listener {
  readonly kind = 'quic'
  readonly host: string
  readonly port: number
  readonly #server: QuicServer
  readonly #options: QuicListenOptions
  readonly #accepts: AcceptPool
  readonly #streamless: Newcomers
  readonly #forgetSignal: () => void
  #listening = true
  #stopped = false
  #links = 0

  constructor(binding: QuicBinding, ip: string, options: QuicListenOptions) {
    this.#options = options
    this.#streamless = new Newcomers(options.streamlessLimits ?? QUIC_STREAMLESS_LIMITS)
    try {
      const { idleTimeoutMs = QUIC_LISTENER_IDLE_TIMEOUT_MS } = options
      this.#server = new binding.Server(quicConfig(binding, { idleTimeoutMs }), ip, options.port)
    } catch (error) {
      throw bindError(hostPort(ip, options.port), error)
    }
    this.host = ip
    this.port = this.#server.port()
    this.#accepts = new AcceptPool(this.#server, {
      connection: (connection) => this.#admit(connection),
      closed: (error) => options.onError?.(socketError('cannot accept QUIC connections any more', error)),
    })
    this.#forgetSignal = whenAborted(options.signal, () => void this.close())
  }

  async close(): Promise<void> {
    if (!this.#listening) return
    this.#listening = false
    this.#forgetSignal()
    await this.#stopWhenUnused()
  }

  /** The library cannot stop accepting and keep its connections, so the socket stays until the last link is over. */
  async #stopWhenUnused(): Promise<void> {
    if (this.#listening || this.#links > 0 || this.#stopped) return
    this.#stopped = true
    this.#accepts.stop()
    await this.#server.abort()
  }

  #admit(connection: QuicConnection): void {
    if (!this.#listening) {
      connection.abort()
      return
    }
    const remoteAddress = remoteOf(connection)
    const leaveStreamless = this.#streamless.enter(remoteAddress, () => connection.abort())
    const cancel = systemClock.schedule(QUIC_STREAM_TIMEOUT_MS, () => connection.abort())
    const leave = (): void => {
      leaveStreamless()
      cancel()
    }
    connection.inboundStream().then(
      (stream) => {
        leave()
        if (!this.#listening) {
          connection.abort()
          return
        }
        this.#links++
        const link = new QuicLink(
          connection,
          stream,
          'acceptor',
          hostPort(this.host, this.port),
          remoteAddress,
          () => {
            this.#links--
            void this.#stopWhenUnused()
          },
        )
        this.#options.onLink(link)
      },
      () => leave(),
    )
  }
}

function remoteOf(connection: QuicConnection): string {
  const [, , ip = 'unknown', , port = '0'] = connection.remoteMultiaddr().split('/')
  return hostPort(ip, Number(port))
}

/** The library reports the system's error as text only. */
function bindError(where: string, error: unknown): AivError {
  const text = error instanceof Error ? error.message : ''
  const code = /address already in use|os error 10048/i.test(text)
    ? 'EADDRINUSE'
    : /permission denied|os error 10013/i.test(text)
      ? 'EACCES'
      : /cannot assign requested address|os error 10049/i.test(text)
        ? 'EADDRNOTAVAIL'
        : undefined
  const cause = code === undefined ? error : Object.assign(new Error(text), { code })
  return socketError(`cannot listen on ${where}`, cause)
}
