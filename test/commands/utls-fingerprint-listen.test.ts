/**
 * Real clients ask `aiv utls fingerprint --listen` who they are. Between them stands a proxy that keeps their bytes, from
 * which read-tls-client-hello, another program, says the same.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { calculateJa3, calculateJa4, readTlsClientHello } from 'read-tls-client-hello'
import { describe, expect, it } from 'vitest'
import { selfSigned } from '../link/certificates.ts'
import { type AivProcess, aiv, REPOSITORY, startAiv, temporaryFolder } from '../support/aiv.ts'
import { chromiumMajor, chromiumPage } from '../support/chromium-page.ts'
import { broken } from '../support/json-promise.ts'
import { judge } from '../support/judge.ts'
import { type RecordingProxy, recordingProxy } from '../support/recording-proxy.ts'
import { inRecords } from '../support/tls-records.ts'

type Json = Readonly<Record<string, unknown>>

const curl = judge('curl')
const openssl = judge('openssl')
const chromium = judge('chromium')

/** Published for Chrome, by its major version. */
const CHROME_JA4: readonly (readonly [first: number, last: number, ja4: string])[] = [
  [150, 151, 't13d1516h2_8daaf6152771_806a8c22fdea'],
  [152, 156, 't13d1517h2_8daaf6152771_cb7bf5808d99'],
]

/** What Chromium shows around a text. */
const TEXT_PAGE = /<pre>(\{.*?\})\s*<\/pre>/s

interface Listening {
  readonly listener: AivProcess
  readonly port: number
  /** The first line. */
  readonly ready: Json
}

async function listen(...flags: readonly string[]): Promise<Listening> {
  const listener = startAiv(['utls', 'fingerprint', '--listen', '127.0.0.1:0', '--json', ...flags], {
    timeoutMs: 55_000,
  })
  for (;;) {
    const event = await listener.nextEvent()
    if (event.event !== 'ready') continue
    const { address } = event as { readonly address: string }
    expect(address).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/)
    expect(event).toMatchObject({ v: 1, time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) })
    return { listener, port: Number(new URL(address).port), ready: event }
  }
}

async function nextHello({ listener }: Listening): Promise<Json> {
  for (;;) {
    const event = await listener.nextEvent()
    if (event.event === 'hello') return event
  }
}

/** What the other program reads in what the client of this hello has sent. */
async function judged({ clients }: RecordingProxy, hello: Json): Promise<Json> {
  const client = clients.find(({ src }) => src === hello.src)
  const stream = new Readable({ read() {} })
  stream.push(Buffer.concat(client?.sent ?? []))
  const read = await readTlsClientHello(stream)
  return { ja3_hash: calculateJa3(read), ja4: calculateJa4(read) }
}

/** The fields that the page and the line of a hello share. */
function fieldsOf({ event, time, ...fields }: Json): Json {
  expect([event, typeof time]).toEqual(['hello', 'string'])
  return fields
}

async function curlPage(port: number, ...flags: readonly string[]): Promise<Json> {
  const args = ['--silent', '--show-error', '--insecure', '--max-time', '20', ...flags]
  const { stdout } = await promisify(execFile)('curl', [...args, `https://localhost:${port}/who/am/i`])
  return JSON.parse(stdout) as Json
}

