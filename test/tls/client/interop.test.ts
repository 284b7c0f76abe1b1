/** Handshakes with the servers of others: suites, groups, certificates, second hellos, resumption, key updates. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EMPTY, SeededRandom, systemClock, toHex } from '../../../src/lib/core/index.ts'
import type { SessionTicket } from '../../../src/lib/tls/client/handshake/session-resumption.ts'
import {
  connectTls,
  HelloBuilder,
  parseRoots,
  type TlsConnection,
  templateById,
  templateOfVersion,
} from '../../../src/lib/tls/index.ts'
import { judge } from '../../support/judge.ts'
import { ecdsaFiles, gnutlsServer, opensslServer, pemOf, rsaFiles } from '../../support/tls-servers.ts'

const NAME = 'server.example.test'
const openssl = judge('openssl')
const gnutls = judge('gnutls-serv')

interface Wishes {
  readonly port: number
  readonly pem: string
  readonly template?: string
  readonly alpn?: readonly string[]
  readonly ticket?: SessionTicket
}

/** With the tickets that the server gave until now. */
async function connected(
  wishes: Wishes,
): Promise<TlsConnection & { readonly tickets: readonly SessionTicket[] }> {
  const { port, pem, template = 'chrome-154', alpn = ['http/1.1'], ticket } = wishes
  const tickets: SessionTicket[] = []
  const connection = await connectTls({
    host: '127.0.0.1',
    port,
    serverName: NAME,
    builder: new HelloBuilder(templateById(template)),
    alpn,
    roots: parseRoots(pem),
    clock: systemClock,
    ...(ticket === undefined ? {} : { session: { ticket, ageMs: 100 } }),
    onTicket: (each) => tickets.push(each),
  })
  onTestFinished(() => void connection.stream.destroy())
  return { ...connection, tickets }
}

/** What `openssl s_server -rev` gives back: each line backwards. */
async function reversed({ stream }: TlsConnection, line: string): Promise<string> {
  stream.write(`${line}\n`)
  let answer = ''
  while (!answer.endsWith('\n')) answer += String((await once(stream, 'data'))[0])
  return answer.trim()
}

/** Everything that a program prints. */
function watched(child: ChildProcess): { until(holds: (printed: string) => boolean): Promise<void> } {
  let printed = ''
  const wakes = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes: Buffer) => {
      printed += String(bytes)
      for (const wake of wakes) wake()
    })
  return {
    async until(holds) {
      while (!holds(printed))
        await new Promise<void>((resolve) => {
          wakes.add(resolve)
        })
      wakes.clear()
    },
  }
}

const SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'] as const
const GROUPS = [
  ['X25519', 0x001d, false],
  ['P-256', 0x0017, true],
  ['P-384', 0x0018, true],
] as const
const CERTIFICATES = ['ECDSA', 'RSA'] as const

