/** Named texts in CycloneDX: `properties` of components and of the document. */
import { field, string, tables } from '../../readers/parse/shape.ts'

export interface Property {
  readonly name: string
  readonly value: string
}

/** Sorted by name. */
export function propertyList(texts: Readonly<Record<string, string>>): readonly Property[] {
  return Object.entries(texts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value }))
}

/** In the order of the document; a name may repeat, and a missing value is an empty one. */
export function propertiesIn(item: unknown): readonly (readonly [name: string, text: string])[] {
  return tables(field(item, 'properties')).flatMap(({ name, value }) => {
    const word = string(name)
    return word === undefined ? [] : [[word, typeof value === 'string' ? value : ''] as const]
  })
}

/** One text a name; those of repeated names stand on lines of their own. */
export function textsByName(
  properties: readonly (readonly [name: string, text: string])[],
): Readonly<Record<string, string>> {
  const texts = new Map<string, string[]>()
  for (const [name, text] of properties) {
    const known = texts.get(name)
    if (known === undefined) texts.set(name, [text])
    else known.push(text)
  }
  return Object.fromEntries([...texts].map(([name, lines]) => [name, lines.join('\n')]))
}
