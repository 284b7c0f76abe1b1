/** Connected TCP sockets, directly or through an upstream proxy. */
import type { Socket } from 'node:net'
import { AivError } from '../../core/index.ts'
import { connectDirectly } from '../socket/direct-socket.ts'
import { parseProxy } from './proxy-url.ts'

/**
 * A connected socket that is not flowing yet. Without a proxy it is half-open.
 * @param proxy proxy URL, see {@link parseProxy}
 * @throws the reason of `signal`, or AivError of the way taken
 */
export async function openSocket(
  host: string,
  port: number,
  proxy: string | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new AivError('E_USAGE', `${port} is not a port to dial`)
  if (proxy === undefined) return connectDirectly(host, port, signal)
  const upstream = parseProxy(proxy)
  // Loaded on demand: most processes never dial through a proxy.
  if (upstream.kind === 'http') {
    const { connectThroughHttpProxy } = await import('./http-connect.ts')
    return connectThroughHttpProxy(upstream, host, port, signal)
  }
  const { connectThroughSocks5 } = await import('./socks5.ts')
  return connectThroughSocks5(upstream, host, port, signal)
}
