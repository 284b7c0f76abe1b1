import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { ja3, ja3n, ja3s, parseClientHello } from '../../../src/lib/tls/index.ts'
import { judge } from '../../support/judge.ts'
import { capturedHellos } from '../hello/captured.ts'
import { foxioCaptures, hellosOf } from './foxio.ts'

/** The captures whose hellos lie on ports where tshark does not look for TLS. */
const DECODE_AS: Readonly<Record<string, string>> = {
  'socks-https-example.pcap': 'tcp.port==1080,socks',
}

/** `src:port text hash` of every hello. */
function tsharkSays(tshark: string, path: string, name: string): readonly string[] {
  // Hellos of servers are read from TCP alone: tshark has them from QUIC and DTLS as well.
  const wanted = 'tls.handshake.ja3 or (tcp and tls.handshake.ja3s) or dtls.handshake.ja3'
  const forms = ['tls.handshake.ja3', 'tls.handshake.ja3s', 'dtls.handshake.ja3']
  const fields = ['tcp.srcport', 'udp.srcport', ...forms.flatMap((form) => [`${form}_full`, form])]
  const decode = DECODE_AS[name] === undefined ? [] : ['-d', DECODE_AS[name]]
  const { stdout } = spawnSync(
    tshark,
    [
      '-r',
      path,
      ...decode,
      '-Y',
      wanted,
      '-T',
      'fields',
      '-E',
      'separator=;',
      ...fields.flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [tcp = '', udp = '', ...forms] = line.split(';')
      return [tcp === '' ? udp : tcp, ...forms.filter((form) => form !== '')].join(' ')
    })
    .sort()
}

const captures = foxioCaptures()
const tshark = captures.length > 0 ? judge('tshark') : undefined

describe.runIf(tshark !== undefined)('JA3 and JA3S are those of tshark', () => {
  it.each(captures)('$name', { timeout: 60_000 }, async ({ name, path }) => {
    const ours = (await hellosOf(path)).map((found) => {
      const { text, hash } = found.kind === 'client' ? ja3(found.hello) : ja3s(found.hello)
      return `${found.src?.split(':').at(-1)} ${text} ${hash}`
    })
    expect(ours.sort()).toEqual(tsharkSays(tshark as string, path, name))
  })
})

const captured = capturedHellos()

describe.runIf(captured.length > 0)('a browser that shuffles its extensions', () => {
  it('has another JA3 at each connection, and one JA3N', () => {
    const fresh = captured.filter(({ name }) => /^chromium-156.*clienthello-\d\.bin$/.test(name))
    const hellos = fresh.map(({ body }) => parseClientHello(body))
    expect(hellos).toHaveLength(8)
    expect(new Set(hellos.map((hello) => ja3(hello).hash)).size).toBe(8)
    expect(new Set(hellos.map((hello) => ja3n(hello).hash)).size).toBe(1)
  })
})

describe('JA3', () => {
  it('of a hello without extensions keeps its commas', () => {
    const hello = {
      version: 0x0301,
      random: new Uint8Array(32),
      sessionId: new Uint8Array(0),
      compressionMethods: new Uint8Array(1),
    }
    expect(ja3({ ...hello, cipherSuites: [4, 5, 0x1a1a, 10] }).text).toBe('769,4-5-10,,,')
  })
})
