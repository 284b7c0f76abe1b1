import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REPOSITORY } from '../../support/aiv.ts'
import { conformancePath } from '../../support/conformance.ts'
import { judge } from '../../support/judge.ts'
import { judged, vectorFile } from './workplace.ts'

const README = join(REPOSITORY, 'fixtures', 'ja3', 'readme.json')
const SIGNATURES = conformancePath('utls', 'curl-impersonate-signatures')
const CAPTURES = conformancePath('utls', 'ja4-foxio', 'pcap')
const tshark = CAPTURES === undefined ? undefined : judge('tshark')

interface Row {
  readonly [field: string]: string | number
}

/** What tshark says of the hellos of clients and servers in a capture over IPv4 and TCP. */
function rowsOfTshark(path: string): readonly Row[] {
  const names = ['src', 'dst', 'srcport', 'dstport', 'ja3', 'ja3_hash', 'ja3s', 'ja3s_hash'] as const
  const fields = [
    ...['ip.src', 'ip.dst', 'tcp.srcport', 'tcp.dstport', 'tls.handshake.ja3_full', 'tls.handshake.ja3'],
    ...['tls.handshake.ja3s_full', 'tls.handshake.ja3s'],
  ]
  const filter = ['-Y', 'tls.handshake.ja3 or tls.handshake.ja3s', '-T', 'fields', '-E', 'separator=;']
  const { stdout } = spawnSync(
    tshark as string,
    ['-r', path, ...filter, ...fields.flatMap((field) => ['-e', field])],
    { encoding: 'utf8' },
  )
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const cells = line.split(';').map((cell, i) => [names[i], i === 2 || i === 3 ? Number(cell) : cell])
      return Object.fromEntries(cells.filter(([, cell]) => cell !== ''))
    })
}

/** Every string has another last digit; text of a JA3 has another first one. */
function wrong(row: Row): Row {
  const other = (value: string): string => value.slice(0, -1) + (value.endsWith('0') ? '1' : '0')
  return Object.fromEntries(
    Object.entries(row).map(([field, value]) => [
      field,
      field.startsWith('ja3') ? other(String(value)) : value,
    ]),
  )
}

describe('the ja3 vector suite', () => {
  it('passes the worked examples of the JA3 README, and fails them with one digit changed', async () => {
    expect(await judged('ja3', README)).toMatchObject({ passed: 4, failed: 0, skipped: 0 })
    const text = readFileSync(README, 'utf8')
    const hashes = text.match(/[0-9a-f]{32}/g) as readonly string[]
    expect(hashes).toHaveLength(2)
    for (const hash of hashes) {
      const broken = `${hash.slice(0, -1)}${hash.endsWith('0') ? '1' : '0'}`
      const { passed, failures } = await judged('ja3', vectorFile(text.replace(hash, broken)))
      expect(passed).toBe(3)
      expect(failures).toMatchObject([{ reason: `published is ${broken}, computed is ${hash}` }])
    }
  })

  it.skipIf(SIGNATURES === undefined)(
    'passes what services said of browsers, and skips where they said nothing',
    async () => {
      const files = readdirSync(SIGNATURES as string).filter((name) => name.endsWith('.yaml'))
      let judgedFiles = 0
      for (const name of files) {
        const text = readFileSync(join(SIGNATURES as string, name), 'utf8')
        const hasValues = /^ {2}ja3_hash: /m.test(text)
        const result = await judged('ja3', vectorFile(text))
        expect(result, name).toMatchObject(
          hasValues ? { passed: 4, failed: 0, skipped: 0 } : { passed: 0, failed: 0, skipped: 1 },
        )
        if (!hasValues) continue
        judgedFiles++
        const broken = text.replace(/(ja3n?_hash: "?)([0-9a-f]{31})[0-9a-f]/g, '$1$2x')
        expect(await judged('ja3', vectorFile(broken)), name).toMatchObject({ passed: 2, failed: 2 })
      }
      expect(judgedFiles).toBe(14)
    },
  )

  it.skipIf(tshark === undefined)('passes what tshark says of captures, clients and servers', async () => {
    for (const [name, servers] of [
      ['tls12.pcap', 0],
      ['browsers-x509.pcapng', 3],
    ] as const) {
      const path = join(CAPTURES as string, name)
      const rows = rowsOfTshark(path)
      expect(rows.filter((row) => 'ja3s' in row)).toHaveLength(servers)
      expect(await judged('ja3', vectorFile({ [name]: rows }, [path]))).toMatchObject({
        passed: 2 * rows.length,
        failed: 0,
        skipped: 0,
      })
      expect(await judged('ja3', vectorFile({ [name]: rows.map(wrong) }, [path]))).toMatchObject({
        passed: 0,
        failed: 2 * rows.length,
      })
    }
  })

  it.skipIf(CAPTURES === undefined)('judges a hello in hexadecimal', async () => {
    const bytes = readFileSync(conformancePath('utls', 'other-clients', 'ossl-1.c2s.bin') as string)
    // As read-tls-client-hello computes it.
    const vector = {
      id: 'openssl',
      hello: bytes.toString('hex'),
      ja3_hash: 'a3afc2c46ba4a7d7fbe1cfb7a3031c2f',
    }
    expect(await judged('ja3', vectorFile([vector]))).toMatchObject({ passed: 1, failed: 0 })
    expect(await judged('ja3', vectorFile([{ ...vector, hello: '00' }]))).toMatchObject({
      passed: 0,
      failed: 1,
    })
    expect(await judged('ja3', vectorFile([{ ...vector, ja3s: '771,1,2' }]))).toMatchObject({
      passed: 1,
      failures: [{ id: 'openssl ja3s', reason: 'the hello is not one of a server' }],
    })
  })
})

describe('what is no JA3 vector', () => {
  it.each([
    ['', 1],
    ['[]', 0],
    ['[7]', 1],
    ['[{}]', 1],
    ['[{"ja3_hash": "00"}]', 1],
    ['[{"ja3": "771"}]', 1],
    ['[{"ja3": "771,1,2,3,4"}]', 1],
    ['[{"ja3": "x,1,,,"}]', 1],
    ['[{"ja3": "771,70000,,,"}]', 1],
    ['[{"ja3": "771-772,1,,,"}]', 1],
    ['[{"hello": "zz", "ja3": "771,1,,,"}]', 1],
    ['{"vectors": 7}', 1],
    ['a: b: c', 1],
  ])('fails with a reason: %s', async (content, failed) => {
    const result = await judged('ja3', vectorFile(content))
    expect(result).toMatchObject({ passed: 0, failed })
    for (const { reason } of result.failures) expect(reason).not.toBe('')
  })
})
