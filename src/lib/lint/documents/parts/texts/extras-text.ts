/** Extras and properties of one element as the one text of an SPDX annotation. */
import { isTable } from '../../../readers/parse/shape.ts'
import { EXTRA, type NamedTexts } from '../extras.ts'

/** What such texts begin with. */
const MARK = 'aiv: '

/** @param texts extras are JSON themselves, and are written as such */
export function formatExtras(texts: Readonly<Record<string, string>>): string {
  const words = Object.entries(texts).map(([name, text]): [string, unknown] => [
    name,
    name.startsWith(EXTRA) ? JSON.parse(text) : text,
  ])
  return `${MARK}${JSON.stringify(Object.fromEntries(words.sort(([a], [b]) => (a < b ? -1 : 1))))}`
}

/** @returns nothing for a text of somebody else */
export function parseExtras(comment: unknown): NamedTexts {
  if (typeof comment !== 'string' || !comment.startsWith(MARK)) return []
  try {
    const texts: unknown = JSON.parse(comment.slice(MARK.length))
    if (!isTable(texts)) return []
    return Object.entries(texts).map(([name, text]) => [
      name,
      typeof text === 'string' && !name.startsWith(EXTRA) ? text : JSON.stringify(text),
    ])
  } catch {
    return []
  }
}
