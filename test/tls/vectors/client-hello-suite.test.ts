import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { conformancePath } from '../../support/conformance.ts'
import { judge } from '../../support/judge.ts'
import { capturedHellos } from '../hello/captured.ts'
import { judged, vectorFile } from './workplace.ts'

const captured = capturedHellos()
const FOLDER = conformancePath('utls')

describe.runIf(captured.length > 0)('the clienthello vector suite', () => {
  it('passes every captured hello of a client, also two of them in one connection', async () => {
    expect(captured.length).toBeGreaterThan(30)
    for (const { name } of captured) {
      const result = await judged('clienthello', join(FOLDER as string, name))
      const hellos = name.endsWith('full-hrr-1.c2s.bin') ? 2 : 1
      expect(result, name).toMatchObject({ passed: 2 * hellos + 1, failed: 0, skipped: 0 })
    }
  })

  it('passes every hello in the captures: TCP, QUIC and DTLS', async () => {
    const folder = join(FOLDER as string, 'ja4-foxio', 'pcap')
    for (const name of readdirSync(folder)) {
      const result = await judged('clienthello', join(folder, name))
      expect(result, name).toMatchObject({ failed: 0, skipped: 0 })
      expect(result.passed, name).toBeGreaterThan(1)
    }
  })

  it('skips what a server sent, and fails what is no hello', async () => {
    const server = join(FOLDER as string, 'chromium', 'chromium-156-full-h2-1.s2c.bin')
    expect(await judged('clienthello', server)).toMatchObject({ passed: 0, failed: 0, skipped: 1 })
    const configs = join(FOLDER as string, 'chromium-ech', 'ech-configlist.bin')
    expect(await judged('clienthello', configs)).toMatchObject({
      passed: 0,
      failures: [{ id: 'file', reason: 'the input holds no hello' }],
    })
  })

  it('fails when any length in a hello is another one', async () => {
    const { bytes } = captured.find(({ name }) =>
      name.endsWith('ossl-1.c2s.bin'),
    ) as (typeof captured)[number]
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    // Record, message, session id, cipher suites, compression methods, extensions: where their lengths end.
    const sessionEnd = 44 + bytes[43]!
    const ciphersEnd = sessionEnd + 2 + view.getUint16(sessionEnd)
    const places = [4, 8, 43, sessionEnd + 1, ciphersEnd, ciphersEnd + 1 + bytes[ciphersEnd]! + 1]
    for (const at of places) {
      for (const step of [-2, 2]) {
        const changed = bytes.slice()
        changed[at] = (changed[at] as number) + step
        const { passed, failed, failures } = await judged('clienthello', vectorFile(changed))
        expect({ at, step, failed }).toEqual({ at, step, failed: expect.toSatisfy((n: number) => n > 0) })
        expect(passed).toBe(0)
        expect(failures[0]?.reason).not.toBe('')
      }
    }
  })

  it('fails a hello that is cut', async () => {
    const { bytes } = captured[0] as (typeof captured)[number]
    expect(await judged('clienthello', vectorFile(bytes.subarray(0, -1)))).toMatchObject({
      passed: 0,
      failed: 1,
    })
    expect(readFileSync(vectorFile(bytes))).toHaveLength(bytes.length)
  })
})

const tshark = FOLDER === undefined ? undefined : judge('tshark')

/** Our names of fields, and those of tshark; it gives the algorithms of delegated credentials by the same name. */
const FIELDS = {
  version: 'tls.handshake.version',
  cipher_suites: 'tls.handshake.ciphersuite',
  extensions: 'tls.handshake.extension.type',
  supported_groups: 'tls.handshake.extensions_supported_group',
  supported_versions: 'tls.handshake.extensions.supported_version',
  signature_algorithms: 'tls.handshake.sig_hash_alg',
  alpn: 'tls.handshake.extensions_alpn_str',
  sni: 'tls.handshake.extensions_server_name',
} as const

type Row = Readonly<Record<string, string | number | readonly string[]>>