describe.runIf(curl !== undefined)('curl asks who it is', () => {
  it.each(['--http1.1', '--http2', '--tls-max 1.2', '--data x=1'])('%s', async (flags) => {
    const listening = await listen()
    const proxy = await recordingProxy(listening.port)
    const page = await curlPage(proxy.port, ...flags.split(' '))
    const hello = await nextHello(listening)
    expect(page).toEqual(fieldsOf(hello))
    expect(page).toMatchObject({ kind: 'client', transport: 'tcp', sni: 'localhost' })
    expect(page).toMatchObject(await judged(proxy, hello))
  })

  it('its JSON keeps every field of the recorded samples', async () => {
    const listening = await listen()
    const page = await curlPage(listening.port)
    const sample = (name: string): unknown =>
      JSON.parse(readFileSync(join(REPOSITORY, 'fixtures/json-samples', `${name}.json`), 'utf8'))
    expect(broken(sample('utls-fingerprint'), page)).toEqual([])
    expect(broken(sample('utls-fingerprint-hello'), await nextHello(listening))).toEqual([])
    expect(broken(sample('utls-fingerprint-ready'), listening.ready)).toEqual([])
  })

  it('also when its bytes come one by one, and its hello in three records', async () => {
    const listening = await listen()
    const bytewise = await recordingProxy(listening.port, (piece) =>
      Array.from(piece, (byte) => Uint8Array.of(byte)),
    )
    const first = await curlPage(bytewise.port, '--http1.1')
    expect(first).toMatchObject(await judged(bytewise, first))
    const records = await recordingProxy(listening.port, (piece, isFirst) => [
      isFirst ? inRecords(piece, [1, 200]) : piece,
    ])
    const second = await curlPage(records.port, '--http1.1')
    expect(second).toMatchObject(await judged(records, second))
  })

  it('and is named though it does not accept the certificate', async () => {
    const listening = await listen('--log-level', 'debug')
    const proxy = await recordingProxy(listening.port)
    const { code } = await promisify(execFile)('curl', ['--silent', `https://localhost:${proxy.port}/`]).then(
      () => ({ code: 0 }),
      (error: { readonly code: number }) => error,
    )
    // CURLE_PEER_FAILED_VERIFICATION
    expect(code).toBe(60)
    const hello = await nextHello(listening)
    expect(hello).toMatchObject(await judged(proxy, hello))
    for (;;) {
      const event = await listening.listener.nextEvent()
      if (event.log !== 'debug') continue
      expect(event).toMatchObject({ message: 'the handshake failed', reason: 'tlsv1 alert unknown ca' })
      break
    }
  })

  it('and trusts the certificate that it was given', async () => {
    const folder = temporaryFolder()
    const at = (name: string): string => join(folder, name)
    const { cert, key } = selfSigned(['DNS:localhost'])
    writeFileSync(at('cert'), cert)
    writeFileSync(at('key'), key)
    const listening = await listen('--cert', at('cert'), '--cert-key', at('key'))
    const { stdout } = await promisify(execFile)('curl', [
      '--silent',
      '--cacert',
      at('cert'),
      `https://localhost:${listening.port}/`,
    ])
    expect(JSON.parse(stdout)).toMatchObject({ v: 1, sni: 'localhost' })
  })
})

