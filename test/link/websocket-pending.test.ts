/** What a WebSocket listener bears from sockets that have not upgraded. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Link } from '../../src/lib/link/index.ts'
import {
  attachWebSocket,
  dialWebSocket,
  listenWebSocket,
  type WebSocketDialOptions,
  type WebSocketListenOptions,
} from '../../src/lib/link/websocket.ts'
import { selfSigned } from './certificates.ts'
import { text } from './compliance.ts'
import { Recorder, turns } from './recorder.ts'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

async function listen(options: Partial<WebSocketListenOptions> = {}) {
  const acceptors: Recorder[] = []
  const onLink = (link: Link): void => {
    cleanups.push(() => link.abort())
    acceptors.push(Recorder.attach(link))
  }
  const listener = await listenWebSocket({ host: '127.0.0.1', port: 0, onLink, ...options })
  cleanups.push(() => void listener.close())
  return { port: listener.port, acceptors }
}

async function dial(url: string, options: WebSocketDialOptions = {}): Promise<Recorder> {
  const dialler = Recorder.attach(await dialWebSocket(url, { timeoutMs: 3000, ...options }))
  cleanups.push(() => dialler.link.abort())
  return dialler
}

async function exchange(dialler: Recorder, acceptors: readonly Recorder[], index: number): Promise<void> {
  while (acceptors.length <= index) await turns(1)
  dialler.write(text('there'))
  await acceptors[index]?.untilBytes(5)
}

/** A connection that says `first` and nothing more. */
async function idleSocket(port: number, first = ''): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  cleanups.push(() => socket.destroy())
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  if (first !== '') socket.write(first)
  return socket
}

async function idleSockets(port: number, count: number, first?: string): Promise<readonly Socket[]> {
  const sockets: Socket[] = []
  for (let i = 0; i < count; i++) sockets.push(await idleSocket(port, first))
  return sockets
}

const open = (sockets: readonly Socket[]): number => sockets.filter(({ closed }) => !closed).length

const HALF_A_REQUEST = 'GET /htx HTTP/1.1\r\nHost: x\r\n'
const { cert, key } = selfSigned(['IP:127.0.0.1'])

describe('sockets that have not upgraded', () => {
  it('are 64 of one prefix by default: the oldest makes room, and a newcomer gets in', async () => {
    const { port, acceptors } = await listen()
    const sockets = await idleSockets(port, 300, HALF_A_REQUEST)
    while (open(sockets) > 64) await turns(1)
    await exchange(await dial(`ws://127.0.0.1:${port}`), acceptors, 0)
    expect(open(sockets)).toBeGreaterThanOrEqual(63)
    expect(sockets.at(-1)?.closed).toBe(false)
  })

  it.each([
    ['ws', {}],
    ['wss', { tls: { cert, key } }],
  ])('cost no %s link its place, which does not count either', async (scheme, options) => {
    const { port, acceptors } = await listen({ pendingLimits: { total: 2, perPrefix: 2 }, ...options })
    const diallers: Recorder[] = []
    for (let i = 0; i < 5; i++) diallers.push(await dial(`${scheme}://127.0.0.1:${port}`, { ca: cert }))
    const sockets = await idleSockets(port, 20)
    while (open(sockets) > 2) await turns(1)
    for (const [index, dialler] of diallers.entries()) await exchange(dialler, acceptors, index)
    expect(diallers.flatMap(({ closes }) => closes)).toEqual([])
  })

  it.each([
    ['ws', {}],
    ['wss', { tls: { cert, key } }],
  ])('of %s give their place back when they close', async (_, options) => {
    const { port } = await listen({ pendingLimits: { total: 3, perPrefix: 3 }, ...options })
    const first = await idleSocket(port)
    for (let i = 0; i < 20; i++) {
      const socket = await idleSocket(port)
      socket.destroy()
      await once(socket, 'close')
      await turns(20)
    }
    expect(first.closed).toBe(false)
  })

  it.each([
    ['says nothing', '', {}],
    ['sends half a request', HALF_A_REQUEST, {}],
    ['sends half a body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf', {}],
    ['does not begin the TLS handshake', '', { tls: { cert, key } }],
  ])('are cut after the request time-out: one that %s', async (_, first, options) => {
    const { port } = await listen({ requestTimeoutMs: 200, onRequest: () => {}, ...options })
    const socket = await idleSocket(port, first)
    const startedAt = performance.now()
    await once(socket, 'close')
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })

  it('have that time-out alone: a link outlives it', async () => {
    const { port, acceptors } = await listen({ requestTimeoutMs: 200 })
    const dialler = await dial(`ws://127.0.0.1:${port}`)
    const socket = await idleSocket(port)
    await once(socket, 'close')
    await exchange(dialler, acceptors, 0)
    expect(dialler.closes).toEqual([])
  })

  it('are the business of the server that we are attached to', async () => {
    const server = createHttpServer().listen(0, '127.0.0.1')
    cleanups.push(() => server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const policy = [server.headersTimeout, server.requestTimeout, server.maxConnections]
    const listener = attachWebSocket(server, { onLink: (link) => link.abort() })
    cleanups.push(() => void listener.close())
    const sockets = await idleSockets(port, 150)
    await turns(50)
    expect(open(sockets)).toBe(150)
    expect([server.headersTimeout, server.requestTimeout, server.maxConnections]).toEqual(policy)
  })
})
