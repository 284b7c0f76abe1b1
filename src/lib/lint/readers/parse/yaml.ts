/** YAML 1.2 without the parts that multiply text: no aliases beyond a handful, no merge keys. */
import { createRequire } from 'node:module'
import type { Document } from 'yaml'
import { MAX_DEPTH } from './json.ts'
import { positionAt, UnreadableText } from './text-position.ts'

/** The library takes 40 ms to load, and most lockfiles do without it. */
const load = createRequire(import.meta.url)

/** Takes about ten seconds; what is longer is written by programs, and plain. */
const MAX_LENGTH = 16 * 1024 * 1024

/** Aliases that a document may resolve to; pnpm and yarn write none, hand-written workflows a few. */
const MAX_ALIASES = 100

/**
 * @returns one value a document; pnpm 11 writes several
 * @throws UnreadableText
 */
export function parseYaml(text: string): unknown[] {
  if (text.length > MAX_LENGTH)
    throw new UnreadableText(`it has more than ${MAX_LENGTH} characters of YAML`, { line: 1, column: 1 })
  checkIndent(text)
  const documents = documentsOf(text)
  return documents.map((document) => {
    const [error] = document.errors
    if (error !== undefined) throw notYaml(text, error.pos[0], error.message)
    try {
      return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown
    } catch (cause) {
      // The library throws a ReferenceError for a bomb of aliases.
      throw new UnreadableText(`it is not YAML that is safe to read: ${String(cause)}`, {
        line: 1,
        column: 1,
      })
    }
  })
}

function documentsOf(text: string): readonly Document.Parsed[] {
  const { Composer, Parser } = load('yaml') as typeof import('yaml')
  const composer = new Composer({ prettyErrors: false, merge: false, uniqueKeys: false, logLevel: 'silent' })
  // The library collects every error, of which a hostile file has a million; the first one decides.
  let first: UnreadableText | undefined
  const stop: ErrorHandler = (at, _, message, isWarning) => {
    if (isWarning === true) return
    // What is thrown comes here again, from each collection around the place.
    first ??= notYaml(text, offsetOf(at), message)
    throw first
  }
  Reflect.set(composer, 'onError', stop)
  try {
    const documents: Document.Parsed[] = []
    for (const token of new Parser().parse(text)) {
      if (token.type === 'error')
        throw notYaml(text, token.offset, `${token.message}: ${JSON.stringify(token.source.slice(0, 40))}`)
      documents.push(...(composer.next(token) as Iterable<Document.Parsed>))
    }
    documents.push(...(composer.end() as Iterable<Document.Parsed>))
    return documents
  } catch (cause) {
    // Indicators in one line, such as `- - - -`, nest too; what the count did not see ends here.
    if (!(cause instanceof RangeError)) throw cause
    throw new UnreadableText(`it is nested more than ${MAX_DEPTH} deep`, { line: 1, column: 1 })
  }
}

/** As the library calls what it offers no other way to set; where it did not, its list of errors says the same. */
type ErrorHandler = (at: Place, code: string, message: string, isWarning?: boolean) => void
type Place = number | readonly [number, number] | { readonly offset: number }

function offsetOf(at: Place): number {
  if (typeof at === 'number') return at
  return 'offset' in at ? at.offset : at[0]
}

function notYaml(text: string, offset: number, message: string): UnreadableText {
  return new UnreadableText(`it is not YAML: ${message}`, positionAt(text, offset))
}

/** The library recurses: nesting is counted first, of flow collections and of lines alike. */
function checkIndent(text: string): void {
  let depth = 0
  let line = 1
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === 0x0a) line += 1
    else if (code === 0x5b || code === 0x7b) depth += 1
    else if ((code === 0x5d || code === 0x7d) && depth > 0) depth -= 1
    if (depth > MAX_DEPTH)
      throw new UnreadableText(`it is nested more than ${MAX_DEPTH} deep`, { line, column: 1 })
  }
  const deep = new RegExp(`^(?: {${MAX_DEPTH * 2},}| *(?:[-?:] +){${MAX_DEPTH},})`, 'm').exec(text)
  if (deep !== null)
    throw new UnreadableText(`it is nested more than ${MAX_DEPTH} deep`, {
      line: text.slice(0, deep.index).split('\n').length,
      column: 1,
    })
}
