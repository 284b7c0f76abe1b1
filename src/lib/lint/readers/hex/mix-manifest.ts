/**
 * `mix.exs` is a program and is not run. Nearly all of them write their dependencies out in a list, and that can be
 * read: names and what they are for. Values that the program would compute are passed over.
 */
import type { Scope } from '../../bom/index.ts'

export interface MixManifest {
  readonly name: string | undefined
  readonly version: string | undefined
  /** For each application that the list names, what it is for. */
  readonly dependencies: ReadonlyMap<string, Scope>
}

/** A hundred times the length of a long one. */
const MAX_LENGTH = 1_000_000

export function readMixManifest(text: string): MixManifest {
  const code = text.slice(0, MAX_LENGTH)
  const list = /^[ \t]{0,20}defp?[ \t]{1,9}deps(?:\(\))?[ \t]{1,9}do\s{1,99}\[/m.exec(code)
  const dependencies = new Map<string, Scope>()
  for (const item of list === null ? [] : tuplesFrom(code, list.index + list[0].length)) {
    const name = /^\{\s{0,99}:"?([a-zA-Z_][\w@]{0,200})"?\s{0,99},/.exec(item)?.[1]
    if (name !== undefined) dependencies.set(name, scopeOf(item))
  }
  return {
    name: /^[ \t]{0,20}(?:\[[ \t]{0,9})?app: :(\w{1,200})/m.exec(code)?.[1],
    version: versionIn(code),
    dependencies,
  }
}

function versionIn(code: string): string | undefined {
  const written = /^[ \t]{0,20}version: ("[^"\n#]{1,100}"|@\w{1,100})/m.exec(code)?.[1]
  if (written === undefined || written.startsWith('"')) return written?.slice(1, -1)
  return new RegExp(`^[ \\t]{0,20}${written} "([^"\\n#]{1,100})"`, 'm').exec(code)?.[1]
}

/** A package that is meant for some environments, and for production not, serves development. */
function scopeOf(item: string): Scope {
  const only = /\bonly: (?::(\w{1,50})|\[([^\]]{0,300})\]|~w\(([^)]{0,300})\))/.exec(item)
  const environments = only?.[1] ?? only?.[2] ?? only?.[3]
  if (environments !== undefined && !/\bprod\b/.test(environments)) return 'dev'
  return /\boptional: true\b/.test(item) ? 'optional' : 'required'
}

/** The texts of the tuples of a list, from behind its opening bracket to the closing one. */
function tuplesFrom(code: string, start: number): readonly string[] {
  const found: string[] = []
  let depth = 0
  let opened = start
  for (let at = start; at < code.length; at += 1) {
    const character = code.charAt(at)
    if (character === '#') at = endOr(code.indexOf('\n', at), code)
    else if (character === '"') at = endOfText(code, at)
    else if ('{[('.includes(character)) {
      if (depth === 0) opened = at
      depth += 1
    } else if ('}])'.includes(character)) {
      depth -= 1
      if (depth < 0) return found
      if (depth === 0 && character === '}') found.push(withoutComments(code.slice(opened, at + 1)))
    }
  }
  return found
}

function endOfText(code: string, start: number): number {
  for (let at = start + 1; at < code.length; at += 1) {
    if (code.charAt(at) === '\\') at += 1
    else if (code.charAt(at) === '"') return at
  }
  return code.length
}

function endOr(at: number, code: string): number {
  return at === -1 ? code.length : at
}

/** Only whole lines: a sign of a comment within a text is none. */
function withoutComments(item: string): string {
  return item
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
}