describe.runIf(openssl !== undefined)('a handshake with openssl s_server', () => {
  const rows = SUITES.flatMap((suite) =>
    GROUPS.flatMap((group) => CERTIFICATES.map((kind) => [suite, group, kind] as const)),
  )

  it.each(rows)(
    'agrees on %s, %s and %s, and goes on with the session',
    async (suite, [group, code, isRetry], kind) => {
      const files = kind === 'RSA' ? rsaFiles(openssl as string, NAME) : ecdsaFiles(NAME)
      const { port } = await opensslServer(openssl as string, files, [
        ...['-tls1_3', '-rev', '-ciphersuites', suite, '-groups', group],
      ])
      const pem = pemOf(files)
      const first = await connected({ port, pem })
      expect(first.negotiated).toEqual({
        cipherSuite: suite,
        group: code,
        ech: 'grease',
        alpn: '',
        wasRetried: isRetry,
        wasResumed: false,
      })
      expect(await reversed(first, 'what was said')).toBe('dias saw tahw')
      expect(first.tickets).toHaveLength(2)
      first.stream.end()
      const again = await connected({ port, pem, ticket: first.tickets[0] as SessionTicket })
      expect(again.negotiated).toMatchObject({ cipherSuite: suite, wasRetried: isRetry, wasResumed: true })
      expect(again.path).toEqual([])
      expect(await reversed(again, 'and again')).toBe('niaga dna')
    },
  )

  it('is a full one when the server does not know the session', async () => {
    const files = ecdsaFiles(NAME)
    const args = ['-tls1_3', '-rev']
    const { port } = await opensslServer(openssl as string, files, args)
    const other = await opensslServer(openssl as string, files, args)
    const first = await connected({ port, pem: pemOf(files) })
    await reversed(first, 'x')
    const ticket = first.tickets[0] as SessionTicket
    const second = await connected({ port: other.port, pem: pemOf(files), ticket })
    expect(second.negotiated.wasResumed).toBe(false)
    expect(await reversed(second, 'abc')).toBe('cba')
  })

  it.each([
    ['asks for nothing in return', 'k\n'],
    ['asks for another', 'K\n'],
  ])('goes on after a key update that %s', async (_what, command) => {
    const files = ecdsaFiles(NAME)
    const { port, child } = await opensslServer(openssl as string, files, ['-tls1_3'])
    const { stream } = await connected({ port, pem: pemOf(files) })
    let received = ''
    stream.on('data', (bytes: Buffer) => {
      received += String(bytes)
    })
    const server = watched(child)
    for (const line of ['after\n', 'twice\n']) {
      child.stdin?.write(command)
      // The server reads its own input before ours: when it shows this, it has read the command, and nothing behind it.
      stream.write(`before ${line}`)
      await server.until((printed) => printed.includes(`before ${line}`))
      child.stdin?.write(line)
      while (!received.endsWith(line)) await once(stream, 'data')
      stream.write(`seen ${line}`)
      await server.until((printed) => printed.includes(`seen ${line}`))
    }
    // What it says of a key update stands in its buffer until it prints something more.
    stream.write('last\n')
    await server.until((printed) => printed.split('SSL_do_handshake -> 1').length > 2)
    expect(received).toBe('after\ntwice\n')
  })

  it.each([
    ['verified without one', ['-verify', '1'], undefined],
    ['refused without one', ['-Verify', '1'], 'certificate_required'],
  ])('answers a request for a certificate: %s', async (_what, args, alert) => {
    const files = ecdsaFiles(NAME)
    const { port } = await opensslServer(openssl as string, files, ['-tls1_3', '-rev', ...args])
    const connection = await connected({ port, pem: pemOf(files) })
    if (alert === undefined) expect(await reversed(connection, 'ab')).toBe('ba')
    else await expect(once(connection.stream, 'data')).rejects.toThrow(alert)
  })

  it('is refused when the server speaks TLS 1.2 only, with the reason', async () => {
    const files = ecdsaFiles(NAME)
    const { port } = await opensslServer(openssl as string, files, ['-tls1_2'])
    await expect(connected({ port, pem: pemOf(files) })).rejects.toThrow(
      /^the server chose TLS 1\.2, and only 1\.3 is spoken$/,
    )
  })

  it('reaches the server through 1-byte pieces in both directions', async () => {
    const files = ecdsaFiles(NAME)
    const { port } = await opensslServer(openssl as string, files, ['-tls1_3', '-rev'])
    const slow = await byteByByte(port)
    const connection = await connected({ port: slow, pem: pemOf(files) })
    expect(await reversed(connection, 'slowly')).toBe('ylwols')
  })
})

