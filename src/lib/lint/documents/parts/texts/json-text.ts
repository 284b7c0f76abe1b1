/** JSON text of documents: how ours are laid out, and on which lines those of others have what. */
import { createRequire } from 'node:module'

/** Loaded when it is first needed: start-up time is a feature. */
const load = createRequire(import.meta.url)

export function formatJson(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`
}

/**
 * Lines, from 1, of the values at JSON pointers (RFC 6901). Called only where something is wrong, for it reads the whole
 * text again.
 */
export function linesOf(text: string, pointers: ReadonlySet<string>): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  if (pointers.size === 0) return lines
  const note = (path: () => readonly (string | number)[], line: number): void => {
    const pointer = pointerOf(path())
    if (pointers.has(pointer) && !lines.has(pointer)) lines.set(pointer, line + 1)
  }
  const { visit } = load('jsonc-parser') as typeof import('jsonc-parser')
  visit(text, {
    onObjectBegin: (_offset, _length, line, _character, path) => note(path, line),
    onArrayBegin: (_offset, _length, line, _character, path) => note(path, line),
    onLiteralValue: (_value, _offset, _length, line, _character, path) => note(path, line),
  })
  return lines
}

function pointerOf(path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
