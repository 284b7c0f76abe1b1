/**
 * The terms that Elixir and Erlang write into their lockfiles: data only, nothing that would be evaluated. The two
 * languages share the scanner and differ in what may begin a term.
 */
import { MAX_DEPTH, positionAt, UnreadableText } from '../parse/index.ts'

export interface Atom {
  readonly kind: 'atom'
  readonly name: string
}

export interface Tuple {
  readonly kind: 'tuple'
  readonly items: readonly Term[]
}

export interface Pair {
  readonly key: Term
  readonly value: Term
  /** 1 and up, of the key. */
  readonly line: number
}

export interface Pairs {
  readonly kind: 'map'
  readonly pairs: readonly Pair[]
}

export type Term = string | number | Atom | Tuple | Pairs | readonly Term[]

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['s', ' '],
  ['0', '\0'],
  ['e', '\x1b'],
])

export class TermScanner {
  readonly #text: string
  readonly #comment: string
  #at = 0
  #depth = 0
  #line = 1
  #lineAt = 0

  /** @param comment the sign that begins a comment: `#` in Elixir, `%` in Erlang */
  constructor(text: string, comment: '#' | '%') {
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text
    this.#comment = comment
  }

  /** Counted onwards from the last call, so that asking for every entry stays linear. */
  get line(): number {
    for (; this.#lineAt < this.#at; this.#lineAt += 1)
      if (this.#text.charCodeAt(this.#lineAt) === 0x0a) this.#line += 1
    return this.#line
  }

  /** The next character after blanks and comments; an empty text at the end. */
  peek(): string {
    for (;;) {
      while (/\s/.test(this.#text.charAt(this.#at))) this.#at += 1
      if (this.#text.charAt(this.#at) !== this.#comment) return this.#text.charAt(this.#at)
      const end = this.#text.indexOf('\n', this.#at)
      this.#at = end === -1 ? this.#text.length : end
    }
  }

  /** Takes the sign if it is next. */
  take(sign: string): boolean {
    this.peek()
    if (!this.#text.startsWith(sign, this.#at)) return false
    this.#at += sign.length
    return true
  }

  expect(sign: string): void {
    if (!this.take(sign)) throw this.fail(`${sign} is missing`)
  }

  /** A word that the expression, which has to be sticky, finds here; undefined when there is none. */
  word(expression: RegExp): string | undefined {
    this.peek()
    expression.lastIndex = this.#at
    const found = expression.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  /** What stands between two quotes; the first one is next. */
  quoted(quote: string): string {
    this.expect(quote)
    let text = ''
    for (;;) {
      const character = this.#text.charAt(this.#at)
      if (character === '') throw this.fail('a text has no end')
      this.#at += 1
      if (character === quote) return text
      if (character === '\\') {
        const escaped = this.#text.charAt(this.#at)
        this.#at += 1
        text += ESCAPES.get(escaped) ?? escaped
      } else text += character
    }
  }

  /** Items between commas up to the closing sign; a comma may follow the last one. */
  items<T>(close: string, item: () => T): T[] {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw this.fail(`it is nested more than ${MAX_DEPTH} deep`)
    const found: T[] = []
    while (!this.take(close)) {
      found.push(item())
      if (!this.take(',')) {
        this.expect(close)
        break
      }
    }
    this.#depth -= 1
    return found
  }

  fail(reason: string): UnreadableText {
    return new UnreadableText(`it does not parse: ${reason}`, positionAt(this.#text, this.#at))
  }
}

export function isAtom(term: Term | undefined, name?: string): term is Atom {
  return kindOf(term) === 'atom' && (name === undefined || (term as Atom).name === name)
}

/** The items of a tuple; nothing for all else. */
export function tupleItems(term: Term | undefined): readonly Term[] {
  return kindOf(term) === 'tuple' ? (term as Tuple).items : []
}

export function listItems(term: Term | undefined): readonly Term[] {
  return Array.isArray(term) ? term : []
}

/** A text, or the name of an atom: the lockfiles write package names either way. */
export function termText(term: Term | undefined): string | undefined {
  if (typeof term === 'string') return term
  return isAtom(term) ? term.name : undefined
}

/** The value of a key in a list of pairs such as `[hex: :name, optional: true]`. */
export function option(list: Term | undefined, key: string): Term | undefined {
  for (const item of listItems(list)) {
    const [name, value] = tupleItems(item)
    if (isAtom(name, key)) return value
  }
  return undefined
}

function kindOf(term: Term | undefined): string | undefined {
  return typeof term === 'object' && !Array.isArray(term) ? (term as Atom | Tuple | Pairs).kind : undefined
}
