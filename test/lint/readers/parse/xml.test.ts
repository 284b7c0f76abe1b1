import { describe, expect, it } from 'vitest'
import { childAt, childrenNamed, childText, parseXml } from '../../../../src/lib/lint/readers/parse/xml.ts'

const parse = (text: string) => parseXml(new TextEncoder().encode(text))

describe('XML', () => {
  it('becomes a tree with lines, texts and attributes', () => {
    const root = parse(
      '<m:a xmlns:m="x">\n  <b c="1&amp;2"> one <!-- no --> two<![CDATA[ <3> ]]></b>\n  <b/>\n</m:a>',
    )
    expect(root).toMatchObject({ name: 'a', line: 1 })
    expect(childrenNamed(root, 'b').map(({ line }) => line)).toEqual([2, 3])
    expect(childText(root, 'b')).toBe('one  two <3>')
    expect(childAt(root, 'b')?.attributes.get('c')).toBe('1&2')
    expect(childText(root, 'b', 'none')).toBeUndefined()
  })

  it('is decoded as its first line or its mark says', () => {
    const latin1 = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>caf\u00e9</a>', 'latin1')
    expect(parseXml(latin1).text).toBe('caf\u00e9')
    const utf16 = Buffer.from('\ufeff<a>\u20ac</a>', 'utf16le')
    expect(parseXml(utf16).text).toBe('\u20ac')
    expect(parseXml(utf16.swap16()).text).toBe('\u20ac')
    expect(() => parseXml(new Uint8Array([0x3c, 0x61, 0xff]))).toThrow(/not UTF-8/)
  })

  it('expands no entities of its own, however many there are', () => {
    const lols = Array.from({ length: 20 }, (_, i) => `<!ENTITY l${i + 1} "&l${i};&l${i};">`)
    const root = parse(`<!DOCTYPE a [<!ENTITY l0 "lol">${lols.join('')}]><a>&l20;</a>`)
    expect(root.text.length).toBeLessThan(20)
  })

  it.each([
    ['<a><b></a>', 1],
    ['<a>\n</a>\n<b/>', 3],
    ['', 1],
    ['<a b=1/>', 1],
  ])('%s is an error with its line', (text, line) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ line }))
  })

  it('is read 200 elements deep, and no deeper', () => {
    const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)
    expect(parse(nested(200)).name).toBe('a')
    expect(() => parse(nested(201))).toThrow(/more than 200 deep/)
  })

  it('has as little to do with names of the language as with any other', () => {
    const root = parse('<__proto__ __proto__="x" constructor="y"><toString/></__proto__>')
    expect(root.attributes.get('__proto__')).toBe('x')
    expect(childrenNamed(root, 'toString')).toHaveLength(1)
    expect(childText(root, 'valueOf')).toBeUndefined()
  })
})
