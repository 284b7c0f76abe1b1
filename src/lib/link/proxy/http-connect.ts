/** HTTP CONNECT (RFC 9110 section 9.3.6) through an upstream proxy. */
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { AivError, utf8 } from '../../core/index.ts'
import { whenAborted } from '../attempt.ts'
import { hostPort } from '../socket/host-port.ts'
import { connectToProxy, proxyError } from './proxy-connection.ts'
import type { UpstreamProxy } from './proxy-url.ts'

/** @throws the reason of `signal`, or AivError `E_PROXY`, `E_UNREACHABLE` */
export async function connectThroughHttpProxy(
  proxy: UpstreamProxy,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  const socket = await connectToProxy(proxy, signal)
  const target = hostPort(host, port)
  return new Promise((resolve, reject) => {
    const fail = (error: AivError): void => {
      forgetSignal()
      socket.destroy()
      reject(error)
    }
    const connectRequest = request({
      method: 'CONNECT',
      path: target,
      headers: { Host: target, ...authorization(proxy) },
      setDefaultHeaders: false,
      createConnection: () => socket,
    })
    const forgetSignal = whenAborted(signal, () => {
      connectRequest.destroy()
      socket.destroy()
      reject(signal.reason)
    })
    connectRequest.on('error', (error) => fail(proxyError(proxy, error)))
    // Any answer that is not the start of a tunnel, should Node not report it as one.
    connectRequest.on('response', (response) => fail(refusal(proxy, target, response.statusCode ?? 0)))
    connectRequest.on('connect', (response, _socket, head) => {
      const status = response.statusCode ?? 0
      if (status < 200 || status > 299) {
        fail(refusal(proxy, target, status))
        return
      }
      forgetSignal()
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    connectRequest.end()
  })
}

function authorization(proxy: UpstreamProxy): Record<string, string> {
  if (proxy.username === undefined && proxy.password === undefined) return {}
  const pair = utf8(`${proxy.username ?? ''}:${proxy.password ?? ''}`)
  return { 'Proxy-Authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

function refusal(proxy: UpstreamProxy, target: string, status: number): AivError {
  if (status === 407)
    return new AivError('E_PROXY', `the proxy ${proxy.label} asks for other credentials (HTTP 407)`, {
      hint: 'give user:password@ in the proxy URL',
    })
  if (status >= 502 && status <= 504)
    return new AivError('E_UNREACHABLE', `the proxy ${proxy.label} cannot reach ${target} (HTTP ${status})`)
  return new AivError('E_PROXY', `the proxy ${proxy.label} refused to connect to ${target} (HTTP ${status})`)
}
