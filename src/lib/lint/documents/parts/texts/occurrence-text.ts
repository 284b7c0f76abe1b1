/** Places of findings as one line for people that programs can read back: `Read from a/package-lock.json:12, b.lock`. */
import type { Occurrence } from '../../../bom/index.ts'

const BEGINNING = 'Read from '

export function formatOccurrences(occurrences: readonly Occurrence[] | undefined): string | undefined {
  if (occurrences === undefined || occurrences.length === 0) return undefined
  if (occurrences.some(({ path }) => path === '')) return undefined
  const places = occurrences.map(({ path, line }) => {
    const escaped = path.toWellFormed().replace(/[%,:\s\p{Cc}]/gu, (part) => encodeURIComponent(part))
    return line === undefined ? escaped : `${escaped}:${line}`
  })
  return `${BEGINNING}${places.join(', ')}`
}

/** @returns undefined for a text of somebody else */
export function parseOccurrences(text: string): readonly Occurrence[] | undefined {
  if (!text.startsWith(BEGINNING)) return undefined
  const found: Occurrence[] = []
  for (const place of text.slice(BEGINNING.length).split(', ')) {
    const [, path, line] = /^([^:\s,]+)(?::([1-9][0-9]{0,9}))?$/.exec(place) ?? []
    if (path === undefined) return undefined
    try {
      found.push({ path: decodeURIComponent(path), ...(line === undefined ? {} : { line: Number(line) }) })
    } catch {
      return undefined
    }
  }
  return found
}
