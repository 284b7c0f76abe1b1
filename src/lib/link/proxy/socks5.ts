/** SOCKS5 (RFC 1928, RFC 1929) through an upstream proxy. */
import { lookup } from 'node:dns/promises'
import { isIP, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { SocksClient } from 'socks'
import { AivError, utf8 } from '../../core/index.ts'
import { whenAborted } from '../attempt.ts'
import { hostPort } from '../socket/host-port.ts'
import { reasonOf, socketError } from '../socket/socket-errors.ts'
import { connectToProxy, proxyError } from './proxy-connection.ts'
import type { UpstreamProxy } from './proxy-url.ts'

/** Longer than any attempt: the caller's deadline decides. Milliseconds. */
const NO_TIMEOUT_MS = 0x7fffffff

/** @throws the reason of `signal`, or AivError `E_PROXY`, `E_UNREACHABLE` */
export async function connectThroughSocks5(
  proxy: UpstreamProxy,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  const destination = proxy.resolvesNames ? host : await resolve(host)
  requireShort('host name', destination)
  requireShort('proxy user name', proxy.username)
  requireShort('proxy password', proxy.password)
  const socket = await connectToProxy(proxy, signal)
  const forgetSignal = whenAborted(signal, () => socket.destroy())
  try {
    const surplus = await negotiate(proxy, socket, destination, port)
    for (const chunk of surplus.reverse()) socket.unshift(chunk)
    return socket
  } catch (error) {
    socket.destroy()
    throw signal.aborted ? signal.reason : negotiationError(proxy, hostPort(host, port), error)
  } finally {
    forgetSignal()
  }
}

/**
 * Runs the negotiation and returns what the proxy sent after it.
 *
 * The library gets a stand-in for the socket: once it is done it makes its socket flow, and bytes that the target
 * sends first would be lost before a link is there to take them.
 */
async function negotiate(
  proxy: UpstreamProxy,
  socket: Socket,
  host: string,
  port: number,
): Promise<Uint8Array[]> {
  const standIn = new Duplex({
    read: () => {},
    write: (chunk: Uint8Array, _encoding, done) => {
      socket.write(chunk, done)
    },
  })
  standIn.on('error', () => {})
  const onData = (chunk: Buffer): void => {
    try {
      standIn.emit('data', chunk)
    } catch (error) {
      // The library met an answer it does not expect.
      standIn.destroy(error instanceof Error ? error : undefined)
    }
  }
  const onError = (error: Error): void => void standIn.destroy(error)
  const onClosed = (): void => void standIn.destroy()
  socket.on('data', onData)
  socket.on('error', onError)
  socket.on('end', onClosed)
  socket.on('close', onClosed)
  try {
    await SocksClient.createConnection({
      proxy: {
        host: proxy.host,
        port: proxy.port,
        type: 5,
        ...(proxy.username === undefined ? {} : { userId: proxy.username }),
        ...(proxy.password === undefined ? {} : { password: proxy.password }),
      },
      command: 'connect',
      destination: { host, port },
      existing_socket: standIn,
      timeout: NO_TIMEOUT_MS,
    })
  } finally {
    socket.pause()
    socket.off('data', onData)
    socket.off('error', onError)
    socket.off('end', onClosed)
    socket.off('close', onClosed)
  }
  const surplus: Uint8Array[] = []
  standIn.on('data', (chunk: Buffer) => surplus.push(chunk))
  // The library emits its surplus in a `setImmediate` that it asked for before this one.
  await new Promise((done) => setImmediate(done))
  return surplus
}

/** The protocol has one byte for each length. */
function requireShort(what: string, text: string | undefined): void {
  if (text !== undefined && utf8(text).length > 255)
    throw new AivError('E_USAGE', `the ${what} is longer than the 255 bytes that SOCKS5 can carry`)
}

async function resolve(host: string): Promise<string> {
  if (isIP(host) !== 0) return host
  try {
    return (await lookup(host)).address
  } catch (error) {
    throw socketError(`cannot resolve ${host}`, error)
  }
}

function negotiationError(proxy: UpstreamProxy, target: string, error: unknown): AivError {
  if (error instanceof AivError) return error
  const reason = reasonOf(error)
  if (/rejected connection - (NetworkUnreachable|HostUnreachable|ConnectionRefused|TTLExpired)/.test(reason))
    return new AivError('E_UNREACHABLE', `the proxy ${proxy.label} cannot reach ${target}`)
  if (/rejected connection/.test(reason))
    return new AivError('E_PROXY', `the proxy ${proxy.label} refused to connect to ${target}`)
  if (/authentication/i.test(reason))
    return new AivError('E_PROXY', `the proxy ${proxy.label} asks for other credentials`, {
      hint: 'give user:password@ in the proxy URL',
    })
  return proxyError(proxy, error)
}
