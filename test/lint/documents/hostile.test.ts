/** Documents come from anywhere: whatever is in them, reading ends soon and fails in one way only. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAivError } from '../../../src/lib/core/index.ts'
import { BOM_FORMATS, readBom, writeBom } from '../../../src/lib/lint/documents/index.ts'
import { SAMPLE } from './sample-bom.ts'
import { schemaErrors } from './schemas.ts'

/** True when the text was read, false when it was refused; anything else is a defect. */
async function isRead(text: string): Promise<boolean> {
  try {
    await readBom(text)
    return true
  } catch (error) {
    if (isAivError(error)) return false
    throw error
  }
}

/** Any value where another one was. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, '', 'x', '\0', [], {}, [[]], [null], { a: 1 }),
  fc.constantFrom<unknown>(
    '__proto__',
    'SPDXRef-DOCUMENT',
    'NONE',
    'path:.',
    'pkg:npm/x',
    'aiv: {',
    'urn:x:y',
  ),
  fc.constant<unknown>(JSON.parse('{"__proto__":{"name":"x"},"constructor":1}')),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
)

/** Puts a value at one of the places of a JSON text, or takes what is there away. */
function mutated(json: string, where: number, value: unknown, isGone: boolean): string {
  const root: unknown = JSON.parse(json)
  const places: { holder: Record<string, unknown>; key: string }[] = []
  const open: unknown[] = [root]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue
    for (const [key, inner] of Object.entries(next)) {
      places.push({ holder: next as Record<string, unknown>, key })
      open.push(inner)
    }
  }
  const place = places[where % places.length]
  if (place === undefined) return json
  if (isGone) delete place.holder[place.key]
  else place.holder[place.key] = value
  return JSON.stringify(root)
}

describe.each(BOM_FORMATS.filter((format) => format !== 'spdx-tv'))('%s', (format) => {
  test('with any value in any place is read or refused, and what was read can be written', async () => {
    const json = await writeBom(SAMPLE, format)
    await fc.assert(
      fc.asyncProperty(fc.nat(100_000), anything, fc.boolean(), async (where, value, isGone) => {
        const text = mutated(json, where, value, isGone)
        if (!(await isRead(text))) return
        const { bom } = await readBom(text)
        for (const to of ['spdx-json', 'cdx-json', 'cdx-json@1.7'] as const)
          expect(schemaErrors(to, await writeBom(bom, to)) ?? []).toEqual([])
      }),
      { numRuns: 300 },
    )
    expect(Reflect.get({}, 'name')).toBeUndefined()
  })

  test('cut anywhere is refused', async () => {
    const json = await writeBom(SAMPLE, format)
    for (let length = 1; length < json.length - 2; length += 97)
      expect(await isRead(json.slice(0, length))).toBe(false)
  })
})

test('extras of any shape make no component that cannot be written', async () => {
  const names = `ref type name version purl cpes origin scope hashes downloadUrl source homepage description supplier
    author copyright declared concluded evidence occurrences authors tools lifecycles created extractedLicenses`
  const extra = fc.record({
    name: fc.constantFrom(...names.split(/\s+/)).map((name) => `aiv:bom:${name}`),
    value: anything.map((is) => JSON.stringify({ is })),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(extra, { maxLength: 4 }), async (properties) => {
      const { bom } = await readBom(
        JSON.stringify({
          ...{ bomFormat: 'CycloneDX', specVersion: '1.6' },
          metadata: { properties },
          components: [{ type: 'library', name: 'x', properties }],
        }),
      )
      for (const to of BOM_FORMATS) expect(schemaErrors(to, await writeBom(bom, to)) ?? []).toEqual([])
    }),
    { numRuns: 300 },
  )
})

test('tag-value with lines that are gone, doubled, swapped or cut is read or refused', async () => {
  const text = await writeBom(SAMPLE, 'spdx-tv')
  const lines = text.split('\n')
  await fc.assert(
    fc.asyncProperty(
      fc.nat(lines.length - 1),
      fc.nat(lines.length - 1),
      fc.constantFrom('gone', 'doubled', 'swapped', 'cut', 'joined', 'noise'),
      fc.string({ unit: 'binary' }),
      async (a, b, how, noise) => {
        const [first = '', second = ''] = [lines[a], lines[b]]
        const changed = [...lines]
        if (how === 'gone') changed.splice(a, 1)
        if (how === 'doubled') changed.splice(b, 0, first)
        if (how === 'swapped') [changed[a], changed[b]] = [second, first]
        if (how === 'cut') changed[a] = first.slice(0, first.length / 2)
        if (how === 'joined') changed[a] = first + second
        if (how === 'noise') changed[a] = `${first.split(':')[0]}: ${noise}`
        await isRead(changed.join('\n'))
      },
    ),
    { numRuns: 2000 },
  )
})

describe('what is made to take long ends soon', () => {
  const many = 200_000
  const json = (rest: object): string =>
    JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', ...rest })
  const component = (rest: object): object => ({ type: 'library', name: 'x', ...rest })
  test.each([
    ['brackets without an end', `{"bomFormat":"CycloneDX","a":${'['.repeat(many)}`],
    ['components in components', json({ components: [nested(90)] })],
    [
      'a license of brackets',
      json({ components: [component({ licenses: [{ expression: '('.repeat(many) }] })] }),
    ],
    [
      'a license of many licenses',
      json({ components: [component({ licenses: [{ expression: 'MIT AND '.repeat(many) }] })] }),
    ],
    [
      'a name of spaces',
      json({ components: [component({ name: ' '.repeat(many), purl: ' '.repeat(many) })] }),
    ],
    [
      'an address of at signs',
      json({
        components: [component({ externalReferences: [{ type: 'vcs', url: `a://${'@'.repeat(many)}` }] })],
      }),
    ],
    [
      'a person of brackets',
      spdx({ supplier: `Person: ${'('.repeat(many)}`, sourceInfo: `Read from ${', '.repeat(many)}` }),
    ],
    ['a download of at signs', spdx({ downloadLocation: `git+https://${'@'.repeat(many)}` })],
    ['a tool of dashes', spdx({}, { creators: [`Tool: ${'-'.repeat(many)}`] })],
    ['tags without an end', `SPDXVersion: SPDX-2.3\n${'a'.repeat(many)}\n${'<text>'.repeat(many)}`],
    ['escapes in tags', `SPDXVersion: SPDX-2.3\nDocumentComment: <text>${'&amp;'.repeat(many)}</text>\n`],
    ['blank lines', `SPDXVersion: SPDX-2.3\n${' \n'.repeat(many)}`],
  ])('%s', async (_, text) => {
    const begin = performance.now()
    if (await isRead(text)) {
      const { bom } = await readBom(text)
      for (const format of BOM_FORMATS) await writeBom(bom, format)
    }
    expect(performance.now() - begin).toBeLessThan(5000)
  })

  function nested(depth: number): object {
    return depth === 0 ? component({}) : component({ components: [nested(depth - 1)] })
  }

  function spdx(item: object, info: object = {}): string {
    const creationInfo = { created: '2026-01-01T00:00:00Z', creators: ['Person: x'], ...info }
    return JSON.stringify({
      ...{ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', creationInfo },
      packages: [{ SPDXID: 'SPDXRef-a', name: 'a', ...item }],
    })
  }
})
