import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock, systemClock } from '../../../src/lib/core/index.ts'
import { serveMetrics } from '../../../src/lib/htx/index.ts'

async function serve(text: () => string = () => 'page\n', clock = systemClock) {
  const server = await serveMetrics('', 0, text, clock)
  onTestFinished(() => server.close())
  return server
}

describe('the metrics server', () => {
  it('is on loopback unless told otherwise, and has one page', async () => {
    const { url } = await serve()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
    const page = await fetch(url)
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      'page\n',
    ])
    expect((await fetch(new URL('/', url))).status).toBe(404)
    expect((await fetch(new URL('/metrics/..%2f', url))).status).toBe(404)
  })

  it('answers GET and HEAD only', async () => {
    const { url } = await serve()
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '5'])
    const post = await fetch(url, { method: 'POST', body: 'x'.repeat(100_000) })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  it('gives a scraper with too many headers, and one that is no scraper, an error and no page', async () => {
    const { url } = await serve()
    const { port } = new URL(url)
    for (const bytes of [
      `GET /metrics HTTP/1.1\r\nA: ${'x'.repeat(9000)}\r\n\r\n`,
      '\x16\x03\x01 hello\r\n\r\n',
    ]) {
      const socket = connect(Number(port), '127.0.0.1')
      socket.on('error', () => {})
      socket.write(bytes)
      let answer = ''
      for await (const chunk of socket) answer += chunk
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    }
  })

  it('makes the page anew for each scrape', async () => {
    let scrapes = 0
    const { url } = await serve(() => `${++scrapes}\n`)
    expect([await (await fetch(url)).text(), await (await fetch(url)).text()]).toEqual(['1\n', '2\n'])
  })

  it('lets nobody stay who asks and never reads', async () => {
    const clock = new ManualClock()
    const { url } = await serve(() => 'x'.repeat(4_000_000), clock)
    const sockets = Array.from({ length: 32 }, () => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      socket.on('error', () => {})
      onTestFinished(() => void socket.destroy())
      socket.pause()
      socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n')
      return socket
    })
    // An answer has begun on each: all are connected, and all places are taken.
    await Promise.all(sockets.map((socket) => once(socket, 'readable')))
    await expect(fetch(url)).rejects.toThrow()
    clock.advance(5_000)
    expect((await fetch(url)).status).toBe(200)
  })

  it('answers once a connection, however many requests come at once', async () => {
    let pages = 0
    const { url } = await serve(() => `page ${++pages}\n`)
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n'.repeat(1000))
    let answer = ''
    for await (const chunk of socket) answer += chunk
    const [head, ...body] = answer.split('\r\n\r\n')
    expect(head?.split('\r\n')).toContain('Connection: close')
    expect(body).toEqual(['page 1\n'])
    expect(pages).toBe(1)
  })

  it('says which address is taken', async () => {
    const { url } = await serve()
    await expect(serveMetrics('127.0.0.1', Number(new URL(url).port), () => '')).rejects.toMatchObject({
      code: 'E_ADDRESS_IN_USE',
    })
  })
})
