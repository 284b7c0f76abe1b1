/** go.mod and go.work: lines of directives, as the reference of Go modules describes them. */
import { UnreadableText } from '../parse/index.ts'

export interface ModuleVersion {
  readonly path: string
  /** `v1.2.3`; absent in a replacement by a folder, and where all versions are replaced. */
  readonly version: string | undefined
}

export interface Requirement extends ModuleVersion {
  readonly version: string
  readonly isIndirect: boolean
  readonly line: number
}

export interface Replacement {
  readonly from: ModuleVersion
  readonly to: ModuleVersion
}

export interface ModFile {
  readonly module: string | undefined
  /** `1.21.0` or `1.17`. */
  readonly go: string | undefined
  /** `go1.23.6`, or `default`. */
  readonly toolchain: string | undefined
  readonly require: readonly Requirement[]
  readonly replace: readonly Replacement[]
  readonly exclude: readonly ModuleVersion[]
  /** Packages of commands that `go tool` runs. */
  readonly tool: readonly string[]
  /** Folders of a go.work. */
  readonly use: readonly string[]
}

interface Line {
  readonly verb: string
  readonly words: readonly string[]
  readonly comment: string
  readonly line: number
}

const VERBS: ReadonlySet<string> = new Set([
  'module',
  'go',
  'toolchain',
  'godebug',
  'require',
  'exclude',
  'replace',
  'retract',
  'tool',
  'ignore',
  'use',
])

/** @throws UnreadableText at the first line that is no directive */
export function parseModFile(text: string): ModFile {
  const lines = [...directives(text)]
  const first = (verb: string) => lines.find((line) => line.verb === verb)?.words[0]
  const all = (verb: string) => lines.filter((line) => line.verb === verb)
  return {
    module: first('module'),
    go: first('go'),
    toolchain: first('toolchain'),
    require: all('require').map(requirementOf),
    replace: all('replace').map(replacementOf),
    exclude: all('exclude').map(({ words: [path = '', version] }) => ({ path, version })),
    tool: all('tool').flatMap(({ words }) => words.slice(0, 1)),
    use: all('use').flatMap(({ words }) => words.slice(0, 1)),
  }
}

function requirementOf({ words: [path = '', version], comment, line }: Line): Requirement {
  if (path === '' || version === undefined) throw unreadable('a requirement names no version', line)
  return { path, version, isIndirect: /^indirect\s*(?:;|$)/.test(comment), line }
}

function replacementOf({ words, line }: Line): Replacement {
  const arrow = words.indexOf('=>')
  const [path = '', version] = words.slice(0, arrow)
  const [target, targetVersion] = words.slice(arrow + 1)
  if (arrow < 1 || target === undefined) throw unreadable('a replacement names no module', line)
  return { from: { path, version }, to: { path: target, version: targetVersion } }
}

function* directives(text: string): Generator<Line> {
  let block: string | undefined
  let line = 0
  for (const row of text.replace(/^\ufeff/, '').split('\n')) {
    line += 1
    const { words, comment } = wordsOf(row, line)
    if (words.length === 0) continue
    if (block !== undefined) {
      if (words[0] === ')') block = undefined
      else yield { verb: block, words, comment, line }
      continue
    }
    const [verb = '', ...rest] = words
    if (!VERBS.has(verb)) throw unreadable(`it is no module file: ${verb} is no directive`, line)
    if (rest[0] === '(' && rest.length === 1) block = verb
    else if (rest[0] !== '(' || rest.at(-1) !== ')') yield { verb, words: rest, comment, line }
  }
  if (block !== undefined) throw unreadable(`it is no module file: ${block} ( is not closed`, line)
}

/** Words are apart by blanks; `"…"` and `…` in backquotes hold one word; brackets stand alone. */
function wordsOf(row: string, line: number): { readonly words: readonly string[]; readonly comment: string } {
  const words: string[] = []
  let at = 0
  while (at < row.length) {
    const character = row[at] ?? ''
    if (/\s/.test(character)) at += 1
    else if (row.startsWith('//', at)) return { words, comment: row.slice(at + 2).trim() }
    else if (character === '(' || character === ')') {
      words.push(character)
      at += 1
    } else if (character === '"' || character === '`') {
      const end = row.indexOf(character, at + 1)
      if (end === -1) throw unreadable('it is no module file: a quotation is not closed', line)
      words.push(row.slice(at + 1, end))
      at = end + 1
    } else {
      const start = at
      while (at < row.length && !/[\s()]/.test(row[at] ?? '') && !row.startsWith('//', at)) at += 1
      words.push(row.slice(start, at))
    }
  }
  return { words, comment: '' }
}

function unreadable(message: string, line: number): UnreadableText {
  return new UnreadableText(message, { line, column: 1 })
}
