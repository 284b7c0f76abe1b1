/** What a WebSocket link shows to others: other implementations, probers, and whoever reads the wire. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, request, type Server } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { SeededRandom } from '../../src/lib/core/index.ts'
import type { Link, Listener } from '../../src/lib/link/index.ts'
import {
  attachWebSocket,
  dialWebSocket,
  listenWebSocket,
  type WebSocketListenOptions,
} from '../../src/lib/link/websocket.ts'
import { failure, text } from './compliance.ts'
import { Recorder, turns } from './recorder.ts'
import { clientFrame, type Frame, readFrames } from './websocket-frames.ts'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

interface Listening {
  readonly listener: Listener
  readonly url: string
  /** The next accepted link, attached. */
  accepted(): Promise<Recorder>
}

async function listen(options: Partial<WebSocketListenOptions> = {}): Promise<Listening> {
  const incoming: Recorder[] = []
  let wake = (): void => {}
  const onLink = (link: Link): void => {
    cleanups.push(() => link.abort())
    incoming.push(Recorder.attach(link))
    wake()
  }
  const listener = await listenWebSocket({ host: '127.0.0.1', port: 0, onLink, ...options })
  cleanups.push(() => void listener.close())
  return {
    listener,
    url: `ws://127.0.0.1:${listener.port}`,
    async accepted() {
      while (incoming.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      return incoming.shift() as Recorder
    },
  }
}

/** A raw client that has upgraded; `received()` is what came after the server's 101. */
async function rawClient(
  port: number,
): Promise<{ socket: Socket; received(): Uint8Array; ended: Promise<void> }> {
  const socket = connect({ port, host: '127.0.0.1' })
  cleanups.push(() => socket.destroy())
  socket.on('error', () => {})
  let got = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    got = Buffer.from([...got, ...chunk])
  })
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  socket.write(UPGRADE)
  while (!got.includes('\r\n\r\n')) await turns(1)
  const start = got.indexOf('\r\n\r\n') + 4
  expect(got.subarray(0, start).toString()).toMatch(/^HTTP\/1\.1 101 /)
  return { socket, received: () => new Uint8Array(got.subarray(start)), ended }
}

const UPGRADE = [
  'GET /htx HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n')

function closeCode(frames: readonly Frame[]): number | undefined {
  const close = frames.find(({ opcode }) => opcode === 8)
  return close === undefined ? undefined : ((close.payload[0] as number) << 8) | (close.payload[1] as number)
}

