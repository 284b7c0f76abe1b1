/** Connects to a server over TLS 1.3, with the hello of a browser. */
import type { Socket } from 'node:net'
import { AivError, type TimerClock } from '../../core/index.ts'
import { dialSocket, hostPort, localOf, socketError } from '../../link/index.ts'
import type { HelloBuilder } from '../browser/build/build-hello.ts'
import type { TrustRoots } from '../certificate/roots/trust-roots.ts'
import { verifyServerChain } from '../certificate/verify/verify-server-chain.ts'
import { type ChosenConfig, chooseEchConfig } from '../ech/choose-config.ts'
import type { ListedConfig } from '../ech/ech-config.ts'
import { type EchSetup, publicNameOf, setUpEch } from '../ech/seal-hello.ts'
import { EchRejectedError } from './handshake/ech-rejected.ts'
import type { VerifyChain } from './handshake/server-certificate.ts'
import type { OfferedSession, SessionTicket } from './handshake/session-resumption.ts'
import type { Negotiated } from './tls-client.ts'
import { TlsStream } from './tls-stream.ts'

const TIMEOUT_MS = 10_000

export interface ConnectTlsOptions {
  readonly host: string
  readonly port: number
  /** The name that is sent and that the certificate must be for; default `host`. */
  readonly serverName?: string
  readonly builder: HelloBuilder
  readonly alpn?: readonly string[]
  readonly roots: TrustRoots
  /** SHA-256 of public keys; when there are any, the key alone decides. */
  readonly pins?: readonly Uint8Array[]
  readonly clock: TimerClock
  readonly signal?: AbortSignal
  /** For dialling and again for the handshake, milliseconds; default 10,000. */
  readonly timeoutMs?: number
  /** Proxy URL, as `dialTcp` takes it. */
  readonly proxy?: string
  /** Not offered beside ECH. */
  readonly session?: OfferedSession
  /**
   * Hides `serverName` behind the public name of the first of these that can be used. When there is none, nothing is sent.
   */
  readonly ech?: readonly ListedConfig[]
  /**
   * A server that refuses ECH and proves to be that of the public name may give newer configurations. With this, it is told of
   * them, and they are tried once, on a new connection; without, {@link EchRejectedError} has them.
   */
  readonly onEchRetry?: (rejected: EchRejectedError) => void
  readonly onTicket?: (ticket: SessionTicket) => void
  /** See `TlsStreamOptions`. */
  readonly endsSilently?: boolean
}

export interface TlsConnection {
  readonly stream: TlsStream
  readonly negotiated: Negotiated
  /** `HOST:PORT` of this end. */
  readonly localAddress: string
  /** IP address that was dialled: the server's, or the proxy's where there is one. */
  readonly remoteIp: string
  /** DER from the server's certificate to the root; empty after a resumption. */
  readonly path: readonly Uint8Array[]
  /** What onlookers saw in place of the name, when ECH was accepted. */
  readonly publicName?: string
}

/**
 * A server that refuses ECH is verified by its public name, and never spoken to: see {@link EchRejectedError}. Where there are
 * pins, its key has to be one of them, as the server's that was asked for.
 * @throws AivError of `dialTcp`; `E_HANDSHAKE`, `E_HANDSHAKE_TIMEOUT`, `E_CERTIFICATE`, `E_ABORTED`; with ECH `E_UNSUPPORTED`
 *   when it cannot be used
 * @throws EchRejectedError
 */
export async function connectTls(options: ConnectTlsOptions): Promise<TlsConnection> {
  try {
    return await connectOnce(options)
  } catch (error) {
    const { onEchRetry } = options
    const canRetry = error instanceof EchRejectedError && chooseEchConfig(error.retryConfigs) !== undefined
    if (!canRetry || onEchRetry === undefined) throw error
    onEchRetry(error)
    return await connectOnce({ ...options, ech: error.retryConfigs })
  }
}

