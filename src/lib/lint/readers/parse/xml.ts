/** XML 1.0 as a tree, bounded, without external or own entities, with the place of what is wrong. */
import { createRequire } from 'node:module'
import { MAX_DEPTH } from './json.ts'
import { UnreadableText } from './text-position.ts'

/** Loaded when it is first needed: start-up time is a feature. */
const load = createRequire(import.meta.url)

/** Both are above what the largest real manifests have by ten times. */
const MAX_ELEMENTS = 1_000_000
const MAX_BYTES = 32 * 1024 * 1024

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** What stands directly in it, without comments and without blanks at both ends. */
  readonly text: string
  /** 1 and up. */
  readonly line: number
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[]
  text: string
}

/**
 * @returns the outermost element
 * @throws UnreadableText
 */
export function parseXml(bytes: Uint8Array): XmlElement {
  if (bytes.length > MAX_BYTES)
    throw new UnreadableText(`it has more than ${MAX_BYTES} bytes`, { line: 1, column: 1 })
  const { SaxesParser } = load('saxes') as typeof import('saxes')
  const parser = new SaxesParser()
  const fail = (message: string) =>
    new UnreadableText(message, { line: parser.line, column: parser.columnIndex + 1 })
  const open: OpenElement[] = []
  let root: XmlElement | undefined
  let elements = 0
  parser.on('error', (error) => {
    const words = error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')
    // Maven knows the entities of HTML; where one stands in a description, the rest is still good.
    if (words !== 'undefined entity') throw fail(`it is not XML: ${words}`)
  })
  parser.on('opentag', (tag) => {
    elements += 1
    if (open.length >= MAX_DEPTH) throw fail(`it is nested more than ${MAX_DEPTH} deep`)
    if (elements > MAX_ELEMENTS) throw fail(`it has more than ${MAX_ELEMENTS} elements`)
    const element: OpenElement = {
      name: localName(tag.name),
      attributes: new Map(Object.entries(tag.attributes).map(([name, value]) => [name, String(value)])),
      children: [],
      text: '',
      line: parser.line,
    }
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
  })
  const addText = (text: string) => {
    const element = open.at(-1)
    if (element !== undefined) element.text += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const element = open.pop()
    if (element !== undefined) element.text = element.text.trim()
  })
  parser.write(decode(bytes)).close()
  if (root === undefined) throw fail('it is not XML: it has no element')
  return root
}

export function childrenNamed(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? []
}

/** The first child of each name in turn. */
export function childAt(
  element: XmlElement | undefined,
  ...names: readonly string[]
): XmlElement | undefined {
  return names.reduce<XmlElement | undefined>((at, name) => childrenNamed(at, name)[0], element)
}

/** The text of {@link childAt}; undefined when it is empty. */
export function childText(element: XmlElement | undefined, ...names: readonly string[]): string | undefined {
  return childAt(element, ...names)?.text || undefined
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

/** The encoding that the mark or the first line names; UTF-8 else (XML 1.0 appendix F). */
function decode(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  const declared = /^<\?xml[^>]{0,100}encoding=["']([\w.:-]{1,40})["']/.exec(start)?.[1]
  const label =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : markedBigEndian(bytes) ? 'utf-16be' : declared
  try {
    return new TextDecoder(label ?? 'utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UnreadableText(`it is not ${label ?? 'UTF-8'}, or that encoding is not known`, {
      line: 1,
      column: 1,
    })
  }
}

function markedBigEndian(bytes: Uint8Array): boolean {
  return bytes[0] === 0xfe && bytes[1] === 0xff
}