/** What tshark reads in the hellos of clients, TLS over TCP and QUIC, where no value has bytes that are no text. */
function rowsOfTshark(path: string): readonly Row[] {
  const ends = ['ip.src', 'ip.dst', 'tcp.srcport', 'tcp.dstport', 'udp.srcport', 'udp.dstport']
  const names = [...ends, ...Object.values(FIELDS)].flatMap((name) => ['-e', name])
  const { stdout } = spawnSync(
    tshark as string,
    ['-r', path, '-Y', 'tls.handshake.type == 1', '-T', 'json', ...names],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  const packets = JSON.parse(stdout) as {
    readonly _source: { readonly layers: Readonly<Record<string, readonly string[]>> }
  }[]
  const seen = new Set<string>()
  return packets.flatMap(({ _source: { layers } }) => {
    const [src, dst, ...ports] = ends.map((name) => layers[name]?.[0])
    const [srcport, dstport] = ports.filter((port) => port !== undefined).map(Number)
    const flow = [src, dst, srcport, dstport].join()
    if (seen.has(flow)) return []
    seen.add(flow)
    const hasCredentials = layers[FIELDS.extensions]?.includes('34') === true
    const values = Object.entries(FIELDS).flatMap(([field, name]) =>
      layers[name] === undefined || (field === 'signature_algorithms' && hasCredentials)
        ? []
        : [[field, layers[name]] as const],
    )
    return [{ src, dst, srcport, dstport, ...Object.fromEntries(values) } as Row]
  })
}

const CAPTURES = [
  'tls12.pcap',
  'browsers-x509.pcapng',
  'tls-handshake.pcapng',
  'quic-tls-handshake.pcapng',
] as const

describe.runIf(tshark !== undefined)('fields that tshark reads', () => {
  it.each(CAPTURES)('are those of the codec: %s', async (name) => {
    const path = join(FOLDER as string, 'ja4-foxio', 'pcap', name)
    const rows = rowsOfTshark(path)
    const values = rows.flatMap((row) => Object.keys(row).filter((field) => field in FIELDS))
    expect(values.length).toBeGreaterThan(5)
    expect(await judged('clienthello', vectorFile({ [name]: rows }, [path]))).toMatchObject({
      passed: values.length,
      failed: 0,
      skipped: 0,
    })
    const wrong = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([field, value]) => [
          field,
          Array.isArray(value) ? [...value, '0x0a0a'] : value,
        ]),
      ),
    )
    expect(await judged('clienthello', vectorFile({ [name]: wrong }, [path]))).toMatchObject({
      passed: 0,
      failed: values.length,
    })
  })
})

describe.runIf(captured.length > 0)('fields of a hello in a file of its own', () => {
  const path = join(FOLDER ?? '', 'chromium-156.0.8078.79-clienthello-1.bin')
  const name = 'chromium-156.0.8078.79-clienthello-1.bin'
  // From section 4 of the description of Chrome's templates: what every Chromium 156 sends.
  const row = {
    version: '0x0303',
    supported_groups: ['GREASE', 0x11ec, 29, 23, 24],
    supported_versions: [-1, '0x0304', 771],
    alpn: ['h2', 'http/1.1'],
    sni: 'example.test',
  }

  it('are judged without addresses, and GREASE stands for any of its values', async () => {
    expect(await judged('clienthello', vectorFile({ [name]: [row] }, [path]))).toMatchObject({
      passed: 5,
      failed: 0,
    })
    const wrong = {
      version: 0x0304,
      supported_groups: [0x11ec, 'GREASE', 29, 23, 24],
      supported_versions: ['', '0x0304', 771],
      alpn: ['h2'],
      sni: 'example.tesu',
    }
    const { passed, failures } = await judged('clienthello', vectorFile({ [name]: [wrong] }, [path]))
    expect(passed).toBe(0)
    expect(failures.at(-1)).toEqual({
      id: `${name} #0 sni`,
      reason: 'published is example.tesu, read is example.test',
    })
  })

  it('are one failure when the document is none', async () => {
    for (const content of ['{', '{"a": 7}', '{"a": [7]}', '{"a": [{}]}'])
      expect(await judged('clienthello', vectorFile(content))).toMatchObject({ passed: 0, failed: 1 })
  })
})
