/** Random bills of materials with hostile texts. */
import fc from 'fast-check'
import {
  type Bom,
  COMPONENT_TYPES,
  type Component,
  type Dependencies,
  HASH_ALGORITHMS,
  LIFECYCLES,
  ORIGINS,
  SCOPES,
} from '../../../src/lib/lint/bom/index.ts'
import { formatPurl } from '../../../src/lib/lint/purl/index.ts'

/** Words that encodings use themselves, in any mixture. */
const text = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        ...[
          '</text>',
          '<text>',
          '&lt;/text>',
          '&amp;',
          '\n',
          '\r\n',
          '\r',
          'SPDXID: x',
          '\n## ',
          ': ',
          ' (',
          ')',
        ],
        ...[
          'NOASSERTION',
          'NONE',
          '__proto__',
          '"',
          '\\',
          '\0',
          '\u2028',
          '\u202e',
          '\ud800',
          'é',
          '🦊',
          '%',
          '@',
        ],
        ...[
          '#',
          ' - ',
          '-1',
          'LicenseRef-x',
          'MIT',
          ' OR ',
          'path:',
          'pkg:npm/x',
          'a',
          'Z',
          '.',
          '+',
          '*',
          ',',
        ],
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const url = fc.oneof(
  text,
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  text.map((rest) => `https://host.example/${rest}`),
  text.map((rest) => `git+ssh://git@host.example/${rest}`),
)
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined })
const party = compact({
  kind: fc.constantFrom('person' as const, 'organization' as const),
  name: text,
  email: optional(fc.oneof(text, fc.emailAddress())),
  url: optional(url),
})
const license = fc.oneof(
  text,
  fc.constantFrom(
    'MIT',
    'mit',
    'MIT OR Apache-2.0',
    '(MIT AND LicenseRef-y)',
    'GPL-2.0+',
    'Bugroff',
    'GPL-2.0-only WITH Classpath-exception-2.0',
  ),
)

const component = compact({
  type: fc.constantFrom(...COMPONENT_TYPES),
  name: text,
  version: optional(text),
  purl: optional(
    fc
      .tuple(
        fc.constantFrom('npm', 'maven', 'composer', 'generic', 'golang'),
        fc.string({ minLength: 1, maxLength: 8 }),
        text,
      )
      .map(([type, name, version]) => purlOf(type, name, version)),
  ),
  cpes: optional(list(fc.oneof(text, fc.constantFrom('cpe:2.3:a:b:c:1:*:*:*:*:*:*:*', 'cpe:/a:b:c')))),
  origin: fc.constantFrom(...ORIGINS),
  scope: fc.constantFrom(...SCOPES),
  hashes: optional(
    list(
      fc.record({
        algorithm: fc.constantFrom(...HASH_ALGORITHMS),
        value: fc.oneof(fc.constant('ab'.repeat(32)), fc.stringMatching(/^(?:[0-9a-f]{2}){1,64}$/)),
      }),
    ),
  ),
  downloadUrl: optional(url),
  source: optional(compact({ url: nonEmpty(url), revision: optional(text) })),
  homepage: optional(url),
  description: optional(text),
  supplier: optional(party),
  author: optional(party),
  copyright: optional(text),
  licenses: optional(
    compact({
      declared: license,
      concluded: optional(license),
      evidence: optional(
        list(
          fc.record({
            path: text,
            license,
            similarity: fc.double({ min: 0, max: 1, noNaN: true }).map((n) => n + 0),
          }),
        ),
      ),
    }),
  ),
  occurrences: optional(list(compact({ path: text, line: optional(fc.integer({ min: 1, max: 99999 })) }))),
  properties: optional(
    fc.dictionary(nonEmpty(text), text, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  ),
})

const document = compact({
  name: text,
  created: optional(
    fc
      .date({ min: new Date(0), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
      .map((date) => date.toISOString().replace(/\.[0-9]+Z$/, 'Z')),
  ),
  authors: fc.array(party, { maxLength: 2 }),
  tools: fc.array(compact({ name: nonEmpty(text), version: optional(text), vendor: optional(text) }), {
    maxLength: 2,
  }),
  supplier: optional(party),
  lifecycles: fc.uniqueArray(fc.constantFrom(...LIFECYCLES), { maxLength: 2 }),
  dataLicense: license,
  comment: optional(text),
})

/** As readers of lockfiles make them: sorted, every edge between components, a primary one among them. */
export const bom: fc.Arbitrary<Bom> = fc
  .record({
    document,
    components: fc.array(component, { minLength: 1, maxLength: 4 }),
    edges: fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 6 }),
    completeness: fc.array(fc.constantFrom('complete' as const, 'incomplete' as const, 'unknown' as const), {
      minLength: 4,
      maxLength: 4,
    }),
    licenses: fc.uniqueArray(
      compact({ id: fc.stringMatching(/^LicenseRef-[a-z]{1,3}$/), name: optional(text), text }),
      {
        maxLength: 2,
        selector: ({ id }) => id,
      },
    ),
  })
  .map(({ document, components, edges, completeness, licenses }) => {
    const taken = new Set<string>()
    const named = components.map((each, at): Component => {
      const ref = each.purl === undefined || taken.has(each.purl) || at === 0 ? `path:${at}` : each.purl
      taken.add(ref)
      return { ...each, ref } as Component
    })
    const refs = named.map(({ ref }) => ref)
    const dependencies = new Map<string, Dependencies>(
      refs.map((ref, at) => {
        const on = edges.flatMap(([from, to]) =>
          from === at && to !== at && refs[to] !== undefined ? [refs[to]] : [],
        )
        return [ref, { on: [...new Set(on)].sort(), completeness: completeness[at] ?? 'unknown' }]
      }),
    )
    return {
      document,
      primary: refs[0] as string,
      components: [...named].sort((a, b) => (a.ref < b.ref ? -1 : 1)),
      dependencies,
      extractedLicenses: [...licenses].sort((a, b) => (a.id < b.id ? -1 : 1)),
    } as Bom
  })

function purlOf(type: string, name: string, version: string): string | undefined {
  try {
    return formatPurl({
      type,
      namespace: type === 'maven' ? 'org' : undefined,
      name,
      version: version || undefined,
    })
  } catch {
    return undefined
  }
}

function nonEmpty(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return value.filter((each) => each !== '')
}

function list<T>(item: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> {
  return fc.array(item, { minLength: 1, maxLength: 2 })
}

/** A record without the fields that are undefined. */
function compact<T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc
    .record(fields)
    .map((each) => Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined)) as T)
}
