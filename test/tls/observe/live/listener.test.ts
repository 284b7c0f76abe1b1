import { once } from 'node:events'
import { connect as connectHttp2, constants } from 'node:http2'
import type { Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../../src/lib/core/index.ts'
import { ja4, listenForHellos } from '../../../../src/lib/tls/index.ts'
import { selfSigned } from '../../../link/certificates.ts'
import { liveWorkplace, type Workplace } from './workplace.ts'

const HELLO_MS = 10_000
const ANSWER_MS = 15_000
const PER_PREFIX = 256

async function tlsTo({ listener, cert }: Workplace, alpn: readonly string[] = []): Promise<TLSSocket> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: listener.port,
    ca: cert,
    servername: 'localhost',
    ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
  })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

/** Everything until the other side ends. */
async function read(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk
  })
  await once(socket, 'end')
  return text
}

async function ask(socket: Socket, head: string): Promise<string> {
  const answer = read(socket)
  socket.write(`${head}\r\nHost: localhost\r\n\r\n`)
  return await answer
}

/** Also by a reset. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

function srcOf(socket: Socket): string {
  return `127.0.0.1:${socket.localPort}`
}

describe('a live listener', () => {
  it('tells a client about itself at any path, once, and ends the connection', async () => {
    const work = await liveWorkplace()
    const socket = await tlsTo(work)
    const src = srcOf(socket)
    const [head, body] = (await ask(socket, 'GET /any/path?x HTTP/1.1')).split('\r\n\r\n')
    expect(JSON.parse(body ?? '')).toEqual({ src })
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(head).toMatch(/^content-type: application\/json\r?$/im)
    expect(head).toMatch(/^connection: close\r?$/im)
    expect(head).toContain(`Content-Length: ${body?.length}`)
    expect(work.hellos.all.map((found) => found.src)).toEqual([src])
    expect(work.skips.all).toEqual([])
  })

  it('answers one of two requests that were sent together, a POST with its body, and HEAD without a body', async () => {
    const work = await liveWorkplace()
    const two = await ask(await tlsTo(work), 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1')
    expect(two.match(/HTTP\/1\.1 200/g)).toHaveLength(1)
    const post = `POST / HTTP/1.1\r\nContent-Length: 100000\r\nHost: a\r\n\r\n${'x'.repeat(100_000)}GET / HTTP/1.1`
    expect(await ask(await tlsTo(work), post)).toMatch(/^HTTP\/1\.1 200 [\s\S]*\{"src":/)
    expect(await ask(await tlsTo(work), 'HEAD / HTTP/1.1')).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n$/)
  })

  it('speaks HTTP/2 with who offers it, and answers the first stream only', async () => {
    const work = await liveWorkplace()
    const socket = await tlsTo(work, ['h2', 'http/1.1'])
    expect(socket.alpnProtocol).toBe('h2')
    const src = srcOf(socket)
    const session = connectHttp2('https://localhost', { createConnection: () => socket })
    session.on('error', () => {})
    const streams = [session.request({ ':path': '/' }), session.request({ ':path': '/favicon.ico' })] as const
    const refused = once(streams[1], 'error')
    let body = ''
    streams[0].on('data', (chunk: Buffer) => {
      body += chunk
    })
    const [headers] = (await once(streams[0], 'response')) as [Record<string, unknown>]
    await once(streams[0], 'end')
    expect(headers).toMatchObject({ ':status': 200, 'content-type': 'application/json' })
    expect(JSON.parse(body)).toEqual({ src })
    expect(((await refused) as [Error])[0].message).toMatch(/REFUSED_STREAM/)
    expect(streams[1].rstCode).toBe(constants.NGHTTP2_REFUSED_STREAM)
    if (!session.closed) await once(session, 'close')
  })

  it('names a client that does not accept the certificate', async () => {
    const work = await liveWorkplace()
    const socket = connectTls({ host: '127.0.0.1', port: work.listener.port, servername: 'other.example' })
    await once(socket, 'error')
    const [found] = await work.hellos.until(({ length }) => length === 1)
    expect(found?.kind === 'client' && ja4(found.hello, 'tcp').ja4).toMatch(/^t13d/)
    // Node's client goes without an alert.
    expect(await work.handshakeErrors.until(({ length }) => length === 1)).toEqual(['socket hang up'])
    expect(work.skips.all).toEqual([])
  })

  it('and one that goes in the midst of the handshake', async () => {
    const work = await liveWorkplace()
    const recorded = await tlsTo(work)
    recorded.destroy()
    const [found] = await work.hellos.until(({ length }) => length === 1)
    const socket = await work.dial()
    const { message } = found as NonNullable<typeof found>
    socket.write(Uint8Array.of(22, 3, 1, message.length >> 8, message.length & 0xff, ...message))
    await work.hellos.until(({ length }) => length === 2)
    socket.resetAndDestroy()
    expect(await ask(await tlsTo(work), 'GET / HTTP/1.1')).toContain('{"src":')
  })

  it('cuts who says nothing, or a byte now and then, ten seconds after it came', async () => {
    const work = await liveWorkplace()
    const silent = await work.dial()
    const slow = await work.dial()
    await work.clock.timers.until(({ length }) => length === 2)
    expect(work.clock.timers.all).toEqual([HELLO_MS, HELLO_MS])
    const ends = [closed(silent), closed(slow)]
    slow.write(Uint8Array.of(22))
    work.clock.advance(HELLO_MS / 2)
    slow.write(Uint8Array.of(3))
    work.clock.advance(HELLO_MS / 2 - 1)
    expect(work.skips.all).toEqual([])
    work.clock.advance(1)
    expect(work.skips.all.map(({ reason }) => reason)).toEqual(['silent', 'silent'])
    await Promise.all(ends)
  })

  it('cuts who said hello and then nothing, or asks and never ends', async () => {
    const work = await liveWorkplace()
    const idle = await tlsTo(work)
    const endless = await tlsTo(work)
    await work.clock.timers.until(({ length }) => length === 4)
    expect(work.clock.timers.all.filter((ms) => ms === ANSWER_MS)).toHaveLength(2)
    endless.on('error', () => {})
    endless.write('GET / HTTP/1.1\r\nHost: localhost\r\nX: ')
    const ends = [closed(idle), closed(endless)]
    work.clock.advance(ANSWER_MS)
    await Promise.all(ends)
    expect(work.skips.all).toEqual([])
  })

  it('passes over garbage, however much, and those that come and go', async () => {
    const work = await liveWorkplace()
    const web = await work.dial()
    web.end('GET / HTTP/1.1\r\n\r\n')
    const huge = await work.dial()
    const flood = Buffer.alloc(20 * 2 ** 20, 'garbage')
    flood.set([22, 3, 1, 0xff, 0xff, 1, 0, 0xff, 0xff])
    const undelivered = await new Promise((resolve) => huge.write(flood, resolve))
    expect(undelivered).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE|ECANCELED/) })
    const scan = await work.dial()
    scan.end()
    await work.skips.until(({ length }) => length === 3)
    expect(work.skips.all.map(({ reason }) => reason).toSorted()).toEqual(['closed', 'not-tls', 'too-large'])
    expect(await ask(await tlsTo(work), 'GET / HTTP/1.1')).toContain('{"src":')
  })

  it('answers 200 clients at once, each with its own', async () => {
    const work = await liveWorkplace()
    const sockets = await Promise.all(
      Array.from({ length: 200 }, (_, index) => tlsTo(work, index % 2 === 0 ? [] : ['http/1.1'])),
    )
    const answers = await Promise.all(
      sockets.map(async (socket) => {
        const src = srcOf(socket)
        const body = (await ask(socket, 'GET / HTTP/1.1')).split('\r\n\r\n')[1] ?? ''
        return { src, told: (JSON.parse(body) as { readonly src: string }).src }
      }),
    )
    for (const { src, told } of answers) expect(told).toBe(src)
    expect(new Set(answers.map(({ told }) => told)).size).toBe(200)
  })

  it('lets the oldest of a network go when it has too many, and takes the next', async () => {
    const work = await liveWorkplace()
    const first = await work.dial()
    await work.clock.timers.until(({ length }) => length === 1)
    for (let more = 1; more < PER_PREFIX; more++) await work.dial()
    await work.clock.timers.until(({ length }) => length === PER_PREFIX)
    expect(work.skips.all).toEqual([])
    const [gone, src] = [closed(first), srcOf(first)]
    expect(await ask(await tlsTo(work), 'GET / HTTP/1.1')).toContain('{"src":')
    await gone
    expect(work.skips.all).toEqual([{ reason: 'crowded', src }])
  })

  it('ends at once with nobody there, and gives those that are being answered a second', async () => {
    const work = await liveWorkplace()
    const waiting = await work.dial()
    await work.clock.timers.until(({ length }) => length === 1)
    const known = await tlsTo(work)
    const ended = closed(waiting)
    const over = work.listener.close()
    await ended
    expect(await ask(known, 'GET / HTTP/1.1')).toContain('{"src":')
    await over
    await (await liveWorkplace()).listener.close()
  })

  it('refuses a certificate with the key of another, and what is no certificate', async () => {
    const [own, other] = [selfSigned(['DNS:a']), selfSigned(['DNS:a'])]
    const listen = (cert: string, key: string) =>
      listenForHellos({
        host: '127.0.0.1',
        port: 0,
        cert,
        key,
        clock: systemClock,
        onHello: () => {},
        answer: () => '',
      })
    await expect(listen(own.cert, other.key)).rejects.toMatchObject({
      code: 'E_INPUT',
      message: 'the certificate and the key do not belong together',
    })
    for (const [cert, key] of [
      ['garbage', own.key],
      [own.cert, 'garbage'],
    ] as const)
      await expect(listen(cert, key)).rejects.toMatchObject({ code: 'E_INPUT' })
  })
})