describe.runIf(openssl !== undefined)('openssl asks who it is', () => {
  it.each(['', '-tls1_2'])('s_client %s', async (flag) => {
    const listening = await listen()
    const proxy = await recordingProxy(listening.port)
    const args = ['s_client', '-quiet', '-connect', `127.0.0.1:${proxy.port}`, '-servername', 'openssl.test']
    const client = spawn('openssl', flag === '' ? args : [...args, flag], { timeout: 20_000 })
    client.stdin.write('GET / HTTP/1.1\r\nHost: openssl.test\r\n\r\n')
    let page = ''
    client.stdout.on('data', (chunk: Buffer) => {
      page += chunk
    })
    await once(client, 'close')
    const hello = await nextHello(listening)
    expect(JSON.parse(page.slice(page.indexOf('{')))).toEqual(fieldsOf(hello))
    expect(hello).toMatchObject({ sni: 'openssl.test', alpn: [] })
    expect(hello).toMatchObject(await judged(proxy, hello))
  })

  it('and gets tickets that are soon forgotten, so that its name stays', async () => {
    const listening = await listen()
    const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${listening.port}`], {
      timeout: 20_000,
    })
    let printed = ''
    client.stdout.on('data', (chunk: Buffer) => {
      printed += chunk
    })
    client.stdin.write('GET / HTTP/1.1\r\nHost: openssl.test\r\n\r\n')
    await once(client, 'close')
    expect(printed).toContain('TLS session ticket lifetime hint: 1 (seconds)')
  })
})

describe.runIf(chromium !== undefined)('a Chromium asks who it is', () => {
  it('and sees the name that is published for its version', async () => {
    const major = await chromiumMajor(chromium as string)
    const published = CHROME_JA4.find(([first, last]) => first <= major && major <= last)
    const listening = await listen()
    const proxy = await recordingProxy(listening.port)
    const dom = await chromiumPage(chromium as string, 'example.test', proxy.port)
    const page = JSON.parse(TEXT_PAGE.exec(dom)?.[1] ?? dom) as Json
    expect(page).toMatchObject({ sni: 'example.test', alpn: ['h2', 'http/1.1'] })
    expect(page).toMatchObject(await judged(proxy, page))
    // A browser that was updated is no fault of ours, and no secret either.
    if (published === undefined)
      process.stdout.write(`template drift: Chromium ${major} has the JA4 ${page.ja4}; add it here\n`)
    else expect(page.ja4).toBe(published[2])
  }, 60_000)
})

describe('aiv utls fingerprint --listen', () => {
  it('shows a table to people, counts strangers, and ends with 130', async () => {
    const listener = startAiv(['utls', 'fingerprint', '--listen', ':0'])
    let stdout = ''
    listener.child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk
    })
    const seen = async (stream: Readable, pattern: RegExp): Promise<string> => {
      let text = ''
      for (;;) {
        const [chunk] = (await once(stream, 'data')) as [Buffer]
        text += chunk
        const found = pattern.exec(text)
        if (found !== null) return found[1] ?? ''
      }
    }
    const port = Number(await seen(listener.child.stderr, /^ready at https:\/\/127\.0\.0\.1:(\d+)\/$/m))
    for (let strangers = 0; strangers < 2; strangers++) {
      const passed = strangers === 0 ? seen(listener.child.stderr, /passed over (reason=not-tls)/) : undefined
      const stranger = connect(port, '127.0.0.1')
      stranger.on('error', () => {})
      stranger.write('SSH-2.0-OpenSSH_9.2\r\n')
      await Promise.all([new Promise((resolve) => stranger.once('close', resolve)), passed])
    }
    const client = connectTls({
      port,
      host: '127.0.0.1',
      servername: 'table.test',
      rejectUnauthorized: false,
    })
    await once(client, 'secureConnect')
    client.destroy()
    listener.child.kill('SIGTERM')
    const { code, stderr } = await listener.result()
    expect(code).toBe(130)
    const [head, line, ...more] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^from +to +via +fingerprint +name$/)
    expect(line).toMatch(
      /^127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+ +tcp +t13d\w{6}_[0-9a-f]{12}_[0-9a-f]{12} +table\.test$/,
    )
    expect(more).toEqual([])
    expect(stderr).toContain('clients must be told to accept it')
    expect(stderr).toMatch(/passed over in all reason=not-tls count=2/)
    expect(stderr.match(/passed over reason/g)).toHaveLength(1)
  })

  it('has exit code 3 for an address in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { code, stdout } = await aiv(['utls', 'fingerprint', '--listen', `127.0.0.1:${port}`, '--json'])
    other.close()
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'E_ADDRESS_IN_USE' } })
  })

  it('has exit code 2 for a key of another certificate, a lone certificate, and a file beside', async () => {
    const folder = temporaryFolder()
    const at = (name: string): string => join(folder, name)
    writeFileSync(at('cert'), selfSigned(['DNS:a']).cert)
    writeFileSync(at('key'), selfSigned(['DNS:a']).key)
    const run = async (...args: readonly string[]): Promise<readonly [number | null, string]> => {
      const { code, stderr } = await aiv(['utls', 'fingerprint', '--listen', '127.0.0.1:0', ...args])
      return [code, stderr]
    }
    const [code, words] = await run('--cert', at('cert'), '--cert-key', at('key'))
    expect([code, words]).toEqual([2, expect.stringContaining('do not belong together')])
    expect((await run('--cert', at('cert')))[0]).toBe(2)
    expect((await run('--cert', at('none'), '--cert-key', at('key')))[0]).toBe(2)
    expect((await run('capture.pcapng'))[0]).toBe(2)
    expect((await aiv(['utls', 'fingerprint', '--listen', 'nonsense'])).code).toBe(2)
  })
})