async function connectOnce(options: ConnectTlsOptions): Promise<TlsConnection> {
  const { host, port, signal, proxy, timeoutMs = TIMEOUT_MS } = options
  const setup = options.ech === undefined ? undefined : await setUpEch(usable(options.ech))
  let transport: Socket | undefined
  try {
    const socket = await dialSocket(host, port, {
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
      ...(proxy === undefined ? {} : { proxy }),
    })
    transport = socket
    socket.setNoDelay(true)
    return requireAlive(await handshakeOver(socket, options, setup))
  } catch (error) {
    transport?.destroy()
    setup?.sender.erase()
    throw socketError(`cannot reach ${hostPort(host, port)}`, error)
  }
}

/** What ends the handshake may find the connection broken: that is over before anybody who was promised it can look. */
function requireAlive(connection: TlsConnection): TlsConnection {
  const { destroyed, errored } = connection.stream
  if (!destroyed) return connection
  throw errored ?? new AivError('E_HANDSHAKE', 'the connection was closed at the end of the handshake')
}

function usable(configs: readonly ListedConfig[]): ChosenConfig {
  const chosen = chooseEchConfig(configs)
  if (chosen === undefined)
    throw new AivError('E_UNSUPPORTED', 'none of the ECH configurations can be used', {
      hint: '`aiv utls ech config show` says why.',
    })
  return chosen
}

async function handshakeOver(
  transport: Socket,
  options: ConnectTlsOptions,
  setup: EchSetup | undefined,
): Promise<TlsConnection> {
  const { signal, timeoutMs = TIMEOUT_MS, clock } = options
  return await new Promise<TlsConnection>((resolve, reject) => {
    let path: readonly Uint8Array[] = []
    const { host, serverName = host, builder, alpn, roots, pins, session, onTicket, endsSilently } = options
    const { remoteAddress: remoteIp = host } = transport
    const localAddress = localOf(transport)
    const verifierOf =
      (name: string): VerifyChain =>
      (chain) => {
        const verified = verifyServerChain({
          chain,
          serverName: name,
          roots,
          clock,
          ...(pins === undefined ? {} : { pins }),
        })
        path = verified.path
        return verified.key
      }
    const stream: TlsStream = new TlsStream(
      {
        transport,
        builder,
        host: serverName,
        verifyChain: verifierOf(serverName),
        ...(alpn === undefined ? {} : { alpn }),
        ...(session === undefined ? {} : { session }),
        ...(setup === undefined
          ? {}
          : { ech: { setup, verifyPublicName: verifierOf(publicNameOf(setup.chosen)) } }),
        ...(onTicket === undefined ? {} : { onTicket }),
        ...(endsSilently === undefined ? {} : { endsSilently }),
      },
      (negotiated) => {
        settle()
        const shown = setup === undefined ? {} : { publicName: publicNameOf(setup.chosen) }
        resolve({ stream, negotiated, path, localAddress, remoteIp, ...shown })
      },
    )
    const fail = (error: Error): void => {
      settle()
      stream.destroy()
      reject(error)
    }
    const cancel = clock.schedule(timeoutMs, () =>
      fail(new AivError('E_HANDSHAKE_TIMEOUT', `the TLS handshake took longer than ${timeoutMs} ms`)),
    )
    const onAbort = (): void => fail(new AivError('E_ABORTED', 'the TLS handshake was aborted'))
    const onClose = (): void =>
      fail(new AivError('E_HANDSHAKE', 'the connection was closed during the handshake'))
    const settle = (): void => {
      cancel()
      signal?.removeEventListener('abort', onAbort)
      stream.off('error', fail)
      stream.off('close', onClose)
    }
    stream.on('error', fail)
    // There for good: a connection may break when nobody waits for it, and a server must not end the process so.
    stream.on('error', () => {})
    stream.on('close', onClose)
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted === true) onAbort()
  })
}
