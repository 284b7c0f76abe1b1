/** Templates that somebody else wrote: a hello that can be read, or an error that says why there is none. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAivError, SeededRandom } from '../../../../src/lib/core/index.ts'
import { HelloBuilder, parseTemplate, templateById, templateDocument } from '../../../../src/lib/tls/index.ts'
import { randomDocument } from '../template/random-template.ts'
import {
  bodyOf,
  Cursor,
  isGreaseValue,
  type ReferenceHello,
  readRecord,
  sharesOf,
} from './reference-reader.ts'

interface Document {
  readonly cipher_suites: string[]
  readonly extensions: Record<string, unknown>[]
}

/** chrome-154 with something else in it. */
function withChange(change: (document: Document) => void): unknown {
  const document = JSON.parse(JSON.stringify(templateDocument(templateById('chrome-154')))) as Document
  change(document)
  return document
}

function build(document: unknown, alpn?: readonly string[]): ReferenceHello {
  const builder = new HelloBuilder(parseTemplate(document), new SeededRandom(1))
  return readRecord(builder.build({ host: 'example.test', ...(alpn === undefined ? {} : { alpn }) }).record)
}

function codeOf(make: () => unknown): string {
  try {
    make()
    return 'built'
  } catch (error) {
    if (isAivError(error)) return error.code
    throw error
  }
}

const extension = (document: Document, type: string): Record<string, unknown> =>
  document.extensions.find((each) => each.type === type) as Record<string, unknown>

const REFUSED: readonly (readonly [what: string, code: string, change: (document: Document) => void])[] = [
  ['two extensions of one type', 'E_MALFORMED', (d) => d.extensions.push({ type: '0017', body: '' })],
  [
    'two key_share',
    'E_MALFORMED',
    (d) => d.extensions.push({ type: '0033', content: 'key_share', list: ['001d'], x25519: 'fresh' }),
  ],
  [
    'a key_share under another number',
    'E_MALFORMED',
    (d) => Object.assign(extension(d, '0033'), { type: '5000' }),
  ],
  [
    'a share that nobody has the key of',
    'E_MALFORMED',
    (d) => d.extensions.splice(1, 1, { type: '0033', body: '0000' }),
  ],
  [
    'a name that nobody asked for',
    'E_MALFORMED',
    (d) => d.extensions.splice(1, 1, { type: '0000', body: '0000' }),
  ],
  [
    'the same share twice',
    'E_MALFORMED',
    (d) => Object.assign(extension(d, '0033'), { list: ['001d', '001d'] }),
  ],
  [
    'a share without its group',
    'E_MALFORMED',
    (d) => Object.assign(extension(d, '0033'), { list: ['0019'] }),
  ],
  [
    'shares without groups',
    'E_MALFORMED',
    (d) => d.extensions.splice(d.extensions.indexOf(extension(d, '000a')), 1),
  ],
  [
    'a group that no keys can be made for',
    'E_UNSUPPORTED',
    (d) => {
      Object.assign(extension(d, '000a'), { list: ['0019'] })
      Object.assign(extension(d, '0033'), { list: ['0019'] })
    },
  ],
  ['three of GREASE', 'E_MALFORMED', (d) => d.extensions.push({ type: 'GREASE', body: '0000' })],
  ['two empty ones of GREASE', 'E_MALFORMED', (d) => d.extensions.push({ type: 'GREASE', body: '' })],
  ['a type of RFC 8701 as a number', 'E_MALFORMED', (d) => d.extensions.push({ type: 'caca', body: '' })],
  [
    'GREASE with a list in it',
    'E_MALFORMED',
    (d) => d.extensions.splice(0, 1, { type: 'GREASE', content: 'session_ticket' }),
  ],
  [
    'padding before others',
    'E_MALFORMED',
    (d) => d.extensions.unshift({ type: '0015', content: 'padding', to: 512 }),
  ],
  [
    'padding twice',
    'E_MALFORMED',
    (d) =>
      d.extensions.push(
        { type: '0015', content: 'padding', to: 512 },
        { type: '0015', content: 'padding', to: 512 },
      ),
  ],
  [
    'more versions than their length can say',
    'E_TOO_LARGE',
    (d) => Object.assign(extension(d, '002b'), { list: new Array(128).fill('0304') }),
  ],
  [
    'more trust anchors than their length can say',
    'E_TOO_LARGE',
    (d) => Object.assign(extension(d, 'ca34'), { ids: new Array(256).fill('ab'.repeat(255)) }),
  ],
  [
    'more protocols than their length can say',
    'E_TOO_LARGE',
    (d) => Object.assign(extension(d, '0010'), { protocols: new Array(256).fill('x'.repeat(255)) }),
  ],
  [
    'more than fits into a record',
    'E_TOO_LARGE',
    (d) => d.extensions.push(...[1, 2, 3, 4].map((n) => ({ type: `500${n}`, body: 'ab'.repeat(4_096) }))),
  ],
  [
    'more than the extensions can say of their length',
    'E_TOO_LARGE',
    (d) => {
      const more = Array.from({ length: 230 }, (_, n) => (0x5000 + n).toString(16))
      d.extensions.push(
        ...more.filter((type) => type !== '5a5a').map((type) => ({ type, body: 'ab'.repeat(4_096) })),
      )
    },
  ],
]

