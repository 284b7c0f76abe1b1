/** Templates from captured hellos, judged by the bytes of the captures and by the files of the shipped templates. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type ClientHello,
  deriveTemplate,
  type Extension,
  encodeClientHello,
  type HelloTemplate,
  parseClientHello,
  templateDocument,
} from '../../../src/lib/tls/index.ts'
import { REPOSITORY } from '../../support/aiv.ts'
import { conformancePath } from '../../support/conformance.ts'
import { readRawHello, valuesOf } from '../../support/raw-hello.ts'

const folder = conformancePath('utls')

const numbered = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => name.replace('N', String(index + 1)))

const CHROME_156 = [
  ...numbered('chromium-156.0.8078.79-clienthello-N.bin', 8),
  ...numbered('chromium/chromium-156-nofieldtrial-ch-N.bin', 4),
]
const FIREFOX_153 = numbered('firefox/firefox-esr-153.7.0-clienthello-N.bin', 4)

function bytesOf(name: string): Uint8Array {
  return new Uint8Array(readFileSync(`${folder}/${name}`))
}

function hellosOf(names: readonly string[]): readonly ClientHello[] {
  return names.map((name) => parseClientHello(bytesOf(name).subarray(9)))
}

const CHROME = { browser: 'chrome', major: 156, source: 'captures' } as const
const FIREFOX = { browser: 'firefox', major: 153, source: 'captures' } as const

const ANCHORS = 0xca34

interface Document {
  readonly extension_order: string
  readonly cipher_suites: readonly string[]
  readonly extensions: readonly { readonly type: string; readonly [field: string]: unknown }[]
}

function documentOf(template: HelloTemplate): Document {
  return JSON.parse(JSON.stringify(templateDocument(template))) as Document
}

function shipped(path: string): Document {
  const file = join(REPOSITORY, 'src/lib/tls/template/data', path)
  return JSON.parse(readFileSync(file, 'utf8')) as Document
}

/** With one AEAD only in ECH. */
function withAead(fields: object): object {
  return JSON.parse(JSON.stringify(fields).replace('["0001","0003"]', '["0001"]')) as object
}

/** What stands for hellos, in an order of its own where the browser has none. */
function fieldsOf({ extension_order, cipher_suites, extensions }: Document): object {
  const listed =
    extension_order === 'fixed'
      ? extensions
      : extensions.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  return { extension_order, cipher_suites, extensions: listed }
}

/** The lines that a template stands for, in the words of the reader that the tests have of their own. */
function contentOf({ type, ...content }: Document['extensions'][number]): readonly string[] {
  const list = (name: string): string => (content[name] as readonly string[]).join(' ')
  switch (content.content) {
    case 'server_name':
      return ['a name']
    case 'session_ticket':
      return ['']
    case 'supported_groups':
    case 'signature_algorithms':
    case 'supported_versions':
      return [list('list')]
    case 'key_share': {
      const bytes: Readonly<Record<string, number>> = { GREASE: 1, '11ec': 1216, '001d': 32, '0017': 65 }
      const shares = (content.list as readonly string[]).map((group) => `${group}:${bytes[group]}`)
      return [shares.join(' ') + (content.x25519 === 'shared' ? ' shared' : '')]
    }
    case 'alpn':
    case 'application_settings': {
      const names = (content.protocols as readonly string[]).map((name) => Buffer.from(`\0${name}`))
      for (const name of names) name[0] = name.length - 1
      const all = Buffer.concat(names)
      return [all.length.toString(16).padStart(4, '0') + all.toString('hex')]
    }
    case 'grease_ech':
      return (content.payload_bytes as readonly number[]).flatMap((size) =>
        (content.aeads as readonly string[]).map((aead) => `00${content.kdf}${aead} enc 32 payload ${size}`),
      )
    default:
      return [String(content.body)]
  }
}

describe.runIf(folder !== undefined)('a template that is made from captures', () => {
  it.each([
    ['Chromium 156', CHROME_156, CHROME, 'chrome/chrome-154.json'],
    ['Firefox 153', FIREFOX_153, FIREFOX, 'firefox/firefox-153.json'],
  ] as const)('says of %s what the bytes of the captures say', (_, names, origin, path) => {
    const document = documentOf(deriveTemplate(hellosOf(names), origin))
    const seen = valuesOf(names.map((name) => readRawHello(bytesOf(name))))
    expect([document.cipher_suites.join(' ')]).toEqual(seen.get('cipher_suites'))
    const described = document.extensions.map((extension) => {
      const { type, body, optional, content } = extension
      const name = `extension ${type}${type === 'GREASE' ? ` of ${String(body).length / 2} bytes` : ''}`
      if (content !== 'trust_anchors')
        expect(
          [...contentOf(extension), ...(optional === true ? ['not there'] : [])].toSorted(),
          name,
        ).toEqual(seen.get(name))
      return name
    })
    const sent = [...seen.keys()].filter((name) => name.startsWith('extension '))
    expect(described.toSorted()).toEqual(sent.toSorted())
    // The four captures of Firefox happen to have one of its two AEADs.
    const known = fieldsOf(shipped(path))
    expect(fieldsOf(document)).toEqual(origin === FIREFOX ? withAead(known) : known)
  })

  it('has the trust anchors as they were sent, and says that they were sorted', () => {
    const { extensions } = deriveTemplate(hellosOf(CHROME_156), CHROME)
    const content = extensions.find(({ type }) => type === ANCHORS)?.content
    if (content?.kind !== 'trust_anchors') throw new Error('no trust anchors')
    const ids = content.ids.map(
      (id) => `${id.length.toString(16).padStart(2, '0')}${Buffer.from(id).toString('hex')}`,
    )
    const [first] = CHROME_156.map((name) => readRawHello(bytesOf(name)).fields.get('extension ca34'))
    expect([ids.join(''), ids.length, content.order]).toEqual([first?.slice(4), 28, 'sorted'])
  })

  it('passes over hellos that resume a session', () => {
    const resumed = hellosOf([
      'chromium/chromium-156-psk-resumption-ch.bin',
      'chromium/chromium-156-resume-page-conn5-ch.bin',
    ])
    expect(documentOf(deriveTemplate([...resumed, ...hellosOf(CHROME_156)], CHROME))).toEqual(
      documentOf(deriveTemplate(hellosOf(CHROME_156), CHROME)),
    )
  })

  it('needs two hellos', () => {
    expect(() => deriveTemplate(hellosOf(CHROME_156).slice(0, 1), CHROME)).toThrow(
      expect.objectContaining({ code: 'E_INPUT' }),
    )
  })
})

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
