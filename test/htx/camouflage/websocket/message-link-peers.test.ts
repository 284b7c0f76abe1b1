/** The other side is the `ws` library, which judges the frames that we send. */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { SeededRandom } from '../../../../src/lib/core/index.ts'
import { MessageLink } from '../../../../src/lib/htx/camouflage/websocket/message-link.ts'
import { Recorder } from '../../../link/recorder.ts'

const KEY = 'AAAAAAAAAAAAAAAAAAAAAA=='
const MIB = 1024 * 1024

const servers: Server[] = []
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

function linkOn(stream: Socket, role: 'client' | 'server', head: Uint8Array): MessageLink {
  sockets.push(stream)
  return new MessageLink({
    stream,
    role,
    head,
    localAddress: 'here',
    remoteAddress: 'there',
    random: new SeededRandom(5),
    exportKeyingMaterial: () => new Uint8Array(64),
  })
}

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer()
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

interface Pair {
  readonly ours: Recorder
  readonly peer: WebSocket
}

/** We are the server. */
async function withTheirClient(): Promise<Pair> {
  const { server, port } = await listening()
  const accepted = Promise.withResolvers<Recorder>()
  server.on('upgrade', ({ headers }, socket, head) => {
    const accept = acceptOf(headers['sec-websocket-key'] as string)
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    accepted.resolve(Recorder.attach(linkOn(socket as Socket, 'server', head)))
  })
  const peer = new WebSocket(`ws://127.0.0.1:${port}`)
  await once(peer, 'open')
  return { ours: await accepted.promise, peer }
}

/** We are the client. */
async function withTheirServer(): Promise<Pair> {
  const { server, port } = await listening()
  const acceptor = new WebSocketServer({ server })
  const accepted = once(acceptor, 'connection') as Promise<[WebSocket]>
  const opening = request({
    port,
    host: '127.0.0.1',
    agent: false,
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': KEY,
      'sec-websocket-version': '13',
    },
  })
  opening.end()
  const [, socket, head] = (await once(opening, 'upgrade')) as [unknown, Socket, Uint8Array]
  const [peer] = await accepted
  return { ours: Recorder.attach(linkOn(socket, 'client', head)), peer }
}

function messagesOf(peer: WebSocket, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  return new Promise((resolve) => {
    peer.on('message', (data: Buffer) => {
      parts.push(data)
      length += data.length
      if (length >= bytes) resolve(Buffer.concat(parts))
    })
  })
}

describe.each([
  ['a client of ws', withTheirClient],
  ['a server of ws', withTheirServer],
])('%s', (_name, open) => {
  it('takes and gives 4 MiB in messages of every size', async () => {
    const { ours, peer } = await open()
    const random = new SeededRandom(11)
    const content = random.bytes(4 * MIB)
    const received = messagesOf(peer, content.length)
    const chunks: Uint8Array[] = []
    for (let at = 0, size = 1; at < content.length; at += size, size = (size * 3) % 90_001) {
      if (size === 0) size = 1
      chunks.push(content.subarray(at, at + size))
    }
    ours.write(...chunks)
    for (const chunk of chunks) peer.send(chunk)
    expect(Buffer.compare(await received, content)).toBe(0)
    await ours.until(() => ours.bytes === content.length)
    expect(Buffer.compare(Buffer.concat(ours.chunks), content)).toBe(0)
    expect(ours.violations).toEqual([])
  })

  it('gets an answer to its ping', async () => {
    const { peer } = await open()
    const answered = once(peer, 'pong') as Promise<[Buffer]>
    peer.ping('are you there')
    const [payload] = await answered
    expect(payload.toString()).toBe('are you there')
  })

  it('closes in order after both have ended', async () => {
    const { ours, peer } = await open()
    const closed = once(peer, 'close') as Promise<[number]>
    peer.on('message', (data: Buffer) => {
      if (data.length === 0) peer.send(Buffer.alloc(0))
    })
    ours.call(() => ours.link.end())
    expect((await closed)[0]).toBe(1000)
    await ours.until(() => ours.closes.length > 0)
    expect(ours.closes).toEqual([undefined])
    expect(ours.ends).toBe(1)
  })

  it('may close without having ended: its direction is over then', async () => {
    const { ours, peer } = await open()
    peer.send(Uint8Array.of(1, 2, 3))
    peer.close(1000)
    await ours.until(() => ours.closes.length > 0)
    expect([ours.bytes, ours.ends]).toEqual([3, 1])
  })

  it.each([
    ['a text message', 1003, (peer: WebSocket) => peer.send('hello')],
    [
      'a message after its end',
      1002,
      (peer: WebSocket) => {
        peer.send(Buffer.alloc(0))
        peer.send(Uint8Array.of(1))
      },
    ],
  ] as const)('is told what is wrong with %s', async (_what, code, send) => {
    const { ours, peer } = await open()
    const closed = once(peer, 'close') as Promise<[number]>
    send(peer)
    expect((await closed)[0]).toBe(code)
    await ours.until(() => ours.closes.length > 0)
    expect(ours.closes[0]).toMatchObject({ code: 'E_LINK_LOST' })
  })
})
