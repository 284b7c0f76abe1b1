/** Generated hellos against what browsers sent, read from the bytes of the captures by a reader of its own. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { templateById } from '../../../../src/lib/tls/index.ts'
import { uniformP } from '../../../support/chi-square.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { generated, HELLOS } from './generated.ts'
import { differingFields, maskedFields } from './masked-hello.ts'
import { bodyOf, echOf, firstRecord, type ReferenceHello, readRecord, sharesOf } from './reference-reader.ts'

const folder = conformancePath('utls')
const shuffled = { isShuffled: true }
const fixed = { isShuffled: false }

function capture(name: string): ReferenceHello {
  return readRecord(firstRecord(readFileSync(join(folder as string, name))))
}

/** Fresh connections for a page: no pre_shared_key, which comes with a second connection, and no second hello. */
function fresh(): readonly ReferenceHello[] {
  if (folder === undefined) return []
  const files = readdirSync(folder).filter((name) => /^chromium-156.*\.bin$/.test(name))
  const more = readdirSync(join(folder, 'chromium')).filter((name) =>
    /nofieldtrial|hrr-ch1|full-h2-1\.c2s|full-hrr-1\.c2s/.test(name),
  )
  const hellos = [...files, ...more.map((name) => join('chromium', name))].map(capture)
  return hellos.filter(({ extensions }) => !extensions.some(({ type }) => type === 0x0029))
}

describe.runIf(folder !== undefined)('a hello of chrome-154', () => {
  const chromium = fresh()
  const template = templateById('chrome-154')
  const page = generated(template)

  it('is in every field what Chromium 156 sent, but for what is drawn anew', () => {
    expect(chromium.length).toBeGreaterThanOrEqual(14)
    const expected = maskedFields(chromium[0] as ReferenceHello, shuffled)
    expect(chromium.flatMap((each) => differingFields(maskedFields(each, shuffled), expected))).toEqual([])
    // Guards the comparison itself: a masked field more or less would show here.
    expect(Object.keys(expected)).toHaveLength(8 + 19)
    expect(page).toHaveLength(HELLOS)
    for (const hello of page) expect(maskedFields(hello, shuffled)).toEqual(expected)
  })

  it('has each of the four sizes of ECH that Chromium sent, and no other', () => {
    const sizes = (hellos: readonly ReferenceHello[]): unknown =>
      [...new Set(hellos.map((each) => `${echOf(each).payload.length} in ${each.recordLength}`))].toSorted()
    expect(sizes(page)).toEqual(['144 in 1915', '176 in 1947', '208 in 1979', '240 in 2011'])
    expect(sizes(chromium)).toEqual(sizes(page))
  })

  it('has no server_name for an IP address, as the one that Chromium sent to 127.0.0.1', () => {
    const expected = maskedFields(capture('chromium/chromium-156-ip-literal-nosni-ch.bin'), shuffled)
    expect(expected).not.toHaveProperty('extension 0000')
    for (const host of ['127.0.0.1', '::1', '[::1]'])
      for (const hello of generated(template, { host, count: 20 }))
        expect(maskedFields(hello, shuffled)).toEqual(expected)
  })

  it('has no application settings for a WebSocket, as Chromium without the ticket that it had', () => {
    const h1 = readdirSync(join(folder as string, 'chromium'))
      .filter((name) => /c2s\.bin$|-ch.*\.bin$/.test(name))
      .map((name) => capture(join('chromium', name)))
      .filter((each) => bodyOf(each, 0x0010).toString('latin1') === '\0\t\x08http/1.1')
    expect(h1.length).toBeGreaterThan(0)
    const [hello] = generated(template, { alpn: ['http/1.1'], count: 1 })
    const ours = maskedFields(hello as ReferenceHello, { ...shuffled, maskName: true })
    for (const each of h1) {
      const theirs = maskedFields(each, { ...shuffled, maskName: true })
      const apart = differingFields(theirs, ours)
      expect(['', 'edges,extension 0029,extensions']).toContain(apart.join())
    }
  })

  it('has two X25519 keys, as each of Chromium', () => {
    for (const hello of [...chromium, ...page]) {
      const [, hybrid, alone] = sharesOf(hello)
      expect([hybrid?.group, alone?.group]).toEqual([0x11ec, 0x001d])
      expect(hybrid?.key.subarray(1184)).not.toEqual(alone?.key)
    }
  })

  it('is told apart from one of an imitation that stopped at version 133, and from every older one', () => {
    const expected = maskedFields(chromium[0] as ReferenceHello, shuffled)
    const apart = (id: string): readonly string[] => {
      const [hello] = generated(templateById(id), { count: 1 })
      return differingFields(maskedFields(hello as ReferenceHello, shuffled), expected)
    }
    expect(apart('chrome-154')).toEqual([])
    expect(apart('chrome-133')).toEqual(['extension 000d', 'extension ca34', 'extensions'])
    expect(apart('chrome-152')).toEqual(['extension ca34'])
    expect(apart('chrome-150')).toEqual(['extension 000d', 'extension ca34', 'extensions'])
    for (const id of ['chrome-98', 'chrome-110', 'chrome-118', 'chrome-124', 'chrome-131'])
      expect(apart(id)).toContain('extension 4469')
  })
})

function withoutAead(fields: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { ...fields, 'extension fe0d': fields['extension fe0d']?.replace(/aead 000[13]/, '') }
}

describe.runIf(folder !== undefined)('a hello of firefox-153', () => {
  const firefox = (folder === undefined ? [] : [1, 2, 3, 4]).map((number) =>
    capture(`firefox/firefox-esr-153.7.0-clienthello-${number}.bin`),
  )
  const hellos = generated(templateById('firefox-153'))

  it('is in every field what Firefox sent; a connection of its own services offered no compression', () => {
    const expected = maskedFields(firefox[0] as ReferenceHello, fixed)
    expect(Object.keys(expected)).toHaveLength(7 + 17)
    for (const hello of hellos) expect(withoutAead(maskedFields(hello, fixed))).toEqual(withoutAead(expected))
    expect(firefox.map((each) => differingFields(maskedFields(each, fixed), expected))).toEqual([
      [],
      [],
      [],
      ['extension 001b', 'extensions'],
    ])
  })

  // The four captures have the first. Firefox draws one for each hello: of 200 that version 153.7 sent, each had half.
  it('has either AEAD in its ECH as often', () => {
    const counts = [0x0001, 0x0003].map((id) => hellos.filter((each) => echOf(each).aead === id).length)
    expect(counts.reduce((sum, count) => sum + count)).toBe(HELLOS)
    expect(uniformP(counts)).toBeGreaterThan(0.001)
  })

  it('has the lengths that Firefox has', () => {
    expect(new Set(firefox.slice(0, 3).map(({ recordLength }) => recordLength))).toEqual(new Set([1890]))
    expect(new Set(hellos.map(({ recordLength }) => recordLength))).toEqual(new Set([1890]))
    for (const hello of [...firefox, ...hellos]) expect(echOf(hello).payload).toHaveLength(239)
  })

  it('has one X25519 key in both shares, as each of Firefox', () => {
    for (const hello of [...firefox, ...hellos]) {
      const [hybrid, alone, p256] = sharesOf(hello)
      expect(hybrid?.key.subarray(1184)).toEqual(alone?.key)
      expect([p256?.group, p256?.key.length, p256?.key[0]]).toEqual([0x0017, 65, 4])
    }
    expect(new Set(hellos.map((each) => sharesOf(each)[1]?.key.toString('hex'))).size).toBe(HELLOS)
  })
})
