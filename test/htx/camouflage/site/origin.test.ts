/** A real site behind the port: its own answers, streamed both ways, WebSockets included. */
import { createServer, type RequestListener, type Server } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { isAivError } from '../../../../src/lib/core/index.ts'
import { openTls, RawReader, type RunningSite, startSite, upgradeRequest } from './site.ts'
import { visit } from './visitors.ts'

async function serve(onRequest: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(onRequest)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function siteFor(url: string): Promise<RunningSite> {
  return await startSite({ decoy: { kind: 'origin', url } })
}

describe('a site behind the port', () => {
  it('gets the request as it was, with its own name, without what belongs to one connection', async () => {
    let raw: readonly string[] = []
    const { url } = await serve((request, response) => {
      raw = request.rawHeaders
      response.end(`${request.method} ${request.url}`)
    })
    const site = await siteFor(url)
    const reader = new RawReader(await openTls(site.port))
    const { body } = await reader.ask(
      'GET /a/../b?c=%41&bn1=x HTTP/1.1\r\nHost: decoy.test\r\nX-One: 1\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 2\r\nTE: trailers\r\nx-two: 3\r\n\r\n',
    )
    expect(body).toBe('GET /a/../b?c=%41&bn1=x')
    const host = url.slice('http://'.length)
    expect(raw).toEqual(['Host', host, 'X-One', '1', 'x-two', '3', 'Connection', 'keep-alive'])
  })

  it.each(['GET', 'POST', 'DELETE'])(
    'takes the body of a %s for nothing else, whatever the head says',
    async (method) => {
      const seen: string[] = []
      const { url } = await serve((request, response) => {
        seen.push(`${request.method} ${request.url}`)
        request.resume().on('end', () => response.end('page'))
      })
      const site = await siteFor(url)
      const reader = new RawReader(await openTls(site.port))
      const hidden = 'GET /hidden HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n'
      for (const named of [
        'content-length',
        'Content-Length, transfer-encoding',
        'host, cookie, Content-length',
      ])
        await reader.ask(
          `${method} /seen HTTP/1.1\r\nHost: d\r\nConnection: keep-alive, ${named}\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
        )
      expect(seen).toEqual([`${method} /seen`, `${method} /seen`, `${method} /seen`])
    },
  )

  it.each([
    ['http://inside.test/status?x=1', '/status?x=1'],
    ['https://user@inside.test:8443', '/'],
    ['HTTP://inside.test?y', '/?y'],
    ['ftp://inside.test/a', '/a'],
  ])('is the only one that is asked, for %s too', async (target, path) => {
    const { url } = await serve((request, response) => response.end(`${request.headers.host} ${request.url}`))
    const site = await siteFor(url)
    const reader = new RawReader(await openTls(site.port))
    const { body } = await reader.ask(`GET ${target} HTTP/1.1\r\nHost: inside.test\r\n\r\n`)
    expect(body).toBe(`${url.slice('http://'.length)} ${path}`)
  })

  it('answers with its own status, reason, headers and body', async () => {
    const { url } = await serve((_, response) => {
      response.sendDate = false
      response.writeHead(
        418,
        'Short and stout',
        [
          ['X-Kettle', 'on'],
          ['Set-Cookie', 'a=1'],
          ['set-cookie', 'b=2'],
          ['Connection', 'close'],
          ['Date', 'Wed, 04 Mar 2026 05:06:07 GMT'],
          ['Content-Length', '3'],
        ].flat(),
      )
      response.end('tea')
    })
    const site = await siteFor(url)
    const reader = new RawReader(await openTls(site.port))
    const { head, body } = await reader.ask('GET / HTTP/1.1\r\nHost: decoy.test\r\n\r\n')
    expect(head).toBe(
      'HTTP/1.1 418 Short and stout\r\nX-Kettle: on\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nDate: Wed, 04 Mar 2026 05:06:07 GMT\r\nContent-Length: 3\r\nConnection: keep-alive\r\nKeep-Alive: timeout=65\r\n\r\n',
    )
    expect(body).toBe('tea')
  })

  it('is not named in its redirects', async () => {
    const { url } = await serve((request, response) => {
      const to = request.url === '/in' ? `${url}/there?x=1` : 'https://elsewhere.test/'
      response.writeHead(302, { Location: to })
      response.end()
    })
    const site = await siteFor(url)
    const reader = new RawReader(await openTls(site.port))
    expect((await reader.ask('GET /in HTTP/1.1\r\nHost: d\r\n\r\n')).head).toContain(
      'Location: /there?x=1\r\n',
    )
    expect((await reader.ask('GET /out HTTP/1.1\r\nHost: d\r\n\r\n')).head).toContain(
      'Location: https://elsewhere.test/\r\n',
    )
  })

  it.each(['HTTP/1.1', 'HTTP/2'] as const)('gets bodies and gives them over %s', async (kind) => {
    const { url } = await serve((request, response) => request.pipe(response))
    const site = await siteFor(url)
    const visitor = await visit(kind, site.port)
    const body = 'y'.repeat(2_000_000)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const seen = await visitor.see({
        method: 'POST',
        target: '/echo',
        fields: [['Content-Type', type]],
        body,
      })
      expect(seen.endsWith(`\r\n${body}`)).toBe(true)
    }
    const short = await visitor.see({
      method: 'POST',
      target: '/echo',
      fields: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: 'a=b',
    })
    expect(short).toMatch(/a=b$/)
  })

  it('gets one cookie field where HTTP/2 sends several', async () => {
    const { url } = await serve((request, response) =>
      response.end(
        JSON.stringify(request.rawHeaders.filter((_, i, all) => /^cookie$/i.test(all[i - (i % 2)] ?? ''))),
      ),
    )
    const site = await siteFor(url)
    const visitor = await visit('HTTP/2', site.port)
    const fields = [
      ['Cookie', 'a=1'],
      ['Cookie', 'b=2'],
    ] as const
    expect(await visitor.see({ target: '/', fields })).toMatch(/\["cookie","a=1; b=2"\]$/)
  })

  it('that is down is 502, and that is said to the operator only', async () => {
    const gone = createTcpServer()
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
    const { port } = gone.address() as AddressInfo
    await new Promise((resolve) => gone.close(resolve))
    const site = await siteFor(`http://127.0.0.1:${port}`)
    const reader = new RawReader(await openTls(site.port))
    for (const request of ['GET / HTTP/1.1\r\nHost: d\r\n\r\n', upgradeRequest('/')]) {
      const { head, body } = await reader.ask(request)
      expect(head).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/)
      expect(body).not.toContain(String(port))
    }
    expect(site.errors).toHaveLength(2)
  })

  it('that breaks off in its answer breaks the connection off', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'Content-Length': '100' })
      response.write('half', () => response.destroy())
    })
    const site = await siteFor(url)
    const reader = new RawReader(await openTls(site.port))
    reader.socket.write('GET / HTTP/1.1\r\nHost: d\r\n\r\n')
    expect(await reader.rest()).toMatch(/half$/)
  })

  it.each(['ftp://example.test', 'https://example.test/path', 'https://user@example.test', 'nonsense'])(
    'must be a site: %s is refused',
    async (url) => {
      const error = await siteFor(url)
        .then(() => undefined)
        .catch((thrown: unknown) => thrown)
      expect(isAivError(error, 'E_INPUT')).toBe(true)
    },
  )
})

