/** Generated hellos of older browsers against the captures that are published with JA4. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { templateById } from '../../../../src/lib/tls/index.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { generated } from './generated.ts'
import { differingFields, maskedFields } from './masked-hello.ts'
import { capturedInFile } from './pcap-hellos.ts'
import type { ReferenceHello } from './reference-reader.ts'

const foxio = conformancePath('utls', 'ja4-foxio')
/** What no browser here sends in its first hello: it comes back with a pre_shared_key. */
const PRE_SHARED_KEY = 0x0029
const FIRST_RECORD = 0x0301

interface Compared {
  /** Captured first hellos with these protocols. */
  readonly captured: readonly ReferenceHello[]
  /** For each, the fields in which a generated one with a name as long differs. */
  readonly differing: readonly (readonly string[])[]
}

function compared(file: string, id: string, alpn: readonly string[]): Compared {
  const template = templateById(id)
  const mask = { isShuffled: template.extensionOrder === 'shuffled', maskName: true }
  const offered = alpn.map((name) => String.fromCharCode(name.length) + name).join('')
  const captured = capturedInFile(`${foxio}/pcap/${file}`)
    .filter(({ recordVersion }) => recordVersion === FIRST_RECORD)
    .filter(({ extensions }) => !extensions.some(({ type }) => type === PRE_SHARED_KEY))
    .filter(({ extensions }) => {
      const body = extensions.find(({ type }) => type === 0x0010)?.body
      return body?.subarray(2).toString('latin1') === offered
    })
  const differing = captured.map((hello) => {
    // Whether padding is there depends on the length of the name.
    const length = (hello.extensions.find(({ type }) => type === 0)?.body.length ?? 0) - 5
    const host = 'abcdefghi.'
      .repeat(25)
      .slice(0, length - 1)
      .concat('z')
    const [ours] = generated(template, { host, alpn, count: 1 })
    return differingFields(maskedFields(hello, mask), maskedFields(ours as ReferenceHello, mask))
  })
  return { captured, differing }
}

const PAGE = ['h2', 'http/1.1']

describe.runIf(foxio !== undefined)('captures of Chrome from 110 to 118', () => {
  it('are in every field what chrome-110 writes, and of no other order than a shuffled one', () => {
    const { captured, differing } = compared('tls-handshake.pcapng', 'chrome-110', PAGE)
    expect(differing.filter((fields) => fields.length === 0).length).toBeGreaterThan(50)
    // The others are not of this browser.
    const others = captured.filter((_, index) => differing[index]?.length !== 0)
    expect(others.length).toBeLessThan(5)
    expect(
      new Set(captured.map(({ extensions }) => extensions.map(({ type }) => type).join())).size,
    ).toBeGreaterThan(30)
    expect(
      compared('tls-handshake.pcapng', 'chrome-98', PAGE).differing.every((fields) => fields.length > 0),
    ).toBe(true)
  })

  // The proof of what the published table of templates has otherwise.
  it('have application settings also with http/1.1 alone, as chrome-110 writes them', () => {
    const { differing } = compared('tls-handshake.pcapng', 'chrome-110', ['http/1.1'])
    expect(differing.filter((fields) => fields.length === 0)).toHaveLength(3)
    expect(readFileSync(`${foxio}/expected.json`, 'utf8')).toContain('"t13d1516h1_8daaf6152771_e5627efa2ab1"')
    const other = compared('tls-handshake.pcapng', 'chrome-118', ['http/1.1'])
    expect(other.differing.every((fields) => fields.includes('extension 4469'))).toBe(true)
  })
})

describe.runIf(foxio !== undefined)('a capture', () => {
  it.each([
    ['of Chrome from 72 to 82', 'badcurveball.pcap', 'chrome-72', 'chrome-83'],
    ['of Firefox from 102 on', 'tls12.pcap', 'firefox-102', 'firefox-153'],
    ['of Chrome from 110 on', 'http2-with-cookies.pcapng', 'chrome-110', 'chrome-98'],
  ])(
    '%s is in every field what its template writes, and not what another one does',
    (_what, file, id, other) => {
      const isIt = (template: string): boolean =>
        compared(file, template, PAGE).differing.some((fields) => fields.length === 0)
      expect([isIt(id), isIt(other)]).toEqual([true, false])
    },
  )
})
