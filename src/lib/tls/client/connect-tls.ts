/** Connects to a server over TLS 1.3, with the hello of a browser. */
import { AivError, type TimerClock } from '../../core/index.ts'
import { dialSocket } from '../../link/index.ts'
import type { HelloBuilder } from '../browser/build/build-hello.ts'
import type { TrustRoots } from '../certificate/roots/trust-roots.ts'
import { verifyServerChain } from '../certificate/verify/verify-server-chain.ts'
import type { OfferedSession, SessionTicket } from './session-resumption.ts'
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
  readonly session?: OfferedSession
  readonly onTicket?: (ticket: SessionTicket) => void
}

export interface TlsConnection {
  readonly stream: TlsStream
  readonly negotiated: Negotiated
  /** DER from the server's certificate to the root; empty after a resumption. */
  readonly path: readonly Uint8Array[]
}

/**
 * @throws AivError of `dialTcp`; `E_HANDSHAKE`, `E_HANDSHAKE_TIMEOUT`, `E_CERTIFICATE`, `E_ABORTED`
 */
export async function connectTls(options: ConnectTlsOptions): Promise<TlsConnection> {
  const { host, port, signal, proxy, timeoutMs = TIMEOUT_MS, clock } = options
  const transport = await dialSocket(host, port, {
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
    ...(proxy === undefined ? {} : { proxy }),
  })
  transport.setNoDelay(true)
  return await new Promise<TlsConnection>((resolve, reject) => {
    let path: readonly Uint8Array[] = []
    const { serverName = host, builder, alpn, roots, pins, session, onTicket } = options
    const stream: TlsStream = new TlsStream(
      {
        transport,
        builder,
        host: serverName,
        verifyChain(chain) {
          const verified = verifyServerChain({
            chain,
            serverName,
            roots,
            clock,
            ...(pins === undefined ? {} : { pins }),
          })
          path = verified.path
          return verified.key
        },
        ...(alpn === undefined ? {} : { alpn }),
        ...(session === undefined ? {} : { session }),
        ...(onTicket === undefined ? {} : { onTicket }),
      },
      (negotiated) => {
        settle()
        resolve({ stream, negotiated, path })
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
    stream.on('close', onClose)
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted === true) onAbort()
  })
}
