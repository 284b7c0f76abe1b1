/** Judge: the errors that the library itself collects, of which the first is to be told. */
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { UnreadableText } from '../../../../src/lib/lint/readers/parse/text-position.ts'
import { parseYaml } from '../../../../src/lib/lint/readers/parse/yaml.ts'

function refusal(text: string): UnreadableText {
  try {
    parseYaml(text)
  } catch (error) {
    if (error instanceof UnreadableText) return error
    throw error
  }
  throw new Error('it was taken')
}

describe('YAML with errors', () => {
  it.each([
    'a: [1, 2\nb: 3\n',
    'a: b: c\n',
    'a: "b\n',
    'x:\n  - a\n y: 1\n',
    'a: 1\n---\nb: }\n',
    '%X\n---\na: b: c\n',
  ])('is refused with the first of them, at its place: %j', (text) => {
    const documents = parseAllDocuments(text, { prettyErrors: false })
    const [first] = [...documents].flatMap(({ errors }) => errors)
    const { message, line } = refusal(text)
    expect(message).toBe(`it is not YAML: ${first?.message}`)
    expect(line).toBe(text.slice(0, first?.pos[0]).split('\n').length)
  })

  it.each(['}', '"', '[a]', '[a]\n'])('is refused at once where a million of %j follow', (piece) => {
    const started = process.cpuUsage()
    refusal(`x:\n  y: ${piece.repeat(1_000_000 / piece.length)}`)
    const { user, system } = process.cpuUsage(started)
    expect((user + system) / 1000).toBeLessThan(4_000)
  })

  it('with warnings only is read', () => {
    expect(parseYaml('%X\n---\na: 1\n')).toEqual([{ a: 1 }])
  })
})
