import { once } from 'node:events'
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import type { AivError } from '../../src/lib/core/index.ts'
import { dialLink, type Link, listenLink } from '../../src/lib/link/index.ts'
import { selfSigned } from './certificates.ts'
import { failure, text } from './compliance.ts'
import { httpProxy, nonsenseProxy, type ProxyBehaviour, socks5Proxy, type TestProxy } from './proxies.ts'
import { Recorder } from './recorder.ts'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** Ports of an echoing TCP, WebSocket or TLS WebSocket listener. */
async function echo(kind: 'tcp' | 'ws', tls?: { cert: string; key: string }): Promise<number> {
  const listener = await listenLink(kind, {
    host: '127.0.0.1',
    port: 0,
    ...(tls === undefined ? {} : { tls }),
    onLink(link) {
      cleanups.push(() => link.abort())
      link.attach({
        data: (chunk) => link.write([chunk]),
        end: () => link.end(),
        drain: () => {},
        close: () => {},
      })
    },
  })
  cleanups.push(() => void listener.close())
  return listener.port
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

async function answered(link: Link): Promise<string> {
  cleanups.push(() => link.abort())
  const recorder = Recorder.attach(link)
  recorder.write(text('through the proxy'))
  recorder.call(() => recorder.link.end())
  await recorder.untilClose()
  expect(recorder.violations).toEqual([])
  return recorder.text()
}

/** Nothing that an error carries, however deep, names the secret. */
function expectNoSecret(error: AivError): void {
  const everything = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }) + error.stack
  expect(everything).not.toContain('sesame')
  expect(everything).not.toContain(Buffer.from('ali:sesame').toString('base64'))
}

const flavours: [string, string, (behaviour?: ProxyBehaviour) => Promise<TestProxy>][] = [
  ['an HTTP proxy', 'http', httpProxy],
  ['a SOCKS5 proxy', 'socks5h', socks5Proxy],
]

describe.each(flavours)('%s', (_, scheme, start) => {
  async function proxy(behaviour?: ProxyBehaviour): Promise<TestProxy> {
    const started = await start(behaviour)
    cleanups.push(started.close)
    return started
  }

  it('carries tcp, ws and wss links', async () => {
    const certificate = selfSigned(['DNS:localhost'])
    const upstream = await proxy()
    const options = { proxy: `${scheme}://127.0.0.1:${upstream.port}`, ca: certificate.cert }
    const ports = [await echo('tcp'), await echo('ws'), await echo('ws', certificate)]
    const [tcp = 0, ws = 0, wss = 0] = ports
    expect(await answered(await dialLink('tcp', { host: '127.0.0.1', port: tcp }, options))).toBe(
      'through the proxy',
    )
    expect(await answered(await dialLink('ws', { host: '127.0.0.1', port: ws }, options))).toBe(
      'through the proxy',
    )
    const secure = { host: 'localhost', port: wss, secure: true }
    expect(await answered(await dialLink('ws', secure, options))).toBe('through the proxy')
    expect(upstream.targets.map((target) => Number(target.split(':').at(-1)))).toEqual(ports)
  })

  it('gets the credentials, percent-decoded', async () => {
    const upstream = await proxy({ wants: 'a:li:se/sa@me' })
    const url = `${scheme}://a%3Ali:se%2Fsa%40me@127.0.0.1:${upstream.port}`
    const link = await dialLink('tcp', { host: '127.0.0.1', port: await echo('tcp') }, { proxy: url })
    expect(await answered(link)).toBe('through the proxy')
    expect(upstream.credentials).toEqual(['a:li:se/sa@me'])
  })

  it('that wants other credentials is E_PROXY, and they stay secret', async () => {
    const upstream = await proxy({ wants: 'somebody:else' })
    const url = `${scheme}://ali:sesame@127.0.0.1:${upstream.port}`
    for (const proxyUrl of [url, `${scheme}://127.0.0.1:${upstream.port}`]) {
      const error = await failure(dialLink('tcp', { host: '127.0.0.1', port: 9 }, { proxy: proxyUrl }))
      expect(error.code).toBe('E_PROXY')
      expect(error.message).toContain(`127.0.0.1:${upstream.port}`)
      expect(error.hint).toContain('user:password@')
      expectNoSecret(error)
    }
    expect(upstream.targets.filter((target) => target.includes('sesame'))).toEqual([])
  })

  it('that cannot be reached is E_PROXY', async () => {
    const url = `${scheme}://ali:sesame@127.0.0.1:${await closedPort()}`
    const error = await failure(dialLink('tcp', { host: '127.0.0.1', port: 9 }, { proxy: url }))
    expect(error.code).toBe('E_PROXY')
    expect(error.message).toContain('connection refused')
    expectNoSecret(error)
  })

  it.each([
    ['that cannot reach the target', { http: 502, socks5h: 5 }, 'E_UNREACHABLE'],
    ['that gets no answer from the target', { http: 504, socks5h: 4 }, 'E_UNREACHABLE'],
    ['that forbids the target', { http: 403, socks5h: 2 }, 'E_PROXY'],
  ])('%s says so', async (_what, codes, code) => {
    const upstream = await proxy({ refuses: codes[scheme as keyof typeof codes] })
    const url = `${scheme}://ali:sesame@127.0.0.1:${upstream.port}`
    const error = await failure(dialLink('tcp', { host: '127.0.0.1', port: 9 }, { proxy: url }))
    expect(error.code).toBe(code)
    expect(error.message).toContain('127.0.0.1:9')
    expectNoSecret(error)
  })

  it('loses no byte of a target that speaks first', async () => {
    const upstream = await proxy({ firstWords: '220 ready\r\n' })
    const url = `${scheme}://127.0.0.1:${upstream.port}`
    const link = await dialLink('tcp', { host: '127.0.0.1', port: await echo('tcp') }, { proxy: url })
    // Long after the proxy's answer arrived, so that nothing can be in flight.
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await answered(link)).toBe('220 ready\r\nthrough the proxy')
  })

  it.each([
    ['an empty line', '\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['zeros', '\0'.repeat(64)],
    ['a SOCKS4 answer', '\0\x5a\0\0\0\0\0\0'],
    ['a SOCKS5 answer with an unknown method', '\x05\x7f'],
    ['a broken HTTP answer', 'HTTP/1.1 abc\r\n\r\n'],
    ['an HTTP answer without end', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}`],
  ])('that answers with %s is E_PROXY or a time-out, never a crash', async (_what, answer) => {
    const upstream = await nonsenseProxy(Uint8Array.from(Buffer.from(answer, 'latin1')))
    cleanups.push(upstream.close)
    const url = `${scheme}://ali:sesame@127.0.0.1:${upstream.port}`
    const error = await failure(
      dialLink('tcp', { host: '127.0.0.1', port: 9 }, { proxy: url, timeoutMs: 300 }),
    )
    expect(['E_PROXY', 'E_TIMEOUT']).toContain(error.code)
    expectNoSecret(error)
  })

  it('is given up when the signal fires', async () => {
    const upstream = await nonsenseProxy(new Uint8Array(0))
    cleanups.push(upstream.close)
    const controller = new AbortController()
    const url = `${scheme}://127.0.0.1:${upstream.port}`
    const dialling = failure(
      dialLink('tcp', { host: '127.0.0.1', port: 9 }, { proxy: url, signal: controller.signal }),
    )
    setTimeout(() => controller.abort(), 30)
    expect((await dialling).code).toBe('E_ABORTED')
  })
})

