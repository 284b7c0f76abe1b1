/** YAML 1.2 without the parts that multiply text: no aliases beyond a handful, no merge keys. */
import { createRequire } from 'node:module'
import type { Document } from 'yaml'
import { MAX_DEPTH } from './json.ts'
import { UnreadableText } from './text-position.ts'

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
    if (error !== undefined) {
      const before = text.slice(0, error.pos[0])
      const line = before.split('\n').length
      throw new UnreadableText(`it is not YAML: ${error.message}`, {
        line,
        column: before.length - before.lastIndexOf('\n'),
      })
    }
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
  const { parseAllDocuments } = load('yaml') as typeof import('yaml')
  try {
    const documents = parseAllDocuments(text, {
      prettyErrors: false,
      merge: false,
      uniqueKeys: false,
      logLevel: 'silent',
    })
    return Array.isArray(documents) ? documents : []
  } catch (cause) {
    // Indicators in one line, such as `- - - -`, nest too; what the count did not see ends here.
    if (!(cause instanceof RangeError)) throw cause
    throw new UnreadableText(`it is nested more than ${MAX_DEPTH} deep`, { line: 1, column: 1 })
  }
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
