/**
 * Environment markers (PEP 508, with the sets of PEP 751), as far as one can say without a machine: conditions on
 * platform and Python version may hold, those on extras and groups are decided by what is asked for.
 */

export interface Asked {
  readonly extras: 'none' | 'all'
  readonly groups: ReadonlySet<string> | 'all'
}

/** Far above any real one. */
const MAX_TOKENS = 2000
const MAX_DEPTH = 50

const TOKEN = /\s*(?:([()])|(===|==|!=|~=|<=|>=|<|>)|"([^"]*)"|'([^']*)'|([A-Za-z_][\w.]*))/y

/** @returns whether the package may be installed; true for what is no marker */
export function mayApply(marker: string, asked: Asked): boolean {
  const tokens = tokensOf(marker)
  return tokens === undefined || new MarkerParser(tokens, asked).parse()
}

interface Token {
  readonly kind: 'sign' | 'text' | 'word'
  readonly value: string
}

function tokensOf(marker: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  const text = marker.trimEnd()
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text)
    if (match === null || tokens.length === MAX_TOKENS) return undefined
    const [, bracket, operator, double, single, word] = match
    if (word !== undefined) tokens.push({ kind: 'word', value: word })
    else if (bracket !== undefined || operator !== undefined)
      tokens.push({ kind: 'sign', value: bracket ?? operator ?? '' })
    else tokens.push({ kind: 'text', value: double ?? single ?? '' })
  }
  return tokens
}

class MarkerParser {
  readonly #tokens: readonly Token[]
  readonly #asked: Asked
  #at = 0
  #isBroken = false

  constructor(tokens: readonly Token[], asked: Asked) {
    this.#tokens = tokens
    this.#asked = asked
  }

  parse(): boolean {
    const value = this.#or(0)
    return this.#isBroken || this.#at < this.#tokens.length || value
  }

  #or(depth: number): boolean {
    let value = this.#and(depth)
    while (this.#takes('or')) value = this.#and(depth) || value
    return value
  }

  #and(depth: number): boolean {
    let value = this.#term(depth)
    while (this.#takes('and')) value = this.#term(depth) && value
    return value
  }

  #term(depth: number): boolean {
    if (this.#isBroken || depth > MAX_DEPTH) return this.#broken()
    if (this.#takes('(')) {
      const value = this.#or(depth + 1)
      return this.#takes(')') ? value : this.#broken()
    }
    const left = this.#next()
    const isNegated = this.#takes('not')
    const operator = this.#next()
    const right = this.#next()
    if (left === undefined || operator === undefined || right === undefined) return this.#broken()
    const value = this.#compare(left, operator.value, right)
    return isNegated && value !== 'open' ? !value : value !== false
  }

  #compare(left: Token, operator: string, right: Token): boolean | 'open' {
    const [variable, text] = left.kind === 'word' ? [left.value, right.value] : [right.value, left.value]
    const name = text.toLowerCase()
    if (variable === 'extras' || variable === 'extra') {
      const isAsked = this.#asked.extras === 'all'
      return operator === '!=' ? !isAsked : isAsked
    }
    if (variable === 'dependency_groups') {
      const { groups } = this.#asked
      return groups === 'all' || groups.has(name)
    }
    return 'open'
  }

  #takes(value: string): boolean {
    const token = this.#tokens[this.#at]
    if (token === undefined || token.kind === 'text' || token.value !== value) return false
    this.#at += 1
    return true
  }

  #next(): Token | undefined {
    const token = this.#tokens[this.#at]
    this.#at += 1
    return token
  }

  #broken(): true {
    this.#isBroken = true
    return true
  }
}
