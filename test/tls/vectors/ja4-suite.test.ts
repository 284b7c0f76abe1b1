import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { conformancePath } from '../../support/conformance.ts'
import { judged, vectorFile } from './workplace.ts'

const FOLDER = conformancePath('utls', 'ja4-foxio')
const VALUES = ['sni', 'ja4', 'ja4_r', 'ja4_o', 'ja4_ro'] as const

type Row = Readonly<Record<string, string | number>>
type Expected = Readonly<Record<string, readonly Row[]>>

function expectedOfFoxio(): Expected {
  return JSON.parse(readFileSync(join(FOLDER as string, 'expected.json'), 'utf8')) as Expected
}

function captures(): readonly string[] {
  const folder = join(FOLDER as string, 'pcap')
  return readdirSync(folder).map((name) => join(folder, name))
}

function valuesIn(expected: Expected): number {
  return Object.values(expected)
    .flat()
    .flatMap((row) => VALUES.filter((form) => form in row)).length
}

/** The last hexadecimal digit, or letter of a name, becomes another one. */
function changed(value: string): string {
  return value.slice(0, -1) + (value.endsWith('0') ? '1' : '0')
}

describe.skipIf(FOLDER === undefined)('the ja4 vector suite', () => {
  it('judges every published value, and says which ones are judged by the document instead', async () => {
    const path = join(FOLDER as string, 'expected.json')
    const result = await judged('ja4', path)
    expect(result).toMatchObject({ suite: 'ja4', file: path, failed: 0, skipped: 0, failures: [] })
    expect(result.passed).toBe(valuesIn(expectedOfFoxio()))
    expect(result.passed).toBeGreaterThan(700)
    expect(result.notes.map(({ id }) => id)).toEqual(
      ['ja4', 'ja4_r', 'ja4_o', 'ja4_ro'].map(
        (form) => `tls-non-ascii-alpn.pcapng #0 192.168.1.168:50112 ${form}`,
      ),
    )
    for (const { reason } of result.notes) expect(reason).toMatch(/t13d151699 .* JA4\.md says: t13d1516bd$/)
  })

  it('fails a value with one digit changed, and says what was computed', async () => {
    const name = 'tls12.pcap'
    const [row] = expectedOfFoxio()[name] as readonly [Row]
    const value = row.ja4 as string
    const { passed, failures } = await judged(
      'ja4',
      vectorFile({ [name]: [{ ...row, ja4: changed(value) }] }, captures()),
    )
    expect(passed).toBe(VALUES.filter((form) => form in row).length - 1)
    expect(failures).toEqual([
      {
        id: `${name} #0 ${row.src}:${row.srcport} ja4`,
        reason: `published is ${changed(value)}, computed is ${value}`,
      },
    ])
  })

  it('fails every value when one digit of each is changed', async () => {
    const expected = expectedOfFoxio()
    const wrong = Object.fromEntries(
      Object.entries(expected).map(([name, rows]) => [
        name,
        rows.map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([field, value]) => [
              field,
              VALUES.includes(field as 'ja4') ? changed(String(value)) : value,
            ]),
          ),
        ),
      ]),
    )
    const result = await judged('ja4', vectorFile(wrong, captures()))
    expect(result).toMatchObject({ passed: 0, failed: valuesIn(expected), notes: [] })
  })

  it('excuses no nines where the ALPN value is text', async () => {
    const [row] = expectedOfFoxio()['tls12.pcap'] as readonly [Row]
    const nines = `${(row.ja4 as string).slice(0, 8)}99${(row.ja4 as string).slice(10)}`
    const { src, dst, srcport, dstport } = row
    const rows = [{ src, dst, srcport, dstport, ja4: nines }]
    expect(await judged('ja4', vectorFile({ 'tls12.pcap': rows }, captures()))).toMatchObject({
      passed: 0,
      failed: 1,
      notes: [],
    })
  })

  it('fails what is not in the capture, and captures that are not there', async () => {
    const [row] = expectedOfFoxio()['tls12.pcap'] as readonly [Row]
    const { src, dst, dstport, ja4 } = row
    const rows = [{ src, dst, srcport: 1, dstport, ja4 }]
    const { failures } = await judged(
      'ja4',
      vectorFile({ 'tls12.pcap': rows, 'none.pcap': rows, '../pcap/tls12.pcap': rows }, captures()),
    )
    expect(failures.map(({ reason }) => reason)).toEqual([
      `the capture has no hello of a client in ${src}:1 to ${dst}:${dstport}`,
      'there is no pcap/none.pcap or none.pcap beside the vector file',
      'pcap/../pcap/tls12.pcap does not lie in the folder of the vector file',
    ])
  })
})

describe('a file without published JA4 values', () => {
  it.each([
    ['nothing', ''],
    ['no object', '[1]'],
    ['no lists', '{"a.pcap": 7}'],
    ['no rows', '{"a.pcap": [7]}'],
    ['rows without addresses', '{"a.pcap": [{"ja4": "t"}]}'],
    ['rows without ports', '{"a.pcap": [{"src": "a", "dst": "b", "ja4": "t"}]}'],
    ['rows without values', '{"a.pcap": [{"src": "a", "dst": "b", "srcport": 1, "dstport": 2}]}'],
    ['bytes', Uint8Array.of(0xff, 0xfe, 0)],
    [
      'a bomb of aliases',
      `a: &a [x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`).join('\n')}`,
    ],
  ])('is one failure with a reason: %s', async (_what, content) => {
    const result = await judged('ja4', vectorFile(content))
    expect(result.passed).toBe(0)
    expect(result.failed).toBeGreaterThan(0)
    for (const { reason } of result.failures) expect(reason).not.toBe('')
  })
})
