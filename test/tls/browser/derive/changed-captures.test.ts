/** What a template says, or refuses to say, of captures in which one thing was changed. */
import { describe, expect, it } from 'vitest'
import {
  type ClientHello,
  deriveTemplate,
  type Extension,
  encodeClientHello,
  type HelloTemplate,
} from '../../../../src/lib/tls/index.ts'
import { ANCHORS, CHROME, CHROME_156, documentOf, folder, hellosOf } from './captures.ts'

/** All captures with one thing changed in some of them. */
function changed(
  change: (extensions: readonly Extension[], index: number) => readonly Extension[],
): readonly ClientHello[] {
  return hellosOf(CHROME_156).map((hello, index) => ({
    ...hello,
    extensions: change(hello.extensions ?? [], index),
  }))
}

/** The body of one extension, changed. */
function withBody(
  type: number,
  body: (old: Uint8Array, index: number) => Uint8Array,
): readonly ClientHello[] {
  return changed((extensions, index) =>
    extensions.map((each) => (each.type === type ? { type, body: body(each.body.slice(), index) } : each)),
  )
}

function set(bytes: Uint8Array, at: number, value: number): Uint8Array {
  bytes[at] = value
  return bytes
}

const UNDESCRIBED: readonly (readonly [what: string, named: RegExp, hellos: () => readonly ClientHello[]])[] =
  [
    [
      'an unknown extension has another body in each',
      /extension 1234/,
      () =>
        changed((all, n) => [...all.slice(0, 5), { type: 0x1234, body: Uint8Array.of(n) }, ...all.slice(5)]),
    ],
    [
      'a known one that never changed does',
      /extension 0005/,
      () => withBody(0x0005, (body, n) => set(body, 4, n & 1)),
    ],
    [
      'a list is another one',
      /extension 000a/,
      () => withBody(0x000a, (body, n) => (n === 3 ? set(body, 5, 0x1e) : body)),
    ],
    ['a list ends within a number', /extension 000d/, () => withBody(0x000d, (body) => body.subarray(0, 5))],
    [
      'a share is longer than its group says',
      /key_share/,
      () => withBody(0x0033, (body) => Uint8Array.of(0, 9, 0, 0x1d, 0, 5, ...body.subarray(0, 5))),
    ],
    ['ECH is that of an inner hello', /extension fe0d/, () => withBody(0xfe0d, () => Uint8Array.of(1))],
    [
      'the order of trust anchors is drawn for each hello',
      /extension ca34/,
      () => withBody(ANCHORS, (body, n) => (n === 0 ? swapped(body) : body)),
    ],
    [
      'GREASE stands within',
      /GREASE first and last/,
      () => changed((all) => [...all.slice(1, 4), all[0] as Extension, ...all.slice(4)]),
    ],
    [
      'GREASE has another body',
      /GREASE/,
      () => changed((all) => all.map((each, at) => (at === 0 ? { ...each, body: Uint8Array.of(7) } : each))),
    ],
    [
      'one extension keeps its place',
      /extension 0017 keeps its place/,
      () =>
        changed((all) => [
          all[0] as Extension,
          { type: 0x17, body: new Uint8Array(0) },
          ...all.slice(1).filter(({ type }) => type !== 0x17),
        ]),
    ],
    [
      'the session id is short',
      /session_id/,
      () => hellosOf(CHROME_156).map((hello) => ({ ...hello, sessionId: hello.sessionId.subarray(8) })),
    ],
    [
      'the suites are others',
      /cipher suites/,
      () =>
        hellosOf(CHROME_156).map((hello, n) => ({
          ...hello,
          cipherSuites: n === 2 ? hello.cipherSuites.slice(1) : hello.cipherSuites,
        })),
    ],
    [
      'an extension comes twice',
      /a type twice/,
      () => changed((all) => [...all.slice(0, 3), all[2] as Extension, ...all.slice(3)]),
    ],
  ]

/** The first two identifiers of a list, which are of equal length, in the other order. */
function swapped(body: Uint8Array): Uint8Array {
  const length = body[2] as number
  const [first, second] = [body.slice(3, 3 + length), body.slice(4 + length, 4 + 2 * length)]
  if (body[3 + length] !== length) throw new Error('identifiers of different lengths')
  body.set(second, 3)
  body.set(first, 4 + length)
  return body
}