describe('a WebSocket of the site behind the port', () => {
  async function echoSite(): Promise<RunningSite> {
    const { server, url } = await serve((_, response) => response.writeHead(404).end('no page'))
    const sockets = new WebSocketServer({ server, path: '/chat' })
    sockets.on('connection', (socket) => socket.on('message', (text) => socket.send(`echo ${text}`)))
    return await siteFor(url)
  }

  it('works through HTTP/1.1', async () => {
    const site = await echoSite()
    const socket = new WebSocket(`wss://127.0.0.1:${site.port}/chat`, { rejectUnauthorized: false })
    onTestFinished(() => socket.terminate())
    const said = await new Promise<string>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('open', () => socket.send('hello'))
      socket.on('message', (text) => resolve(String(text)))
    })
    expect(said).toBe('echo hello')
    const closed = new Promise<number>((resolve) => socket.on('close', resolve))
    socket.close(1000)
    expect(await closed).toBe(1000)
    expect(site.links).toHaveLength(0)
  })

  it('works through HTTP/2', async () => {
    const site = await echoSite()
    const socket = await openTls(site.port, { ALPNProtocols: ['h2'] })
    const session = connectHttp2('https://decoy.test', { createConnection: () => socket })
    onTestFinished(() => session.destroy())
    await new Promise<void>((resolve) => session.once('remoteSettings', () => resolve()))
    const stream = session.request(
      {
        ':method': 'CONNECT',
        ':protocol': 'websocket',
        ':scheme': 'https',
        ':authority': 'decoy.test',
        ':path': '/chat',
        'sec-websocket-version': '13',
      },
      { endStream: false },
    )
    const headers = await new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve))
    expect(headers).toMatchObject({ ':status': 200 })
    expect(Object.keys(headers)).not.toContain('sec-websocket-accept')
    // "hi" in a text message with a mask of zeros, and what the origin makes of it.
    stream.write(Buffer.from('818200000000' + '6869', 'hex'))
    const answer = await new Promise<Buffer>((resolve) => stream.once('data', resolve))
    expect(answer.toString('latin1')).toBe('\x81\x07echo hi')
  })

  it('that the site refuses is refused with its own answer', async () => {
    const site = await echoSite()
    for (const kind of ['HTTP/1.1', 'HTTP/2'] as const) {
      const visitor = await visit(kind, site.port)
      const seen = await visitor.see({ target: '/other', isWebSocket: true })
      expect(seen).toMatch(kind === 'HTTP/1.1' ? /^HTTP\/1\.1 400 / : /^:status: 400/)
    }
  })
})
