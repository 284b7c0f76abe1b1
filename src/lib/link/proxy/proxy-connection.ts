/** What both kinds of proxy share: the connection to the proxy itself and its errors. */
import type { Socket } from 'node:net'
import { AivError } from '../../core/index.ts'
import { connectDirectly } from '../socket/direct-socket.ts'
import { reasonOf } from '../socket/socket-errors.ts'
import type { UpstreamProxy } from './proxy-url.ts'

/** @throws the reason of `signal`, or AivError `E_PROXY` */
export async function connectToProxy(proxy: UpstreamProxy, signal: AbortSignal): Promise<Socket> {
  try {
    return await connectDirectly(proxy.host, proxy.port, signal)
  } catch (error) {
    if (signal.aborted) throw error
    throw new AivError('E_PROXY', `cannot reach the proxy ${proxy.label}: ${reasonOf(causeOf(error))}`)
  }
}

/** Without `cause`: libraries put their options, credentials included, on their errors. */
export function proxyError(proxy: UpstreamProxy, error: unknown): AivError {
  return new AivError('E_PROXY', `the proxy ${proxy.label} broke the connection: ${reasonOf(error)}`)
}

function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error
}
