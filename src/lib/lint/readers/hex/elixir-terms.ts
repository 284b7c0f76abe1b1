/** Literals of Elixir, as `mix.lock` has them: maps, keyword lists, tuples, strings, atoms and numbers. */
import type { UnreadableText } from '../parse/index.ts'
import { type Pair, type Term, TermScanner } from './term-scanner.ts'

const KEYWORD = /[A-Za-z_][\w@]*[?!]?:(?=\s)/y
const ATOM = /:[A-Za-z_][\w@]*[?!]?/y
const WORD = /(?:nil|true|false)\b/y
const NUMBER = /-?\d[\d_]*(?:\.\d[\d_]*)?/y

/** @throws UnreadableText for what is no literal, such as a call or a mark of a merge conflict */
export function parseElixirTerm(text: string): Term {
  const scanner = new TermScanner(text, '#')
  const term = value(scanner)
  if (scanner.peek() !== '') throw scanner.fail('something follows the end')
  return term
}

function value(scanner: TermScanner): Term {
  if (scanner.take('%{')) return { kind: 'map', pairs: scanner.items('}', () => pair(scanner)) }
  if (scanner.take('{')) return { kind: 'tuple', items: scanner.items('}', () => value(scanner)) }
  if (scanner.take('[')) return scanner.items(']', () => listItem(scanner))
  const next = scanner.peek()
  if (next === '"' || next === "'") return scanner.quoted(next)
  if (next === ':') return atom(scanner)
  const word = scanner.word(WORD)
  if (word !== undefined) return { kind: 'atom', name: word }
  const number = scanner.word(NUMBER)
  if (number !== undefined) return Number(number.replaceAll('_', ''))
  throw unexpected(scanner)
}

function atom(scanner: TermScanner): Term {
  const plain = scanner.word(ATOM)
  if (plain !== undefined) return { kind: 'atom', name: plain.slice(1) }
  scanner.expect(':')
  return { kind: 'atom', name: scanner.quoted('"') }
}

/** `key: value`, `"key": value` and `key => value`. */
function pair(scanner: TermScanner): Pair {
  scanner.peek()
  const { line } = scanner
  const keyword = scanner.word(KEYWORD)
  if (keyword !== undefined)
    return { key: { kind: 'atom', name: keyword.slice(0, -1) }, value: value(scanner), line }
  const key = value(scanner)
  if (!scanner.take('=>')) scanner.expect(':')
  return { key, value: value(scanner), line }
}

/** In a list a pair stands for a tuple whose first item is an atom. */
function listItem(scanner: TermScanner): Term {
  const keyword = scanner.word(KEYWORD)
  if (keyword !== undefined) return tuple(keyword.slice(0, -1), value(scanner))
  const first = value(scanner)
  return typeof first === 'string' && scanner.take(':') ? tuple(first, value(scanner)) : first
}

function tuple(key: string, item: Term): Term {
  return { kind: 'tuple', items: [{ kind: 'atom', name: key }, item] }
}

function unexpected(scanner: TermScanner): UnreadableText {
  const next = scanner.peek()
  return scanner.fail(next === '' ? 'it ends too early' : `${JSON.stringify(next)} begins no value`)
}
