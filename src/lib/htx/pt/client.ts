/** The client of the pluggable transport: a SOCKS server on loopback, each request a session with its bridge. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { AivError, isAivError, type TimerClock } from '../../core/index.ts'
import { abortSocket, socketError } from '../../link/index.ts'
import type { HtxSession } from '../endpoint/index.ts'
import { ByteReader, openRawService, relay } from '../service/index.ts'
import { bridgeAddress } from './bridge-address.ts'
import type { HostAndPort } from './environment.ts'
import { readSocksRequest, socksReply } from './socks-request.ts'

/** A SOCKS client that says nothing is let go after this long, milliseconds. */
const REQUEST_MS = 10_000
/** Tor opens one connection a bridge, or a few. */
const CONNECTIONS_MOST = 256

export interface PtClientOptions {
  readonly clock: TimerClock
  /** Opens a session with the peer of an address. */
  readonly connect: (address: string) => Promise<HtxSession>
  /** A request has reached its bridge. */
  readonly onConnected?: (target: HostAndPort) => void
  /**
   * A request that failed, for the log: messages name no key.
   * @param target where it should have gone; absent when it did not say, or had reached it already
   */
  readonly onError: (error: AivError, target?: HostAndPort) => void
}

export interface PtClientListener {
  /** `127.0.0.1:PORT` */
  readonly address: string
  close(): Promise<void>
}

/** @throws AivError when no port of loopback can be had */
export async function listenPtClient(options: PtClientOptions): Promise<PtClientListener> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    void serveRequest(socket, options)
  })
  server.maxConnections = CONNECTIONS_MOST
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(socketError('cannot listen for SOCKS on 127.0.0.1', error)))
    server.listen({ host: '127.0.0.1', port: 0 }, resolve)
  })
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) abortSocket(socket)
      await closed
    },
  }
}

async function serveRequest(socket: Socket, options: PtClientOptions): Promise<void> {
  const { clock, connect, onConnected, onError } = options
  let unreached: HostAndPort | undefined
  let session: HtxSession | undefined
  const cancel = clock.schedule(REQUEST_MS, () => abortSocket(socket))
  let answered = false
  try {
    const reader = new ByteReader(socket)
    const { target, values } = await readSocksRequest(reader, socket).finally(cancel)
    unreached = target
    session = await connect(bridgeAddress(target, values))
    if (socket.destroyed) throw new AivError('E_ABORTED', 'the SOCKS client has gone')
    const stream = await openRawService(session, 'pipe')
    reader.release()
    socket.write(socksReply())
    answered = true
    unreached = undefined
    onConnected?.(target)
    await relay(stream, { readable: socket, writable: socket, onBroken: () => abortSocket(socket) })
    await session.drain()
  } catch (error) {
    const failure = isAivError(error) ? error : socketError('a SOCKS request failed', error)
    onError(failure, unreached)
    if (!answered && !socket.destroyed) socket.end(socksReply(failure))
    await session?.close()
  }
}
