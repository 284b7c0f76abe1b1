/** The names and the lists that are published for each range of versions of Chrome, and where captures contradict them. */
import { readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { calculateJa3, calculateJa4, readTlsClientHello } from 'read-tls-client-hello'
import { describe, expect, it } from 'vitest'
import { ja3, ja3n, ja4, parseClientHello, templateById } from '../../../../src/lib/tls/index.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { type GeneratedOptions, generatedRecords, WRITTEN } from './generated.ts'
import { publishedRows } from './published-rows.ts'
import { bodyOf, echOf, isGreaseValue, numberList, readRecord, sharesOf } from './reference-reader.ts'

const rows = publishedRows()
const foxio = conformancePath('utls', 'ja4-foxio')

const H1_ONLY = { alpn: ['http/1.1'] } as const
const NO_NAME = { host: '127.0.0.1' } as const

/** Versions whose application settings went with any protocol: captures of http/1.1 alone have them. */
const ALPS_WITH_ANY = ['chrome-98', 'chrome-110']
const JA4_WITH_ALPS = 't13d1516h1_8daaf6152771_e5627efa2ab1'
/** The version that pads to 512 bytes a hello that an ECH of 144 or 176 bytes has left shorter. */
const PADS_SHORT_ONES = 'chrome-118'
const PADDED_PART = 'b1ff8ab2d16f'

function namesOf(id: string, options: GeneratedOptions): ReadonlySet<string> {
  const bodies = generatedRecords(templateById(id), options).map((record) => record.subarray(9))
  return new Set(bodies.map((body) => ja4(parseClientHello(body), 'tcp').ja4))
}

const codes = (list: readonly number[]): readonly string[] =>
  list.map((code) => (isGreaseValue(code) ? 'GREASE' : code.toString(16).padStart(4, '0')))

describe.each(rows)('$template, published as $versions', (row) => {
  const { template: id } = row

  it('has the published JA4 in each hello', () => {
    if (id === PADS_SHORT_ONES) {
      const padded = [`t13d1517h2_8daaf6152771_${PADDED_PART}`, `t13i1516h2_8daaf6152771_${PADDED_PART}`]
      expect(namesOf(id, {})).toEqual(new Set([row.ja4.h2, padded[0]]))
      expect(namesOf(id, NO_NAME)).toEqual(new Set([row.ja4.ip_no_sni, padded[1]]))
      // Proof that browsers sent the padded ones: their names are on the published list of known clients.
      const known = readFileSync(`${foxio}/ja4-known-clients.csv`, 'utf8')
      for (const name of [row.ja4.h2, row.ja4.ip_no_sni, ...padded])
        expect(known).toMatch(new RegExp(`^Chromium Browser,.*,${name}\\r?$`, 'm'))
      return
    }
    expect(namesOf(id, {})).toEqual(new Set([row.ja4.h2]))
    expect(namesOf(id, NO_NAME)).toEqual(new Set([row.ja4.ip_no_sni]))
  })

  it('has the published JA4 with http/1.1 alone, or that of the captures', () => {
    const names = namesOf(id, H1_ONLY)
    if (ALPS_WITH_ANY.includes(id)) {
      expect(row.ja4.wss_h1).not.toBe(JA4_WITH_ALPS)
      expect(names).toEqual(new Set([JA4_WITH_ALPS]))
    } else if (id === PADS_SHORT_ONES) {
      expect([...names].filter((name) => !name.startsWith('t13d1516h1_'))).toEqual([row.ja4.wss_h1])
    } else expect(names).toEqual(new Set([row.ja4.wss_h1]))
  })

  it('has the published lists, lengths and extensions', () => {
    for (const hello of generatedRecords(templateById(id)).map(readRecord)) {
      expect(codes(hello.cipherSuites)).toEqual(row.ciphers)
      expect(codes(numberList(hello, 0x000a, 2))).toEqual(row.supported_groups)
      expect(codes(numberList(hello, 0x000d, 2))).toEqual(row.signature_algorithms)
      expect(codes(numberList(hello, 0x002b, 1))).toEqual(['GREASE', '0304', '0303'])
      const shares = sharesOf(hello).map(({ group, key }) => `${codes([group])[0]}:${key.length}`)
      expect(shares).toEqual(row.key_shares.map((share) => share.replace(/ .*/, '')))
      const types = hello.extensions.map(({ type, body }) =>
        isGreaseValue(type) ? (body.length === 0 ? 'GREASE(len0)' : 'GREASE(len1=00)') : codes([type])[0],
      )
      const unpadded = types.filter((type) => type !== '0015')
      expect(row.shuffle ? unpadded.toSorted() : unpadded).toEqual(
        row.shuffle ? row.extensions_unshuffled.toSorted() : row.extensions_unshuffled,
      )
      expect([unpadded[0], unpadded.at(-1)]).toEqual(['GREASE(len0)', 'GREASE(len1=00)'])
      if (/^[0-9a-f]+$/.test(row.trust_anchors ?? ''))
        expect(bodyOf(hello, 0xca34).toString('hex')).toBe(row.trust_anchors)
      else if (row.trust_anchors !== null) expect(bodyOf(hello, 0xca34)).toHaveLength(186)
      expect(bodyOf(hello, Number.parseInt(row.alps, 16)).toString('latin1')).toBe('\0\x03\x02h2')
      const mostBytes = types.includes('0015') ? 512 : undefined
      expect(types.indexOf('0015')).toBe(mostBytes === undefined ? -1 : types.length - 1)
      if (mostBytes !== undefined) expect(hello.recordLength).toBe(mostBytes)
      else expect(hello.recordLength).toBeGreaterThanOrEqual(512)
      if (id !== PADS_SHORT_ONES) expect(mostBytes !== undefined).toBe(row.padding !== null)
    }
  })
})

describe('a hello of any template', () => {
  it.each(WRITTEN)('$id has a JA3N that stays, and a JA3 that does not unless its order does', (template) => {
    const hellos = generatedRecords(template).map((record) => parseClientHello(record.subarray(9)))
    const sizes = (of: (typeof ja3)[]): readonly number[] =>
      of.map((name) => new Set(hellos.map((hello) => name(hello).hash)).size)
    const [plain, sorted] = sizes([ja3, ja3n]) as [number, number]
    expect(sorted).toBe(template.id === PADS_SHORT_ONES ? 2 : 1)
    if (template.extensionOrder === 'shuffled') expect(plain).toBe(200)
    else expect(plain).toBe(1)
  })

  it.each(WRITTEN)('$id is named by another implementation as by ours', async (template) => {
    for (const options of [{}, H1_ONLY, NO_NAME])
      for (const record of generatedRecords(template, { ...options, count: 4 })) {
        const stream = new PassThrough()
        stream.write(record)
        const theirs = await readTlsClientHello(stream)
        const ours = parseClientHello(record.subarray(9))
        expect(calculateJa4(theirs)).toBe(ja4(ours, 'tcp').ja4)
        expect(calculateJa3(theirs)).toBe(ja3(ours).hash)
      }
  })

  it('of Firefox has the JA4 of its captures', () => {
    expect(namesOf('firefox-153', {})).toEqual(new Set(['t13d1617h2_86a278354501_3cbfd9057e0d']))
  })

  it.each(WRITTEN)(
    '$id has the session id, random and versions of RFC 8446 for servers of TLS 1.2',
    (template) => {
      for (const hello of generatedRecords(template, { count: 20 }).map(readRecord)) {
        expect([hello.recordVersion, hello.legacyVersion, hello.sessionId.length]).toEqual([
          0x0301, 0x0303, 32,
        ])
        expect(hello.compression.toString('hex')).toBe('00')
        if (hello.extensions.some(({ type }) => type === 0xfe0d)) expect(echOf(hello).enc).toHaveLength(32)
      }
    },
  )
})
