/** Source files as the checks see them: their text, and what they import and export. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export interface ImportStatement {
  readonly specifier: string
  /** Path from the root, without the leading `./`, when the specifier is relative. */
  readonly target: string | undefined
  /** Imported names as the other module exports them; `*` stands for all. */
  readonly names: readonly string[]
  /** True when nothing is loaded at start: `import()` or `import type`. */
  readonly lazy: boolean
}

export interface SourceFile {
  /** Path from the root, with `/`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly ImportStatement[]
}

const STATEMENT = /\b(import|export)\b((?:\s+type)?[^'"`;()]*?)\bfrom\s*['"]([^'"]+)['"]/g
const SIDE_EFFECT = /(?:^|[;\n])\s*import\s*['"]([^'"]+)['"]/g
const DYNAMIC = /\bimport\s*\(\s*['"]([^'"]+)['"]/g

/** Reads the source files under the folders, in order of path. */
export function readSources(root: string, folders: readonly string[]): SourceFile[] {
  const paths = folders.flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx,js}`, { cwd: root }))
  return paths
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.includes('node_modules/'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return { path, text, imports: importsOf(path, withoutComments(text)) }
    })
}

/**
 * Names that a module exports by declaration or by a local `export { … }`. A type that the module itself uses is
 * part of another export's signature and does not count.
 */
export function exportedNames(text: string): string[] {
  const code = withoutComments(text)
  const names: string[] = []
  const declaration =
    /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:const|let|function\*?|class|interface|type)\s+([A-Za-z_$][\w$]*)/gm
  for (const [statement, name] of code.matchAll(declaration)) {
    const isType = /\b(?:interface|type)\s/.test(statement)
    if (!isType || occurrences(code, name as string) === 1) names.push(name as string)
  }
  for (const [, list] of code.matchAll(/^export\s+(?:type\s+)?\{([^}]*)\}(?!\s*from)/gm))
    names.push(...listedNames(list as string, 'exported'))
  return names
}

function occurrences(code: string, name: string): number {
  return code.split(new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`)).length - 1
}

/** Comments go, so that an example in one is not taken for code. Line structure stays. */
export function withoutComments(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ''))
    .replaceAll(/(^|\s)\/\/[^\n]*/g, '$1')
}

function importsOf(path: string, code: string): ImportStatement[] {
  const found: ImportStatement[] = []
  const add = (specifier: string, names: readonly string[], lazy: boolean): void => {
    const target = specifier.startsWith('.') ? resolveFrom(path, specifier) : undefined
    found.push({ specifier, target, names, lazy })
  }
  for (const [, , clause, specifier] of code.matchAll(STATEMENT))
    add(specifier as string, importedNames(clause as string), /^\s*type\b/.test(clause as string))
  for (const [, specifier] of code.matchAll(SIDE_EFFECT)) add(specifier as string, [], false)
  for (const [, specifier] of code.matchAll(DYNAMIC)) add(specifier as string, ['*'], true)
  return found
}

function resolveFrom(path: string, specifier: string): string {
  const target = relative('.', join(dirname(path), specifier)).replaceAll('\\', '/')
  // The executable imports what the compiler makes of a source.
  return target.replace(/^dist\/(.*)\.js$/, 'src/$1.ts')
}

function importedNames(clause: string): string[] {
  if (clause.includes('*')) return ['*']
  const braces = /\{([^}]*)\}/.exec(clause)
  const names = braces === null ? [] : listedNames(braces[1] as string, 'imported')
  const before = clause.replace(/\{[^}]*\}/, '').replace(/^\s*type\b/, '')
  if (/[A-Za-z_$]/.test(before)) names.push('default')
  return names
}

function listedNames(list: string, side: 'imported' | 'exported'): string[] {
  return list
    .split(',')
    .map((item) => item.trim().replace(/^type\s+/, ''))
    .filter((item) => item !== '')
    .map((item) => {
      const [left, right] = item.split(/\s+as\s+/)
      return (side === 'exported' ? (right ?? left) : left) as string
    })
}
