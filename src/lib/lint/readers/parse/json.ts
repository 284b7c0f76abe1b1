/** JSON, and JSON with comments and trailing commas, bounded in depth, with the place of what is wrong. */
import { createRequire } from 'node:module'
import type { ParseError, ParseOptions } from 'jsonc-parser'
import { positionAt, UnreadableText } from './text-position.ts'

/** Loaded when it is first needed: start-up time is a feature. */
const load = createRequire(import.meta.url)

/** Deeper than any real document, and far from the end of the stack of who walks it. */
export const MAX_DEPTH = 200

/** @throws UnreadableText */
export function parseJson(text: string): unknown {
  checkDepth(text)
  try {
    return JSON.parse(withoutMark(text))
  } catch (error) {
    throw new UnreadableText(`it is not JSON: ${wordsOf(error)}`, positionAt(text, offsetOf(text)))
  }
}

/** As {@link parseJson}, with comments and trailing commas, which `bun.lock` has. @throws UnreadableText */
export function parseJsonWithComments(text: string): unknown {
  checkDepth(text)
  const errors: ParseError[] = []
  const value = parseTolerantly(text, errors, { allowTrailingComma: true })
  const [first] = errors
  if (first === undefined) return value
  throw new UnreadableText(
    `it is not JSON: ${tolerantParser().printParseErrorCode(first.error)}`,
    positionAt(text, first.offset),
  )
}

/** A byte order mark is no part of JSON (RFC 8259 §8.1), but editors write it. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/** Before parsing: a parser that recurses would meet the end of the stack. */
function checkDepth(text: string): void {
  let depth = 0
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === 0x22) {
      const end = endOfString(text, i)
      if (end === -1) return
      i = end
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1
      if (depth > MAX_DEPTH)
        throw new UnreadableText(`it is nested more than ${MAX_DEPTH} deep`, positionAt(text, i))
    } else if (code === 0x7d || code === 0x5d) depth -= 1
  }
}

/** Most of a lockfile is strings: leaping over them takes a third of the time. @returns -1 when it does not end */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1) {
    let before = end - 1
    while (text.charCodeAt(before) === 0x5c) before -= 1
    if ((end - before) % 2 === 1) return end
    end = text.indexOf('"', end + 1)
  }
  return -1
}

/** A quote in a comment, or a string without an end, hides nesting from the count; the library then recurses. */
function parseTolerantly(text: string, errors: ParseError[], options: ParseOptions): unknown {
  try {
    return tolerantParser().parse(withoutMark(text), errors, options)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    const [{ offset } = { offset: 0 }] = errors
    throw new UnreadableText(`it is nested more than ${MAX_DEPTH} deep`, positionAt(text, offset))
  }
}

/** The engine's own message quotes the text and may name no place; the tolerant parser finds it. */
function offsetOf(text: string): number {
  const errors: ParseError[] = []
  parseTolerantly(text, errors, { disallowComments: true })
  return errors[0]?.offset ?? text.length
}

function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error)
  return words.replace(/,? "[\s\S]*$/, '').replace(/ (?:in JSON )?at position [\s\S]*$/, '')
}

function tolerantParser(): typeof import('jsonc-parser') {
  return load('jsonc-parser') as typeof import('jsonc-parser')
}
