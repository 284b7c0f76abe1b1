/** Terms of Erlang, as `rebar.lock` has them: each one ends with a full stop. */
import { type Term, TermScanner } from './term-scanner.ts'

const ATOM = /[a-z][\w@]*/y
const NUMBER = /-?\d+(?:\.\d+)?/y

/**
 * @returns the terms of the file, in order
 * @throws UnreadableText
 */
export function parseErlangTerms(text: string): readonly Term[] {
  const scanner = new TermScanner(text, '%')
  const terms: Term[] = []
  while (scanner.peek() !== '') {
    terms.push(value(scanner))
    scanner.expect('.')
  }
  return terms
}

function value(scanner: TermScanner): Term {
  if (scanner.take('{')) return { kind: 'tuple', items: scanner.items('}', () => value(scanner)) }
  if (scanner.take('[')) return scanner.items(']', () => value(scanner))
  if (scanner.take('<<')) return binary(scanner)
  const next = scanner.peek()
  if (next === '"') return scanner.quoted('"')
  if (next === "'") return { kind: 'atom', name: scanner.quoted("'") }
  const atom = scanner.word(ATOM)
  if (atom !== undefined) return { kind: 'atom', name: atom }
  const number = scanner.word(NUMBER)
  if (number !== undefined) return Number(number)
  throw scanner.fail(next === '' ? 'it ends too early' : `${JSON.stringify(next)} begins no term`)
}

function binary(scanner: TermScanner): Term {
  const text = scanner.peek() === '"' ? scanner.quoted('"') : ''
  // Since OTP 26 a text that is not ASCII is marked.
  scanner.take('/utf8')
  scanner.expect('>>')
  return text
}