describe.runIf(folder !== undefined)('hellos that no template can describe', () => {
  it.each(UNDESCRIBED)('are an error where %s', (_, named, hellos) => {
    expect(() => deriveTemplate(hellos(), CHROME)).toThrow(
      expect.objectContaining({ code: 'E_UNSUPPORTED', message: expect.stringMatching(named) }),
    )
  })
})

describe.runIf(folder !== undefined)('what hellos do differently', () => {
  const extension = (template: HelloTemplate, type: number) =>
    template.extensions.find((each) => each.type === type)

  it('is optional when some have it and others not', () => {
    const template = deriveTemplate(
      changed((all, n) => (n < 3 ? all.filter(({ type }) => type !== 0x12) : all)),
      CHROME,
    )
    expect(extension(template, 0x12)).toMatchObject({ optional: true })
    expect(template.extensions.filter(({ optional }) => optional)).toHaveLength(1)
  })

  it('decides when application settings are sent', () => {
    const http1 = Uint8Array.of(0, 9, 8, ...Buffer.from('http/1.1'))
    const socket = (all: readonly Extension[]): readonly Extension[] =>
      all.map((each) => (each.type === 0x10 ? { ...each, body: http1 } : each))
    const without = changed((all, n) => (n === 0 ? socket(all).filter(({ type }) => type !== 0x44cd) : all))
    const withThem = changed((all, n) => (n === 0 ? socket(all) : all))
    expect(extension(deriveTemplate(without, CHROME), 0x44cd)).toEqual({
      type: 0x44cd,
      content: { kind: 'application_settings', protocols: ['h2'], when: 'h2' },
    })
    expect(extension(deriveTemplate(withThem, CHROME), 0x44cd)).toEqual({
      type: 0x44cd,
      content: { kind: 'application_settings', protocols: ['h2'], when: 'any' },
    })
    expect(extension(deriveTemplate(withThem, CHROME), 0x10)).toMatchObject({
      content: { protocols: ['h2', 'http/1.1'] },
    })
  })

  it('is a name that a request to an address does not have', () => {
    const hellos = [...hellosOf(CHROME_156), ...hellosOf(['chromium/chromium-156-ip-literal-nosni-ch.bin'])]
    expect(extension(deriveTemplate(hellos, CHROME), 0)).toEqual({
      type: 0,
      content: { kind: 'server_name' },
    })
  })

  it('is an order of trust anchors that the browser drew at its start', () => {
    const template = deriveTemplate(withBody(ANCHORS, swapped), CHROME)
    expect(extension(template, ANCHORS)).toMatchObject({ content: { order: 'process' } })
  })

  it('is an unknown extension, when all send the same', () => {
    const all = changed((each) => [
      ...each.slice(0, 3),
      { type: 0x1234, body: Uint8Array.of(1, 2) },
      ...each.slice(3),
    ])
    const moved = all.map((hello, n) => ({ ...hello, extensions: rotated(hello.extensions ?? [], n) }))
    expect(documentOf(deriveTemplate(moved, CHROME)).extensions).toContainEqual({
      type: '1234',
      body: '0102',
    })
  })

  it('is padding to a length', () => {
    const short = changed((all) => all.filter(({ type }) => ![0x33, ANCHORS, 0xfe0d].includes(type)))
    const padded = short.map((hello) => {
      const raw = (bytes: number): ClientHello => ({
        ...hello,
        extensions: [...(hello.extensions ?? []), { type: 0x15, body: new Uint8Array(bytes) }],
      })
      return raw(512 - 4 - encodeClientHello(raw(0)).length)
    })
    const template = deriveTemplate(padded, CHROME)
    expect(template.extensions.at(-1)).toEqual({ type: 0x15, content: { kind: 'padding', to: 512 } })
  })
})

/** What stands between the two of GREASE, moved on by so many places. */
function rotated(extensions: readonly Extension[], by: number): readonly Extension[] {
  const [first, ...rest] = extensions
  const last = rest.pop()
  return [first as Extension, ...rest.slice(by), ...rest.slice(0, by), last as Extension]
}
