/**
 * The YAML that package managers write: block mappings with one scalar, flow collection or list of scalars a line.
 * It takes a tenth of the time of the full parser, which reads everything else.
 */
import { MAX_DEPTH } from './json.ts'
import { parseYaml } from './yaml.ts'

/** A mapping, or the null that YAML gives a key without a value. */
type Mapping = Record<string, unknown>

/**
 * @returns one value a document. Scalars stay texts, but for `true`, `false` and null: numbers in lockfiles are
 * versions, and digests may look like numbers
 * @throws UnreadableText
 */
export function parseLockYaml(text: string): readonly unknown[] {
  try {
    return new PlainYaml(text).documents()
  } catch (error) {
    if (error instanceof NotPlain) return parseYaml(text)
    throw error
  }
}

class NotPlain extends Error {}

interface Frame {
  readonly indent: number
  readonly mapping: Mapping
  /** Key that a deeper mapping or list may follow. */
  pending?: string | undefined
}

class PlainYaml {
  readonly #text: string
  readonly #documents: unknown[] = []
  #frames: Frame[] = []
  /** The list that is being read, with the indent of its dashes. */
  #list: { readonly indent: number; readonly items: unknown[] } | undefined

  constructor(text: string) {
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text
  }

  documents(): readonly unknown[] {
    const text = this.#text
    this.#begin()
    for (let at = 0; at < text.length; ) {
      const end = text.indexOf('\n', at)
      const stop = end === -1 ? text.length : end
      this.#line(text.slice(at, text.charCodeAt(stop - 1) === 0x0d && stop > at ? stop - 1 : stop))
      at = stop + 1
    }
    this.#end()
    return this.#documents
  }

  #begin(): void {
    this.#frames = [{ indent: 0, mapping: mapping() }]
    this.#list = undefined
  }

  #end(): void {
    const [root] = this.#frames
    if (root !== undefined && Object.keys(root.mapping).length > 0) this.#documents.push(root.mapping)
  }

  #line(line: string): void {
    let indent = 0
    while (line.charCodeAt(indent) === 0x20) indent += 1
    const first = line.charCodeAt(indent)
    if (Number.isNaN(first) || first === 0x23) return
    if (first === 0x09) throw new NotPlain()
    if (indent === 0 && (line.startsWith('---') || line.startsWith('...') || line.startsWith('%'))) {
      if (line !== '---') throw new NotPlain()
      this.#end()
      this.#begin()
    } else if (first === 0x2d && line.charCodeAt(indent + 1) === 0x20) this.#item(line, indent)
    else this.#pair(line, indent)
  }

  #item(line: string, indent: number): void {
    const frame = this.#frames.at(-1)
    if (this.#list === undefined) {
      if (frame?.pending === undefined || indent < frame.indent) throw new NotPlain()
      this.#list = { indent, items: [] }
      frame.mapping[frame.pending] = this.#list.items
      frame.pending = undefined
    } else if (indent !== this.#list.indent) throw new NotPlain()
    const value = line.slice(indent + 2).trim()
    // An entry that is itself a mapping or a list.
    if (/^[-?] |: |:$/.test(value) && !/^['"]/.test(value)) throw new NotPlain()
    this.#list.items.push(scalarOrFlow(value))
  }

  #pair(line: string, indent: number): void {
    const frame = this.#frameAt(indent)
    const [key, after] = keyOf(line, indent)
    const value = line.slice(after).trim()
    if (value === '' || value.startsWith('#')) {
      frame.mapping[key] = null
      frame.pending = key
    } else {
      frame.mapping[key] = scalarOrFlow(value)
      frame.pending = undefined
    }
  }

  #frameAt(indent: number): Frame {
    this.#list = undefined
    let frame = this.#frames.at(-1) as Frame
    if (indent > frame.indent) {
      // A deeper line after a value continues that value.
      if (frame.pending === undefined || this.#frames.length >= MAX_DEPTH) throw new NotPlain()
      const inner = { indent, mapping: mapping() }
      frame.mapping[frame.pending] = inner.mapping
      frame.pending = undefined
      this.#frames.push(inner)
      return inner
    }
    while (indent < frame.indent) {
      this.#frames.pop()
      frame = this.#frames.at(-1) as Frame
    }
    if (indent !== frame.indent) throw new NotPlain()
    return frame
  }
}

/** Without a prototype, so that a key such as `__proto__` is one like any other. */
function mapping(): Mapping {
  return Object.create(null) as Mapping
}

