/** SPDX license expressions (SPDX 2.3 annex D, SPDX 3.0 annex on license expressions). */
import { AivError } from '../../core/index.ts'
import { listedException, listedLicense } from './listed.ts'

export interface SimpleLicense {
  readonly kind: 'license'
  /** As the list spells it, or `[DocumentRef-…:]LicenseRef-…` as it was written. */
  readonly id: string
  /** A `+` follows: this version of the license or a later one. */
  readonly orLater: boolean
  /** What follows `WITH`. */
  readonly exception?: string | undefined
}

export interface CompoundLicense {
  readonly kind: 'and' | 'or'
  /** Two and more; none of them is of the same kind. */
  readonly operands: readonly LicenseExpression[]
}

export type LicenseExpression = SimpleLicense | CompoundLicense

/** Linux distributions have expressions of some hundred licenses. */
const MAX_LENGTH = 16_384
const MAX_DEPTH = 64

const TOKEN = / *(?:([()])|([A-Za-z0-9.:-]+)(\+?))/y
const REFERENCE = /^(?:DocumentRef-([A-Za-z0-9.-]+):)?(LicenseRef|AdditionRef)-([A-Za-z0-9.-]+)$/i
const OPERATOR = /^(?:AND|OR|WITH)$/i

interface Token {
  readonly text: string
  readonly plus: boolean
  readonly offset: number
}

/**
 * @throws AivError `E_MALFORMED`, which says at which character and why; an identifier that is not listed is an error
 */
export function parseExpression(text: string): LicenseExpression {
  if (text.length > MAX_LENGTH) throw malformed('it is too long', 0)
  const reader = new TokenReader(tokensOf(text), text.length)
  const expression = parseOr(reader, 0)
  const rest = reader.peek()
  if (rest !== undefined) throw malformed(`${rest.text} is one too many`, rest.offset)
  return expression
}

/** The expression; undefined where {@link parseExpression} throws. */
export function expressionOf(text: string): LicenseExpression | undefined {
  try {
    return parseExpression(text)
  } catch (error) {
    if (error instanceof AivError) return undefined
    throw error
  }
}

/** The text in one spelling: operators in capitals, parentheses only where they are needed. */
export function formatExpression(expression: LicenseExpression): string {
  if (expression.kind === 'license') {
    const { id, orLater, exception } = expression
    return `${id}${orLater ? '+' : ''}${exception === undefined ? '' : ` WITH ${exception}`}`
  }
  const { kind, operands } = expression
  return operands
    .map((operand) => {
      const text = formatExpression(operand)
      return kind === 'and' && operand.kind === 'or' ? `(${text})` : text
    })
    .join(kind === 'and' ? ' AND ' : ' OR ')
}

/** The same for all texts that differ only in order, spelling and parentheses; a text that is no expression stays. */
export function canonicalLicense(text: string): string {
  const expression = expressionOf(text)
  return expression === undefined ? text : formatExpression(sorted(expression))
}

function sorted(expression: LicenseExpression): LicenseExpression {
  if (expression.kind === 'license') return expression
  const operands = new Map(
    expression.operands.map(sorted).map((operand) => [formatExpression(operand), operand]),
  )
  const [only] = operands.values()
  if (operands.size === 1 && only !== undefined) return only
  const order = [...operands].sort(([a], [b]) => (a < b ? -1 : 1))
  return { kind: expression.kind, operands: order.map(([, operand]) => operand) }
}

/** Every license of the expression, from left to right; one that stands there twice comes twice. */
export function simpleLicenses(expression: LicenseExpression): readonly SimpleLicense[] {
  return expression.kind === 'license' ? [expression] : expression.operands.flatMap(simpleLicenses)
}

function parseOr(reader: TokenReader, depth: number): LicenseExpression {
  return parseSeries(reader, 'or', () => parseSeries(reader, 'and', () => parseTerm(reader, depth)))
}

function parseSeries(
  reader: TokenReader,
  kind: 'and' | 'or',
  parseOperand: () => LicenseExpression,
): LicenseExpression {
  const operands = [parseOperand()]
  while (reader.accept(kind)) operands.push(parseOperand())
  const [only] = operands
  if (operands.length === 1 && only !== undefined) return only
  // A AND (B AND C) says what A AND B AND C says.
  return {
    kind,
    operands: operands.flatMap((operand) => (operand.kind === kind ? operand.operands : [operand])),
  }
}

function parseTerm(reader: TokenReader, depth: number): LicenseExpression {
  const token = reader.take('a license')
  if (token.text === '(') {
    if (depth >= MAX_DEPTH) throw malformed('it is nested too deep', token.offset)
    const inner = parseOr(reader, depth + 1)
    const close = reader.take('a closing parenthesis')
    if (close.text !== ')') throw malformed('a closing parenthesis is missing', close.offset)
    return inner
  }
  const id = licenseOf(token)
  const exception = reader.accept('with') ? exceptionOf(reader.take('an exception')) : undefined
  return { kind: 'license', id, orLater: token.plus, exception }
}

function licenseOf({ text, plus, offset }: Token): string {
  const id = referenceOf(text, 'LicenseRef') ?? listedLicense(text)
  if (id !== undefined && plus && listedLicense(id) === undefined)
    throw malformed(`${text} has no versions`, offset)
  if (id !== undefined) return id
  throw malformed(
    text === ')' || OPERATOR.test(text)
      ? `a license is missing before ${text}`
      : `${text} is not in the SPDX License List`,
    offset,
  )
}

function exceptionOf({ text, plus, offset }: Token): string {
  const id = referenceOf(text, 'AdditionRef') ?? listedException(text)
  if (id === undefined || plus) throw malformed(`${text} is no exception that SPDX lists`, offset)
  return id
}

/** The prefixes have one spelling, what follows them is the author's. */
function referenceOf(text: string, kind: 'LicenseRef' | 'AdditionRef'): string | undefined {
  const [, document, prefix, name] = REFERENCE.exec(text) ?? []
  if (prefix?.toLowerCase() !== kind.toLowerCase()) return undefined
  return `${document === undefined ? '' : `DocumentRef-${document}:`}${kind}-${name}`
}

class TokenReader {
  readonly #tokens: readonly Token[]
  readonly #end: number
  #next = 0

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens
    this.#end = end
  }

  peek(): Token | undefined {
    return this.#tokens[this.#next]
  }

  accept(operator: string): boolean {
    const token = this.peek()
    if (token?.text.toLowerCase() !== operator || token.plus) return false
    this.#next += 1
    return true
  }

  take(what: string): Token {
    const token = this.peek()
    if (token === undefined) throw malformed(`${what} is missing at the end`, this.#end)
    this.#next += 1
    return token
  }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let end = text.length
  while (text[end - 1] === ' ') end -= 1
  for (let at = 0; at < end; ) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (match === null) {
      while (text[at] === ' ') at += 1
      throw malformed(`${JSON.stringify(text[at])} has no place in it`, at)
    }
    const [whole, bracket, word = '', plus] = match
    tokens.push({ text: bracket ?? word, plus: plus === '+', offset: at + whole.search(/[^ ]/) })
    at += whole.length
  }
  return tokens
}

function malformed(reason: string, offset: number): AivError {
  return new AivError(
    'E_MALFORMED',
    `this is no SPDX license expression: ${reason} (character ${offset + 1})`,
  )
}
