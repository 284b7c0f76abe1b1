/** Real servers take what `aiv utls hello` writes, for every template: each answers with a ServerHello. */
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { createServer } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/lib/core/index.ts'
import { selfSigned, templates } from '../../src/lib/tls/index.ts'
import { aiv } from '../support/aiv.ts'
import { judge } from '../support/judge.ts'
import { readRawHello } from '../support/raw-hello.ts'
import { ecdsaFiles, gnutlsServer, opensslServer } from '../support/tls-servers.ts'

const NAME = 'hello.example.test'
/** RFC 8446 section 4.1.3: in place of the random of a server that asks for another hello. */
const RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'
const SUPPORTED_VERSIONS = 0x002b
const KEY_SHARE = 0x0033
const X25519MLKEM768 = 0x11ec

async function nodeServer(): Promise<number> {
  const server = createServer({
    ...selfSigned({ names: [NAME], clock: systemClock }),
    ALPNProtocols: ['h2', 'http/1.1'],
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

interface Answer {
  readonly random: string
  readonly suite: number
  readonly version: number
  readonly group: number
  readonly shareBytes: number
}

async function answerTo(port: number, record: Buffer): Promise<Answer> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.setTimeout(20_000, () => socket.destroy(new Error('no answer')))
  socket.write(record)
  let received = Buffer.alloc(0)
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk])
    if (received.length >= 5 && received.length >= 5 + received.readUInt16BE(3)) break
  }
  socket.destroy()
  if (received[0] !== 22 || received[5] !== 2)
    throw new Error(`no ServerHello: ${received.toString('hex', 0, 16)}`)
  return serverHello(received)
}

function serverHello(bytes: Buffer): Answer {
  const suiteAt = 44 + (bytes[43] as number)
  const extensions = new Map<number, Buffer>()
  for (let at = suiteAt + 5; at < 9 + bytes.readUIntBE(6, 3); at += 4 + bytes.readUInt16BE(at + 2))
    extensions.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + bytes.readUInt16BE(at + 2)))
  const share = extensions.get(KEY_SHARE) ?? Buffer.alloc(4)
  return {
    random: bytes.toString('hex', 11, 43),
    suite: bytes.readUInt16BE(suiteAt),
    version: extensions.get(SUPPORTED_VERSIONS)?.readUInt16BE(0) ?? 0,
    group: share.readUInt16BE(0),
    shareBytes: share.length - 4,
  }
}

/** By template, as the command prints them. */
async function writtenRecords(): Promise<ReadonlyMap<string, Buffer>> {
  const ids = templates().flatMap(({ id, transport }) => (transport === 'tcp' ? [id] : []))
  const pairs = await Promise.all(
    ids.map(async (id) => {
      const { stdout } = await aiv(['utls', 'hello', '--template', id, '--sni', NAME, '--json'])
      return [id, Buffer.from((JSON.parse(stdout) as { readonly record: string }).record, 'hex')] as const
    }),
  )
  return new Map(pairs)
}

let written: Promise<ReadonlyMap<string, Buffer>> | undefined

function records(): Promise<ReadonlyMap<string, Buffer>> {
  written ??= writtenRecords()
  return written
}

const SERVERS: readonly (readonly [
  name: string,
  program: string | undefined,
  start: (path: string) => Promise<number>,
])[] = [
  ['node:tls', process.execPath, nodeServer],
  [
    'openssl s_server',
    judge('openssl'),
    async (path) => (await opensslServer(path, ecdsaFiles(NAME), ['-alpn', 'h2,http/1.1'])).port,
  ],
  [
    'gnutls-serv',
    judge('gnutls-serv'),
    async (path) => (await gnutlsServer(path, ecdsaFiles(NAME), ['--disable-client-cert'])).port,
  ],
]

describe.each(SERVERS)('%s', (name, program, start) => {
  it.runIf(program !== undefined)('begins TLS 1.3 with every hello', { timeout: 120_000 }, async () => {
    const port = await start(program as string)
    const hellos = await records()
    expect(hellos.size).toBeGreaterThan(10)
    for (const [id, record] of hellos) {
      const { random, suite, version, group, shareBytes } = await answerTo(port, record)
      const { fields } = readRawHello(record)
      const shares = fields.get('extension 0033') as string
      expect(random, id).not.toBe(RETRY)
      expect([id, version.toString(16)]).toEqual([id, '304'])
      expect(fields.get('cipher_suites'), id).toContain(suite.toString(16).padStart(4, '0'))
      expect(shares, id).toContain(`${group.toString(16).padStart(4, '0')}:`)
      // The server has encapsulated to our key, which it checks first (FIPS 203 section 7.2).
      if (name === 'node:tls') expect([id, group === X25519MLKEM768]).toEqual([id, shares.includes('11ec:')])
      if (group === X25519MLKEM768) expect(shareBytes).toBe(1088 + 32)
    }
  })

  it.runIf(program !== undefined)(
    'does not begin with a hello that has a share of the wrong length',
    async () => {
      const port = await start(program as string)
      const record = Buffer.from((await records()).get('chrome-154') as Buffer)
      const at = record.indexOf(Buffer.from('11ec04c0', 'hex'))
      record.writeUInt16BE(0x04bf, at + 2)
      await expect(answerTo(port, record)).rejects.toThrow('no ServerHello: 15')
    },
  )
})