describe('a WebSocket listener and another implementation', () => {
  it('exchanges bytes with the client that Node brings', async () => {
    const { url, accepted } = await listen()
    const client = new WebSocket(`${url}/htx`)
    client.binaryType = 'arraybuffer'
    await once(client, 'open')
    const link = await accepted()
    client.send(text('from the browser API'))
    await link.untilBytes(20)
    expect(link.text()).toBe('from the browser API')
    const message = once(client, 'message') as Promise<[{ readonly data: ArrayBuffer }]>
    link.write(text('from the link'))
    expect(new TextDecoder().decode((await message)[0].data)).toBe('from the link')
    expect(client.extensions).toBe('')
    client.close(1000)
    await link.untilClose()
    expect(link.ends).toBe(1)
  })

  it('reads a stream cut into messages and fragments anywhere', async () => {
    const { listener, accepted } = await listen()
    const { socket } = await rawClient(listener.port)
    const link = await accepted()
    socket.write(clientFrame(2, text('one ')))
    socket.write(clientFrame(2, text('mes'), { fin: false }))
    socket.write(clientFrame(9, text('ping between')))
    socket.write(clientFrame(0, text('sage '), { fin: false }))
    socket.write(clientFrame(0, text('or two')))
    await link.untilBytes(18)
    expect(link.text()).toBe('one message or two')
  })

  it('holds back the messages that came together with the one it paused on', async () => {
    const { listener, accepted } = await listen()
    const { socket } = await rawClient(listener.port)
    const link = await accepted()
    link.onData = () => link.link.pause()
    const many = Array.from({ length: 20 }, () => clientFrame(2, text('x')))
    socket.write(Uint8Array.from(many.flatMap((frame) => [...frame])))
    await link.untilBytes(1)
    await turns(10)
    expect(link.bytes).toBe(1)
    link.onData = undefined
    link.call(() => link.link.resume())
    await link.untilBytes(20)
    expect(link.text()).toBe('x'.repeat(19))
  })

  it('takes an empty binary message for the end of the direction and closes with 1000', async () => {
    const { listener, accepted } = await listen()
    const { socket, received, ended } = await rawClient(listener.port)
    const link = await accepted()
    socket.write(clientFrame(2, text('last words')))
    socket.write(clientFrame(2, new Uint8Array(0)))
    await link.untilEnd()
    expect(link.text()).toBe('last words')
    link.write(text('answer'))
    link.call(() => link.link.end())
    while (closeCode(readFrames(received())) === undefined) await turns(1)
    expect(readFrames(received()).map(({ opcode, payload }) => [opcode, payload.length])).toEqual([
      [2, 6],
      [2, 0],
      [8, 2],
    ])
    expect(closeCode(readFrames(received()))).toBe(1000)
    socket.write(clientFrame(8, Uint8Array.of(0x03, 0xe8)))
    await ended
    await link.untilClose()
    expect(link.closes).toEqual([undefined])
  })

  const hostile: [string, Uint8Array, number][] = [
    ['a text message', clientFrame(1, text('hello')), 1003],
    [
      'bytes after its end',
      Uint8Array.from([...clientFrame(2, new Uint8Array(0)), ...clientFrame(2, text('x'))]),
      1002,
    ],
    ['a message above the limit', Uint8Array.of(0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 1, 1, 2, 3, 4), 1009],
    ['an unmasked frame', Uint8Array.of(0x82, 1, 0x78), 1002],
    ['a reserved bit', Uint8Array.of(0xc2, 0x81, 1, 2, 3, 4, 0x78), 1002],
    ['an unknown opcode', Uint8Array.of(0x83, 0x80, 1, 2, 3, 4), 1002],
    ['a continuation of nothing', clientFrame(0, text('x')), 1002],
  ]
  it.each(hostile)('closes on %s', async (_, bytes, code) => {
    const { listener, accepted } = await listen()
    const { socket, received } = await rawClient(listener.port)
    const link = await accepted()
    socket.write(bytes)
    await link.untilClose()
    expect(link.closeCode).toBe('E_LINK_LOST')
    while (closeCode(readFrames(received())) === undefined) await turns(1)
    expect(closeCode(readFrames(received()))).toBe(code)
  })

  it('does not let a dribbling peer pile up pieces of one message', async () => {
    const { listener, accepted } = await listen()
    const { socket } = await rawClient(listener.port)
    const link = await accepted()
    socket.write(clientFrame(2, new Uint8Array(0), { fin: false }))
    for (let i = 0; i < 300; i++) socket.write(clientFrame(0, text('x'), { fin: false }))
    await link.untilClose()
    expect(link.closeCode).toBe('E_LINK_LOST')
  })

  it('refuses a message that is longer than anybody need hold for a stranger', async () => {
    const { listener, accepted } = await listen()
    const { socket, received, ended } = await rawClient(listener.port)
    const link = await accepted()
    // The length alone decides: its bytes are not waited for.
    socket.write(clientFrame(2, new Uint8Array(72 * 1024 + 1)).subarray(0, 100))
    await link.untilClose()
    socket.end()
    await ended
    expect(closeCode(readFrames(received()))).toBe(1009)
  })

  it('counts as taken what its socket took, and nothing that was sent behind a Close', async () => {
    const { listener, accepted } = await listen()
    const { socket, received } = await rawClient(listener.port)
    const recorder = await accepted()
    recorder.onData = () => {}
    socket.pause()
    await turns(5)
    const { link } = recorder
    const MIB = 1024 * 1024
    // More than the kernel holds for a peer that reads nothing.
    for (let i = 0; i < 24; i++) recorder.write(new Uint8Array(MIB).fill(i))
    await turns(50)
    const taken = link.takenBytes
    expect(taken + link.queuedBytes).toBe(24 * MIB)
    expect(link.queuedBytes).toBeGreaterThan(MIB)
    socket.write(clientFrame(8, new Uint8Array(0)))
    await turns(50)
    for (let i = 0; i < 4; i++) recorder.write(new Uint8Array(MIB))
    await turns(50)
    expect([link.takenBytes, link.queuedBytes]).toEqual([taken, 28 * MIB - taken])
    expect(received().length).toBe(0)
  })

  it('calls a connection that is cut without a closing handshake lost', async () => {
    const { listener, accepted } = await listen()
    const { socket } = await rawClient(listener.port)
    const link = await accepted()
    socket.end()
    await link.untilClose()
    expect(link.closeCode).toBe('E_LINK_LOST')
  })
})

