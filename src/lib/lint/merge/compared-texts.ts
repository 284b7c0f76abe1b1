/** Parts of components as texts that can be compared, sorted and kept in properties, and back. */
import type { Party, SourceCode } from '../bom/index.ts'
import { array, parseJson, string, UnreadableText } from '../readers/parse/index.ts'

export function partyText(party: Party | undefined): string | undefined {
  if (party === undefined) return undefined
  const { kind, name, email, url } = party
  return JSON.stringify([name, kind, email ?? null, url ?? null])
}

/** Undefined where the text was not made by {@link partyText}. */
export function partyFrom(text: string): Party | undefined {
  const [name, kind, email, url] = array(jsonOf(text))
  if (typeof name !== 'string' || (kind !== 'person' && kind !== 'organization')) return undefined
  return { kind, name, email: string(email), url: string(url) }
}

export function sourceText(source: SourceCode | undefined): string | undefined {
  return source === undefined ? undefined : JSON.stringify([source.url, source.revision ?? null])
}

/** Undefined where the text was not made by {@link sourceText}. */
export function sourceFrom(text: string): SourceCode | undefined {
  const [url, revision] = array(jsonOf(text))
  return typeof url === 'string' ? { url, revision: string(revision) } : undefined
}

/** The texts of a JSON array; none where it is no such array. */
export function textsFrom(json: string | undefined): readonly string[] {
  return array(json === undefined ? undefined : jsonOf(json)).filter((value) => typeof value === 'string')
}

/** Properties of foreign documents may hold anything under our names. */
function jsonOf(text: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof UnreadableText) return undefined
    throw error
  }
}
