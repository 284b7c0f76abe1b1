import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MAX_DEPTH, parseJson, parseJsonWithComments } from '../../../../src/lib/lint/readers/parse/json.ts'

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

it('reads what JSON.stringify writes, whatever the strings hold', () => {
  const tricky = fc.stringMatching(/^[[\]{}"\\ a]{0,12}$/)
  fc.assert(
    fc.property(fc.array(fc.dictionary(tricky, fc.oneof(tricky, fc.array(tricky)))), (value) => {
      const text = JSON.stringify(value)
      expect(parseJson(text)).toEqual(JSON.parse(text))
    }),
  )
})

it('counts brackets outside strings only', () => {
  const inside = JSON.stringify({ [`\\"${'['.repeat(1000)}`]: `${'{'.repeat(1000)}\\` })
  expect(parseJson(inside)).toEqual(JSON.parse(inside))
  expect(parseJson(nested(MAX_DEPTH))).toBeDefined()
  expect(() => parseJson(nested(MAX_DEPTH + 1))).toThrow('nested more than')
  expect(() => parseJson(`{"a\\\\":${nested(MAX_DEPTH)}}`)).toThrow('nested more than')
  expect(() => parseJsonWithComments(nested(100_000))).toThrow('nested more than')
})

it.each([
  ['{"a": 1,}', 1, 9],
  ['{\n  "a": tru\n}', 2, 8],
  ['{"a": "x', 1, 7],
  ['', 1, 1],
])('names the place where %j stops to be JSON', (text, line, column) => {
  expect(() => parseJson(text)).toThrow(expect.objectContaining({ line, column }))
})

it('ends nesting that a string or a comment hides from the count', () => {
  const deep = '['.repeat(100_000)
  expect(() => parseJson(`{"a": "\n", "b": "${deep}`)).toThrow(expect.objectContaining({ line: 1 }))
  expect(() => parseJsonWithComments(`// "\n${deep}`)).toThrow('nested more than')
})