/** A way to the port on which every byte is a segment of its own. */
async function byteByByte(port: number): Promise<number> {
  const { connect, createServer: createTcp } = await import('node:net')
  const server = createTcp((client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      to.setNoDelay(true)
      from.on('data', (bytes: Buffer) => {
        for (const byte of bytes) to.write(Buffer.of(byte))
      })
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
    }
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe.runIf(gnutls !== undefined)('a handshake with gnutls-serv', () => {
  it('that asks for a certificate gets none, and goes on', async () => {
    const files = ecdsaFiles(NAME)
    const { port } = await gnutlsServer(gnutls as string, files, ['--echo'])
    const { stream, negotiated } = await connected({ port, pem: pemOf(files) })
    stream.write('echo this\n')
    expect(String((await once(stream, 'data'))[0])).toContain('echo this')
    expect(negotiated.cipherSuite).toMatch(/^TLS_/)
  })
})

describe.runIf(gnutls !== undefined)('records to gnutls-serv', () => {
  it('are as short as it wishes when the hello of Firefox lets it say so', async () => {
    const files = ecdsaFiles(NAME)
    const { port } = await gnutlsServer(gnutls as string, files, [
      '--echo',
      '--disable-client-cert',
      '--recordsize=600',
    ])
    const { port: way, sizes } = await recordSizes(port)
    const { stream } = await connected({ port: way, pem: pemOf(files), template: 'firefox-153' })
    const sent = `${'a'.repeat(3_000)}\n`
    stream.write(sent)
    let echoed = ''
    while (echoed.length < sent.length) echoed += String((await once(stream, 'data'))[0])
    expect(echoed).toBe(sent)
    // Content, its type and a tag.
    expect(Math.max(...sizes())).toBe(600 + 1 + 16)
  })
})

/** A way to the port that notes the lengths of protected records from the client, but for those of the handshake. */
async function recordSizes(port: number): Promise<{ readonly port: number; sizes(): readonly number[] }> {
  const { connect, createServer: createTcp } = await import('node:net')
  const received: Buffer[] = []
  const server = createTcp((client) => {
    const upstream = connect(port, '127.0.0.1')
    client.on('data', (bytes: Buffer) => received.push(bytes))
    client.pipe(upstream).pipe(client)
    for (const socket of [client, upstream]) socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    sizes() {
      const bytes = Buffer.concat(received)
      const lengths: number[] = []
      for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3))
        if (bytes[at] === 23) lengths.push(bytes.readUInt16BE(at + 3))
      return lengths
    },
  }
}

describe('a handshake with node:tls', () => {
  async function nodeServer(onClient: (socket: TLSSocket) => void): Promise<{ port: number; pem: string }> {
    const { readFileSync } = await import('node:fs')
    const files = ecdsaFiles(NAME)
    const server = createServer({
      cert: readFileSync(files.cert),
      key: readFileSync(files.key),
      ALPNProtocols: ['h2', 'http/1.1'],
    })
    server.on('secureConnection', onClient)
    server.on('tlsClientError', () => {})
    server.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    return { port: (server.address() as AddressInfo).port, pem: pemOf(files) }
  }

  it('agrees over X25519MLKEM768, on h2, and on exported keying material', async () => {
    const exported = Promise.withResolvers<string>()
    const wishes = await nodeServer((socket) => {
      const material = socket.exportKeyingMaterial(48, 'EXPORTER-test', Buffer.from('context'))
      exported.resolve(material.toString('hex'))
      socket.on('error', () => {})
    })
    const { negotiated, stream } = await connected({ ...wishes, alpn: ['h2', 'http/1.1'] })
    expect(negotiated).toMatchObject({ group: 0x11ec, alpn: 'h2' })
    expect(toHex(stream.exportKeyingMaterial('EXPORTER-test', Buffer.from('context'), 48))).toBe(
      await exported.promise,
    )
  })

  it.each([
    'chrome-72',
    'chrome-110',
    'chrome-118',
    'chrome-131',
    'chrome-150',
    'firefox-102',
    'firefox-153',
  ])('begins with the hello of %s', async (template) => {
    const wishes = await nodeServer((socket) => socket.end('welcome'))
    const { stream } = await connected({ ...wishes, template })
    expect(String((await once(stream, 'data'))[0])).toBe('welcome')
  })

  it('moves megabytes both ways at once, and ends in both directions', async () => {
    const wishes = await nodeServer((socket) => socket.pipe(socket))
    const { stream } = await connected(wishes)
    const sent = new SeededRandom(1).bytes(4 * 1024 * 1024)
    stream.end(sent)
    const parts: Buffer[] = []
    for await (const part of stream) parts.push(part as Buffer)
    expect(Buffer.concat(parts).equals(sent)).toBe(true)
  })

  it('of another name, or of nobody that is trusted, is refused', async () => {
    const wishes = await nodeServer(() => {})
    const options = {
      host: '127.0.0.1',
      port: wishes.port,
      builder: new HelloBuilder(templateOfVersion('chrome', 'latest')),
      clock: systemClock,
    }
    const roots = parseRoots(wishes.pem)
    await expect(connectTls({ ...options, serverName: 'other.example.test', roots })).rejects.toMatchObject({
      code: 'E_CERTIFICATE',
    })
    const others = parseRoots(pemOf(ecdsaFiles(NAME)))
    await expect(connectTls({ ...options, serverName: NAME, roots: others })).rejects.toMatchObject({
      code: 'E_CERTIFICATE',
    })
  })

  it('that was cut and not ended is an error', async () => {
    const wishes = await nodeServer((socket) => {
      socket.write('half')
      // Below TLS, so that nobody says goodbye.
      setImmediate(() => socket.destroy())
    })
    const { stream } = await connected(wishes)
    stream.resume()
    await expect(once(stream, 'end')).rejects.toMatchObject({ code: expect.stringMatching(/^E_LINK/) })
  })

  it('exports nothing before it is done', async () => {
    const wishes = await nodeServer(() => {})
    const { stream } = await connected(wishes)
    expect(stream.exportKeyingMaterial('EXPORTER-test', EMPTY, 32)).toHaveLength(32)
  })
})
