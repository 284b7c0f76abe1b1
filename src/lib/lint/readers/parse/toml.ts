/** TOML 1.0, with the place of what is wrong. */
import { parse, TomlError } from 'smol-toml'
import { MAX_DEPTH } from './json.ts'
import { UnreadableText } from './text-position.ts'

/** @throws UnreadableText */
export function parseToml(text: string): unknown {
  try {
    return parse(text, { maxDepth: MAX_DEPTH })
  } catch (error) {
    const place = error instanceof TomlError ? error : { line: 1, column: 1 }
    const [words] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new UnreadableText(`it is not TOML: ${words}`, { line: place.line, column: place.column })
  }
}
