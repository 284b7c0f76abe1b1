/** Templates as documents: what is read back is what was written, and what is no template is refused by name. */
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAivError, toHex } from '../../../../src/lib/core/index.ts'
import { parseTemplate, templateDocument, templates } from '../../../../src/lib/tls/index.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { randomDocument } from './random-template.ts'

type Json = Record<string, unknown>

function documentOf(id: string): Json {
  const template = templates().find((each) => each.id === id)
  return JSON.parse(JSON.stringify(templateDocument(template as never))) as Json
}

const malformed = expect.objectContaining({ code: 'E_MALFORMED' })

/** Every place in a document: its path, and the object or list that holds it. */
function* places(value: unknown, path = ''): Generator<{ path: string; holder: Json; key: string }> {
  if (typeof value !== 'object' || value === null) return
  for (const key of Object.keys(value)) {
    yield { path: `${path}.${key}`, holder: value as Json, key }
    yield* places((value as Json)[key], `${path}.${key}`)
  }
}

/** Fields that may be left out; extensions are of another content when their `body` is gone. */
const OPTIONAL = /\.(?:trial|optional)$/
/** Items of lists: a shorter list is a template as well, unless it was the last item or a share's group. */
const ITEM = /\.\d+$/

const WRONG: readonly unknown[] = [
  null,
  false,
  -1,
  0.5,
  1e308,
  '',
  'x'.repeat(10_000),
  'GREASÉ',
  '0A0A',
  '12345',
  'zz',
  [],
  [[]],
  {},
  { __proto__: null },
  new Array(257).fill('0001'),
]

describe('a template', () => {
  it.each(templates())('$id is what it was after a document has been made of it and read', (template) => {
    expect(parseTemplate(JSON.parse(JSON.stringify(templateDocument(template))))).toEqual(template)
  })

  it('of whatever content is what it was after a document has been made of it and read', () => {
    fc.assert(
      fc.property(randomDocument, (document) => {
        const template = parseTemplate(document)
        expect(templateDocument(template)).toEqual(document)
        expect(parseTemplate(JSON.parse(JSON.stringify(templateDocument(template))))).toEqual(template)
      }),
      { numRuns: 300, seed: 8446 },
    )
  })

  it.each(['chrome-154', 'chrome-115-kyber', 'firefox-153'])(
    '%s without any one of its fields is refused',
    (id) => {
      let removed = 0
      for (const { path } of places(documentOf(id))) {
        if (OPTIONAL.test(path) || ITEM.test(path)) continue
        const copy = documentOf(id)
        const place = [...places(copy)].find((each) => each.path === path)
        delete place?.holder[place.key]
        expect(() => parseTemplate(copy), path).toThrow(malformed)
        removed++
      }
      expect(removed).toBeGreaterThan(40)
    },
  )

  it.each(['chrome-154', 'chrome-115-kyber', 'firefox-153'])(
    '%s with anything else in one place is refused, or still a template',
    (id) => {
      let refused = 0
      for (const { path } of places(documentOf(id)))
        for (const wrong of WRONG) {
          const copy = documentOf(id)
          const place = [...places(copy)].find((each) => each.path === path)
          if (place !== undefined) place.holder[place.key] = wrong
          try {
            // A body may be empty, and a name or words may be others; all else has one form.
            const template = parseTemplate(copy)
            expect(`${path} = ${JSON.stringify(wrong)}`).toMatch(
              /\.(?:id|source|trial|body|protocols\.\d+) = "/,
            )
            expect(parseTemplate(templateDocument(template))).toEqual(template)
          } catch (error) {
            if (!isAivError(error, 'E_MALFORMED')) throw error
            refused++
          }
        }
      expect(refused).toBeGreaterThan(1_000)
    },
  )

  it('with a field that no one knows is refused, by name, at every level', () => {
    for (const name of ['extra', '__proto__', 'constructor', 'toString', 'body ']) {
      const spots = ['top', 'versions', 'extension'] as const
      for (const spot of spots) {
        // As text: an assignment to __proto__ would set the prototype instead.
        const text = JSON.stringify(documentOf('chrome-154'))
        const field = `${JSON.stringify(name)}:"x",`
        const changed = {
          top: text.replace('{', `{${field}`),
          versions: text.replace('"versions":{', `"versions":{${field}`),
          extension: text.replace('"type":"0017",', `"type":"0017",${field}`),
        }[spot]
        expect(() => parseTemplate(JSON.parse(changed)), `${spot} ${name}`).toThrow(
          expect.objectContaining({ code: 'E_MALFORMED', message: expect.stringContaining(`"${name}"`) }),
        )
      }
    }
    expect(({} as Json).x).toBeUndefined()
  })

  it.each([[undefined], [null], [1], ['template'], [[]], [true]])('is not made of %o', (value) => {
    expect(() => parseTemplate(value)).toThrow(malformed)
  })

  it('of another format is refused, so that a newer one is not half understood', () => {
    expect(() => parseTemplate({ ...documentOf('chrome-154'), v: 2 })).toThrow(
      expect.objectContaining({ code: 'E_MALFORMED', message: 'a template of another format than 1' }),
    )
  })

  it('may say of its versions only what makes a range', () => {
    const versions = (first: unknown, last: unknown): unknown => ({
      ...documentOf('chrome-154'),
      versions: { first, last },
    })
    expect(parseTemplate(versions(154, 154)).versions).toEqual({ first: 154, last: 154 })
    for (const [first, last] of [
      [155, 154],
      [0, 1],
      [1, 10_000],
      ['154', '156'],
      [154.5, 156],
    ])
      expect(() => parseTemplate(versions(first, last))).toThrow(malformed)
  })

  const anchors = conformancePath('utls', 'chrome-templates.json')
  it.runIf(anchors !== undefined)('has the published trust anchors of Chrome behind their name', () => {
    const rows = JSON.parse(readFileSync(anchors as string, 'utf8')) as readonly {
      trust_anchors: string | null
    }[]
    const content = templates()
      .find(({ id }) => id === 'chrome-154')
      ?.extensions.find(({ type }) => type === 0xca34)?.content
    const ids = content?.kind === 'trust_anchors' ? content.ids.map(toHex) : []
    const body = ids.map((id) => (id.length / 2).toString(16).padStart(2, '0') + id).join('')
    expect(`00b8${body}`).toBe(rows.at(-1)?.trust_anchors)
  })
})