describe('a dialled WebSocket on the wire', () => {
  /** Dials through a tap and returns what the client sent, split into request head and frames. */
  async function tapped(use: (link: Recorder) => Promise<void>): Promise<{ head: string; frames: Frame[] }> {
    const { listener, accepted } = await listen()
    const sent: number[] = []
    const tap = createServer((socket) => {
      const upstream = connect({ port: listener.port, host: '127.0.0.1' })
      socket.on('data', (chunk: Buffer) => {
        for (const byte of chunk) sent.push(byte)
        upstream.write(chunk)
      })
      upstream.on('data', (chunk) => socket.write(chunk))
      for (const [one, other] of [
        [socket, upstream],
        [upstream, socket],
      ] as const) {
        one.on('error', () => {})
        one.on('close', () => other.destroy())
      }
    }).listen(0, '127.0.0.1')
    cleanups.push(() => tap.close())
    await once(tap, 'listening')
    const link = Recorder.attach(
      await dialWebSocket(`ws://127.0.0.1:${(tap.address() as { port: number }).port}`),
    )
    cleanups.push(() => link.link.abort())
    const peer = await accepted()
    await use(link)
    link.call(() => link.link.end())
    await peer.untilEnd()
    const bytes = Buffer.from(sent)
    const border = bytes.indexOf('\r\n\r\n') + 4
    return { head: bytes.subarray(0, border).toString(), frames: readFrames(bytes.subarray(border)) }
  }

  it('sends binary frames with a fresh random mask each, none above the message limit', async () => {
    const payload = new SeededRandom(1).bytes(700_000)
    const { head, frames } = await tapped(async (link) => {
      for (let i = 0; i < 20; i++) {
        link.write(text(`small ${i % 10}`))
        await turns(1)
      }
      link.write(payload)
    })
    expect(head).toMatch(/^GET \/htx HTTP\/1\.1\r\n/)
    expect(head).not.toMatch(/Sec-WebSocket-(Extensions|Protocol)/i)
    expect(frames.every(({ fin, rsv, opcode }) => fin && rsv === 0 && opcode === 2)).toBe(true)
    expect(Math.max(...frames.map((frame) => frame.payload.length))).toBeLessThanOrEqual(65 * 1024)
    const masks = frames.map(({ mask }) => Buffer.from(mask ?? []).toString('hex'))
    expect(new Set(masks).size).toBe(frames.length)
    expect(masks).not.toContain('00000000')
    expect(frames.at(-1)?.payload.length).toBe(0)
    const large = createHash('sha256')
    for (const frame of frames.filter(({ payload }) => payload.length > 100)) large.update(frame.payload)
    expect(large.digest('hex')).toBe(createHash('sha256').update(payload).digest('hex'))
  })

  it('joins small writes of one callback into one message', async () => {
    const { frames } = await tapped(async (link) => {
      for (let i = 0; i < 1000; i++) link.write(text('ab'))
      await turns(2)
    })
    expect(frames.map(({ payload }) => payload.length)).toEqual([2000, 0])
  })

  it('names the status of a server that does not upgrade', async () => {
    const server = createHttpServer((_request, response) => response.writeHead(503).end()).listen(
      0,
      '127.0.0.1',
    )
    cleanups.push(() => server.close())
    await once(server, 'listening')
    const error = await failure(
      dialWebSocket(`ws://127.0.0.1:${(server.address() as { port: number }).port}`),
    )
    expect(error.code).toBe('E_LINK')
    expect(error.message).toContain('HTTP 503')
  })

  it.each([
    ['http://127.0.0.1/', 'not ours'],
    ['ws://user:secret@127.0.0.1/', 'has credentials'],
    ['nonsense', 'no URL'],
  ])('refuses %s, which is %s', async (url) => {
    const error = await failure(dialWebSocket(url))
    expect(error.code).toBe('E_USAGE')
    expect(String(error.message + error.hint)).not.toContain('secret')
  })
})

