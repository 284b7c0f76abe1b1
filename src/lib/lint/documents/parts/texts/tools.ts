/** Tools in the words of SPDX: `Tool: name-version`. */
import type { Tool } from '../../../bom/index.ts'
import { ANONYMOUS, oneLine } from './party.ts'

export function formatTool({ name, version }: Tool): string {
  const words = version === undefined ? name : `${name}-${version}`
  return `Tool: ${oneLine(words) || ANONYMOUS}`
}

/** The version begins at the first `-` before a digit; a name such as `x-2` cannot be told from one. */
export function parseTool(text: string): Tool | undefined {
  const [, words = ''] = /^Tool:([\s\S]*)$/.exec(text) ?? []
  const line = words.trim()
  if (line === '' || line === ANONYMOUS) return undefined
  const at = line.search(/-v?[0-9]/)
  return at < 1 ? { name: line } : { name: line.slice(0, at), version: line.slice(at + 1) }
}
