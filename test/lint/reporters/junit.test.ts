import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { renderReport } from '../../../src/lib/lint/reporters/index.ts'
import { finding, HOSTILE, reportInput, reportOf } from '../../support/lint-findings.ts'

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

/** Parses with a strict parser that throws on what is not well-formed. */
function parsed(xml: string): Element {
  const parser = new SaxesParser()
  const open: Element[] = [{ name: '', attributes: {}, children: [], text: '' }]
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = {
      name,
      attributes: attributes as Record<string, string>,
      children: [],
      text: '',
    }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => void open.pop())
  parser.on('text', (text) => {
    const top = open.at(-1)
    if (top !== undefined) top.text += text
  })
  parser.write(xml).close()
  return open[0]?.children[0] as Element
}

async function junit(
  findings: Parameters<typeof reportOf>[0],
  changes: Parameters<typeof reportOf>[1] = {},
): Promise<Element> {
  return parsed(await renderReport('junit', reportInput(reportOf(findings, changes))))
}

describe('a JUnit report', () => {
  it('has a suite for each file and a failed case for each rule that objects', async () => {
    const root = await junit([finding(), finding({ line: 8 }), finding({ path: 'b.spdx', rule: 'SB0007' })], {
      verdicts: [
        { rule: 'SB0001', path: 'sbom.cdx.json', verdict: 'pass' },
        { rule: 'SB0004', path: 'sbom.cdx.json', verdict: 'fail' },
        { rule: 'SB0024', path: 'sbom.cdx.json', verdict: 'inconclusive', reason: 'no graph' },
      ],
    })
    expect(root.name).toBe('testsuites')
    expect(root.attributes).toMatchObject({ tests: '4', failures: '2', errors: '0' })
    const [b, a] = root.children
    expect(b?.attributes).toMatchObject({ name: 'b.spdx', tests: '1', failures: '1', skipped: '0' })
    expect(a?.attributes).toMatchObject({ name: 'sbom.cdx.json', tests: '3', failures: '1', skipped: '1' })
    expect(a?.children.map(({ attributes, children }) => [attributes.name, children[0]?.name])).toEqual([
      ['SB0001', undefined],
      ['SB0004', 'failure'],
      ['SB0024', 'skipped'],
    ])
    expect(a?.children[1]?.children[0]?.text).toBe(
      'sbom.cdx.json:3: Something refers to nothing.\nsbom.cdx.json:8: Something refers to nothing.',
    )
  })

  it('does not fail for what is suppressed', async () => {
    const root = await junit([finding({ suppression: { kind: 'config', reason: 'accepted' } })])
    expect(root.attributes).toMatchObject({ tests: '1', failures: '0' })
  })

  it('counts what was not looked at as an error', async () => {
    const root = await junit([], { unfinished: [{ path: 'private', message: 'no' }] })
    expect(root.attributes).toMatchObject({ tests: '1', errors: '1' })
    expect(root.children[0]?.children[0]?.children[0]?.name).toBe('error')
  })

  it.each(HOSTILE)('stays well-formed and one attribute whatever a document says: %j', async (text) => {
    const root = await junit([finding({ message: text, path: text, entity: text })])
    expect(root.children).toHaveLength(1)
    const printable = text.toWellFormed().replace(/[^\P{Cc}\t\n\r]|\ufffe/gu, '\ufffd')
    expect(root.children[0]?.attributes.name).toBe(printable)
  })

  it('bears no time, so that the same findings give the same bytes', async () => {
    const render = async () => await renderReport('junit', reportInput(reportOf([finding()])))
    expect(await render()).toBe(await render())
    expect(await render()).not.toMatch(/time/)
  })
})