describe('an HTTP request to a WebSocket listener', () => {
  interface Answer {
    readonly status: number | undefined
    readonly headers: Record<string, unknown>
    readonly body: string
  }

  /** Sends a request; `date` is left out of the answer, the one header that may differ between two equal answers. */
  async function ask(
    port: number,
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ): Promise<Answer> {
    const asked = request({ port, host: '127.0.0.1', path, headers, method, agent: false })
    asked.on('upgrade', (_response, socket) => {
      socket.destroy()
      asked.destroy(new Error('upgraded'))
    })
    asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    let body = ''
    for await (const piece of response.setEncoding('utf8')) body += piece
    const { date: _date, ...rest } = response.headers
    return { status: response.statusCode, headers: rest, body }
  }

  const good = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  const strangers: [string, string, Record<string, string>, string][] = [
    ['a page', '/', {}, 'GET'],
    ['our path without an upgrade', '/htx', {}, 'GET'],
    ['an upgrade of another path', '/chat', good, 'GET'],
    ['an upgrade of a longer path', '/htx/', good, 'GET'],
    ['an upgrade to something else', '/htx', { ...good, Upgrade: 'h2c' }, 'GET'],
    ['an upgrade without a key', '/htx', { ...good, 'Sec-WebSocket-Key': '' }, 'GET'],
    ['an upgrade with a bad key', '/htx', { ...good, 'Sec-WebSocket-Key': 'short' }, 'GET'],
    ['an upgrade of an old version', '/htx', { ...good, 'Sec-WebSocket-Version': '8' }, 'GET'],
    ['a POST upgrade', '/htx', good, 'POST'],
  ]

  it.each(strangers)('gets 404 for %s', async (_, path, headers, method) => {
    const { listener } = await listen()
    const answer = await ask(listener.port, path, headers, method)
    expect([answer.status, answer.body]).toEqual([404, 'Not Found'])
    expect(Object.keys(answer.headers)).not.toContain('sec-websocket-version')
  })

  it.each(strangers)('gets the answer of the given handler for %s', async (_, path, headers, method) => {
    const { listener } = await listen({
      onRequest: (request, response) => response.writeHead(200).end(`page ${request.url}`),
    })
    const answer = await ask(listener.port, path, headers, method)
    expect([answer.status, answer.body]).toEqual([200, `page ${path}`])
  })

  it('serves the configured path, with or without a query', async () => {
    const { url, accepted } = await listen({ path: '/news/live' })
    for (const target of [`${url}/news/live`, `${url}/news/live?a=b`]) {
      const link = await dialWebSocket(target)
      cleanups.push(() => link.abort())
      expect((await accepted()).link.kind).toBe('ws')
    }
    expect((await failure(dialWebSocket(url))).message).toContain('HTTP 404')
  })

  async function existingServer(): Promise<{ server: Server; port: number }> {
    const server = createHttpServer((request, response) => response.end(`site ${request.url}`)).listen(
      0,
      '127.0.0.1',
    )
    cleanups.push(() => server.close())
    await once(server, 'listening')
    return { server, port: (server.address() as { port: number }).port }
  }

  it.each(strangers)(
    'to a server that we are attached to gets its own answer for %s',
    async (_, path, headers, method) => {
      const { server, port } = await existingServer()
      const before = await ask(port, path, headers, method)
      const listener = attachWebSocket(server, { onLink: () => {} })
      cleanups.push(() => void listener.close())
      const answer = await ask(port, path, headers, method)
      expect(answer.body).toBe(`site ${path}`)
      expect({ ...answer, headers: { ...answer.headers, connection: '', 'keep-alive': '' } }).toEqual({
        ...before,
        headers: { ...before.headers, connection: '', 'keep-alive': '' },
      })
    },
  )

  it('to a server that we are attached to upgrades on our path until the listener closes', async () => {
    const { server, port } = await existingServer()
    const incoming = Promise.withResolvers<Link>()
    const listener = attachWebSocket(server, { onLink: incoming.resolve })
    const dialler = Recorder.attach(await dialWebSocket(`ws://127.0.0.1:${port}`))
    const acceptor = Recorder.attach(await incoming.promise)
    cleanups.push(() => dialler.link.abort())
    await listener.close()
    dialler.write(text('lives on'))
    await acceptor.untilBytes(8)
    expect((await ask(port, '/')).body).toBe('site /')
    expect((await failure(dialWebSocket(`ws://127.0.0.1:${port}`))).message).toContain('HTTP 200')
  })

  it("leaves another listener's upgrades alone", async () => {
    const { server, port } = await existingServer()
    server.on('upgrade', (request, socket) => {
      const answer = 'HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n'
      if (request.url === '/chat') setImmediate(() => socket.end(answer))
    })
    const listener = attachWebSocket(server, { onLink: () => {} })
    cleanups.push(() => void listener.close())
    expect((await ask(port, '/chat', good)).status).toBe(418)
  })

  it('cannot attach to a server that does not listen', () => {
    expect(() => attachWebSocket(createHttpServer(), { onLink: () => {} })).toThrow(/does not listen/)
  })

  it('of random bytes gets an HTTP answer, not a broken listener', async () => {
    const { listener, url, accepted } = await listen()
    const random = new SeededRandom(9)
    for (let i = 0; i < 20; i++) {
      const socket = connect({ port: listener.port, host: '127.0.0.1' })
      socket.on('error', () => {})
      socket.end(random.bytes(1 + random.below(2000)))
      let answer = ''
      for await (const piece of socket.setEncoding('latin1')) answer += piece
      expect(answer).toMatch(/^HTTP\/1\.1 4/)
    }
    const link = await dialWebSocket(url)
    cleanups.push(() => link.abort())
    expect((await accepted()).link.kind).toBe('ws')
  })
})