describe('a template from somebody else', () => {
  it.each(REFUSED)('with %s is refused with %s', (_what, code, change) => {
    expect(codeOf(() => build(withChange(change)))).toBe(code)
  })

  it('may be as large as a record, to the byte', () => {
    const filled = (bytes: number): unknown =>
      withChange(({ extensions }) => {
        const ech = extensions.find(({ content }) => content === 'grease_ech') as Record<string, unknown>
        ech.payload_bytes = [240]
        // 2,011 bytes of hello as Chromium's captures have, and four for each header.
        for (let [left, type] = [bytes - 2_011 - 4, 0x5000]; left >= 0; left -= 4_100, type++)
          extensions.push({ type: type.toString(16), body: 'ab'.repeat(Math.min(left, 4_096)) })
      })
    expect(build(filled(16_000)).recordLength).toBe(16_000)
    expect(build(filled(2 ** 14)).recordLength).toBe(2 ** 14)
    expect(codeOf(() => build(filled(2 ** 14 + 1)))).toBe('E_TOO_LARGE')
  })

  it('may have no shares, no GREASE, or nothing but one extension', () => {
    const bare = build(
      withChange(
        ({ extensions }) => void extensions.splice(0, extensions.length, { type: '0017', body: '' }),
      ),
    )
    expect(bare.extensions.map(({ type }) => type)).toEqual([0x0017])
    const noShares = build(
      withChange(({ extensions }) => {
        extensions.splice(
          extensions.findIndex(({ type }) => type === '0033'),
          1,
        )
      }),
    )
    expect(() => sharesOf(noShares)).toThrow('no extension 33')
  })

  it('at random makes a hello that can be read, or a typed error', () => {
    let built = 0
    fc.assert(
      fc.property(randomDocument, (document) => {
        const code = codeOf(() => {
          const hello = build(document)
          // Nothing but what may be missing is missing.
          expect(hello.extensions.length).toBeLessThanOrEqual(document.extensions.length)
          expect(hello.cipherSuites).toHaveLength(document.cipher_suites.length)
          expect(new Set(hello.cipherSuites.filter(isGreaseValue)).size).toBeLessThanOrEqual(
            1 + new Set(document.cipher_suites.filter((suite) => /^(.a)\1$/.test(suite))).size,
          )
          built++
        })
        expect(['built', 'E_UNSUPPORTED']).toContain(code)
      }),
      { numRuns: 500, seed: 9 },
    )
    expect(built).toBeGreaterThan(200)
  })
})

describe('protocols', () => {
  const document = withChange(() => {})
  const protocolsOf = (hello: ReferenceHello): readonly string[] => {
    const cursor = new Cursor(bodyOf(hello, 0x0010))
    const list = new Cursor(cursor.vector(2))
    cursor.end()
    const names: string[] = []
    while (!list.isAtEnd) names.push(list.vector(1).toString())
    return names
  }

  it('stand in their order, and none is no extension', () => {
    for (const alpn of [['h2'], ['http/1.1', 'h2'], ['x'.repeat(255)], ['a', 'b', 'c']])
      expect(protocolsOf(build(document, alpn))).toEqual(alpn)
    expect(build(document, []).extensions.map(({ type }) => type)).not.toContain(0x0010)
  })

  it.each([
    ['an empty name', 'E_USAGE', ['h2', '']],
    ['a name of 256 bytes', 'E_USAGE', ['x'.repeat(256)]],
    ['a name of 128 characters of two bytes', 'E_USAGE', ['é'.repeat(128)]],
    ['more than a record holds', 'E_TOO_LARGE', new Array<string>(100).fill('x'.repeat(255))],
    ['more than their length can say', 'E_TOO_LARGE', new Array<string>(300).fill('x'.repeat(255))],
  ])('%s is refused', (_what, code, alpn) => {
    expect(codeOf(() => build(document, alpn))).toBe(code)
  })
})
