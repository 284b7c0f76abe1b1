/** TOML 1.0, with the place of what is wrong. */
import { createRequire } from 'node:module'
import { MAX_DEPTH } from './json.ts'
import { positionAt, UnreadableText } from './text-position.ts'

/** Loaded when it is first needed: start-up time is a feature. */
const load = createRequire(import.meta.url)

/** @throws UnreadableText */
export function parseToml(text: string): unknown {
  checkDottedKeys(text)
  const { parse, TomlError } = load('smol-toml') as typeof import('smol-toml')
  try {
    return parse(text, { maxDepth: MAX_DEPTH })
  } catch (error) {
    const place = error instanceof TomlError ? error : { line: 1, column: 1 }
    const [words] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new UnreadableText(`it is not TOML: ${words}`, { line: place.line, column: place.column })
  }
}

/** More parts than any key has. */
const MAX_KEY_PARTS = 1000

/** What may stand in a dotted key: letters, digits, `-` and `_`; quotes and blanks, which may stand around its dots. */
const OF_KEYS = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"\' \t'))

/** The library makes a table of each part of a dotted key: a file of dots would fill the memory. */
function checkDottedKeys(text: string): void {
  let dots = 0
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code !== 0x2e) {
      if (dots > 0 && !OF_KEYS.has(code)) dots = 0
      continue
    }
    dots += 1
    if (dots >= MAX_KEY_PARTS)
      throw new UnreadableText(
        'it is not TOML that is safe to read: a key has too many parts',
        positionAt(text, i),
      )
  }
}