describe('who resolves the name', () => {
  it.each([
    ['socks5', 'here', /^[14] [0-9a-f.:]+:\d+$/],
    ['socks5h', 'at the proxy', /^3 localhost:\d+$/],
  ])('%s: %s', async (scheme, _where, target) => {
    const upstream = await socks5Proxy()
    cleanups.push(upstream.close)
    const url = `${scheme}://127.0.0.1:${upstream.port}`
    const port = await echo('tcp')
    await dialLink('tcp', { host: 'localhost', port }, { proxy: url, timeoutMs: 1000 }).then(
      (link) => link.abort(),
      () => {},
    )
    expect(upstream.targets[0]).toMatch(target)
  })

  it('a name that socks5 cannot resolve never reaches the proxy', async () => {
    const upstream = await socks5Proxy()
    cleanups.push(upstream.close)
    const url = `socks5://127.0.0.1:${upstream.port}`
    const error = await failure(dialLink('tcp', { host: 'no-such-host.invalid', port: 1 }, { proxy: url }))
    expect(error.code).toBe('E_UNREACHABLE')
    expect(upstream.targets).toEqual([])
  })
})

describe('a proxy URL', () => {
  it.each([
    'nonsense',
    'https://ali:sesame@host:1',
    'socks4://ali:sesame@host:1',
    'http://',
    'http://ali:sesame@host/path',
    'http://ali:sesame@host?query',
    'http://ali:sesame%@host',
  ])('%s is refused without repeating it', async (url) => {
    const error = await failure(dialLink('tcp', { host: '127.0.0.1', port: 9 }, { proxy: url }))
    expect(error.code).toBe('E_USAGE')
    expectNoSecret(error)
  })

  it.each([
    ['a user', `${'u'.repeat(256)}:p`],
    ['a password', `u:${'p'.repeat(256)}`],
  ])('with %s that SOCKS5 cannot carry is refused', async (_, credentials) => {
    const error = await failure(
      dialLink('tcp', { host: '127.0.0.1', port: 9 }, { proxy: `socks5h://${credentials}@127.0.0.1:1` }),
    )
    expect(error.code).toBe('E_USAGE')
  })

  it('is never ignored: a kind that cannot use it refuses', async () => {
    const error = await failure(
      dialLink('quic', { host: '127.0.0.1', port: 9 }, { proxy: 'socks5h://127.0.0.1:1' }),
    )
    expect(error.code).toBe('E_UNSUPPORTED')
  })
})