/** @returns the key, and where what follows its colon begins */
function keyOf(line: string, start: number): readonly [string, number] {
  const quote = line[start]
  if (quote === "'" || quote === '"') {
    const end = quotedEnd(line, start)
    if (line[end] !== ':' || !(line.length === end + 1 || line[end + 1] === ' ')) throw new NotPlain()
    return [unquote(line.slice(start, end)), end + 1]
  }
  if (/[[\]{}&*!|>%@`?,]/.test(quote ?? '')) throw new NotPlain()
  let colon = line.indexOf(':', start)
  while (colon !== -1 && colon + 1 < line.length && line[colon + 1] !== ' ')
    colon = line.indexOf(':', colon + 1)
  if (colon === -1) throw new NotPlain()
  const key = line.slice(start, colon)
  if (key !== key.trimEnd() || key.includes(' #') || key === '') throw new NotPlain()
  return [key, colon + 1]
}

/** Where the text after the closing quote begins. */
function quotedEnd(line: string, start: number): number {
  const quote = line[start] ?? ''
  for (let i = start + 1; i < line.length; i += 1) {
    if (quote === '"' && line[i] === '\\') i += 1
    else if (line[i] === quote) {
      if (quote === "'" && line[i + 1] === "'") i += 1
      else return i + 1
    }
  }
  throw new NotPlain()
}

function unquote(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'")
  if (!text.includes('\\')) return text.slice(1, -1)
  // The escapes that JSON has mean the same in YAML; the others are for the full parser.
  try {
    return JSON.parse(text) as string
  } catch {
    throw new NotPlain()
  }
}

function scalarOrFlow(text: string): unknown {
  const flow = new FlowText(text)
  const value = flow.value(0, false)
  flow.end()
  return value
}

/** One value on one line. */
class FlowText {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Only a comment may follow. */
  end(): void {
    const rest = this.#text.slice(this.#at)
    if (rest.trim() !== '' && !/^ +#/.test(rest)) throw new NotPlain()
  }

  value(depth: number, inFlow: boolean): unknown {
    if (depth > MAX_DEPTH) throw new NotPlain()
    const first = this.#text[this.#at] ?? ''
    if (first === '{') return this.#flowMapping(depth + 1)
    if (first === '[') return this.#flowList(depth + 1)
    if (first === "'" || first === '"') {
      const end = quotedEnd(this.#text, this.#at)
      const text = unquote(this.#text.slice(this.#at, end))
      this.#at = end
      return text
    }
    return plainValue(this.#plain(inFlow))
  }

  #flowMapping(depth: number): Mapping {
    const result = mapping()
    this.#at += 1
    for (;;) {
      this.#spaces()
      if (this.#take('}')) return result
      const key = this.value(depth, true)
      this.#spaces()
      if (typeof key !== 'string' || !this.#take(':')) throw new NotPlain()
      this.#spaces()
      result[key] = this.value(depth, true)
      this.#spaces()
      if (!this.#take(',') && this.#text[this.#at] !== '}') throw new NotPlain()
    }
  }

  #flowList(depth: number): unknown[] {
    const result: unknown[] = []
    this.#at += 1
    for (;;) {
      this.#spaces()
      if (this.#take(']')) return result
      result.push(this.value(depth, true))
      this.#spaces()
      if (!this.#take(',') && this.#text[this.#at] !== ']') throw new NotPlain()
    }
  }

  #plain(inFlow: boolean): string {
    const text = this.#text
    const start = this.#at
    if (/[[\]{}&*!|>%@`#,"']|^$/.test(text[start] ?? '')) throw new NotPlain()
    if (/^[-?:](?: |$)/.test(text.slice(start, start + 2))) throw new NotPlain()
    for (; this.#at < text.length; this.#at += 1) {
      const character = text[this.#at] ?? ''
      if (inFlow && ',[]{}'.includes(character)) break
      if (character === ':' && ' ,[]{}'.includes(text[this.#at + 1] ?? ' ')) {
        if (inFlow) break
        // In a block it would be another key.
        if ((text[this.#at + 1] ?? ' ') === ' ') throw new NotPlain()
      }
      if (character === ' ' && text[this.#at + 1] === '#') break
    }
    return text.slice(start, this.#at).trimEnd()
  }

  #spaces(): void {
    while (this.#text[this.#at] === ' ') this.#at += 1
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }
}

/** The core schema of YAML 1.2 (§10.3.2), without numbers. */
function plainValue(text: string): unknown {
  if (/^(?:null|Null|NULL|~)$/.test(text)) return null
  if (/^(?:true|True|TRUE)$/.test(text)) return true
  return /^(?:false|False|FALSE)$/.test(text) ? false : text
}
