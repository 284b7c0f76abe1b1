/** The text format of yarn 1: entries of patterns, fields below them, lists of dependencies below those. */
import { UnreadableText } from '../parse/text-position.ts'

export interface ClassicEntry {
  /** `name@range`, as those who need the package write it. */
  readonly patterns: readonly string[]
  /** 1 and up. */
  readonly line: number
  readonly fields: Map<string, string>
  /** `dependencies` and `optionalDependencies`: names to ranges. */
  readonly lists: Map<string, Map<string, string>>
}

/** @throws UnreadableText */
export function parseClassicText(text: string): readonly ClassicEntry[] {
  const entries: ClassicEntry[] = []
  let entry: ClassicEntry | undefined
  let list: Map<string, string> | undefined
  for (const [index, written] of text.split('\n').entries()) {
    const line = written.trimEnd()
    const content = line.trimStart()
    const indent = line.length - content.length
    if (content === '' || content.startsWith('#')) continue
    const place = { line: index + 1, column: indent + 1 }
    if (/^(?:<{7}|={7}|>{7})/.test(line))
      throw new UnreadableText('it holds both sides of a merge conflict', place)
    const words = wordsOf(content)
    if (words === undefined)
      throw new UnreadableText('it is no lockfile of yarn: a quote does not end', place)
    if (indent === 0) {
      if (!content.endsWith(':'))
        throw new UnreadableText('it is no lockfile of yarn: a colon is missing', place)
      entry = { patterns: words, line: index + 1, fields: new Map(), lists: new Map() }
      list = undefined
      entries.push(entry)
    } else if (entry === undefined)
      throw new UnreadableText('it is no lockfile of yarn: a field belongs to no package', place)
    else if (indent >= 4 && list !== undefined) list.set(words[0] ?? '', words[1] ?? '')
    else if (words.length === 1 && content.endsWith(':')) {
      list = new Map()
      entry.lists.set(words[0] ?? '', list)
    } else {
      list = undefined
      entry.fields.set(words[0] ?? '', words[1] ?? '')
    }
  }
  return entries
}

/** Words between spaces and commas, quoted or not; the colon at the end belongs to none. */
function wordsOf(content: string): string[] | undefined {
  const words: string[] = []
  const end = content.endsWith(':') ? content.length - 1 : content.length
  for (let at = 0; at < end; ) {
    const first = content[at]
    if (first === ' ' || first === ',') {
      at += 1
    } else if (first === '"') {
      const close = closingQuote(content, at)
      const word = close === -1 ? undefined : unquote(content.slice(at, close + 1))
      if (word === undefined) return undefined
      words.push(word)
      at = close + 1
    } else {
      let stop = at
      while (stop < end && content[stop] !== ' ' && content[stop] !== ',') stop += 1
      words.push(content.slice(at, stop))
      at = stop
    }
  }
  return words
}

function closingQuote(content: string, start: number): number {
  for (let i = start + 1; i < content.length; i += 1) {
    if (content[i] === '\\') i += 1
    else if (content[i] === '"') return i
  }
  return -1
}

function unquote(text: string): string | undefined {
  if (!text.includes('\\')) return text.slice(1, -1)
  try {
    return JSON.parse(text) as string
  } catch {
    return undefined
  }
}
