/** Finds the lines of a document that a finding is about. Nothing is scanned before somebody asks. */
import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser'
import type { Place } from '../../findings/index.ts'

export type PlaceInFile = Omit<Place, 'path'>

/** Fields by which a document names its components, with their text. Linear: no part can match in two ways. */
const NAMING_FIELD =
  /"(?:bom-ref|SPDXID|spdxId|purl|referenceLocator|software_packageUrl|identifier|name|documentNamespace|serialNumber)"\s*:\s*("(?:[^"\\]|\\.)*")/g

/** Tag-value lines that name something. */
const NAMING_TAG = /^(?:(?:SPDXID|PackageName|DocumentNamespace|DocumentName):|ExternalRef: \S+ \S+) *(.*)$/gm

export class DocumentPlaces {
  readonly #text: string
  readonly #isJson: boolean
  #lineStarts: readonly number[] | undefined
  #named: ReadonlyMap<string, readonly [start: number, end: number]> | undefined
  #tree: Node | undefined

  constructor(text: string, isJson: boolean) {
    this.#text = text
    this.#isJson = isJson
  }

  /** Where the first of these names stands; undefined when none does. */
  ofName(...names: readonly (string | undefined)[]): PlaceInFile {
    this.#named ??= this.#isJson ? namesInJson(this.#text) : namesInTags(this.#text)
    for (const name of names) {
      const span = name === undefined ? undefined : this.#named.get(name)
      if (span !== undefined) return this.#place(...span)
    }
    return {}
  }

  /** Where the value at a JSON pointer (RFC 6901) stands, or the nearest one around it that is there. */
  ofPointer(pointer: string | undefined): PlaceInFile {
    if (pointer === undefined || !this.#isJson) return {}
    this.#tree ??= parseTree(this.#text)
    if (this.#tree === undefined) return {}
    const path = pointer.split('/').slice(1).map(unescaped)
    for (let length = path.length; length >= 0; length -= 1) {
      const node = findNodeAtLocation(this.#tree, path.slice(0, length).map(segment))
      // A whole object or array is named by its first character, as its end is far away.
      if (node !== undefined)
        return this.#place(node.offset, node.offset + (node.children === undefined ? node.length : 1))
    }
    return {}
  }

  #place(start: number, end: number): PlaceInFile {
    this.#lineStarts ??= lineStarts(this.#text)
    const line = lastAtOrBefore(this.#lineStarts, start)
    const lineStart = this.#lineStarts[line] ?? 0
    const nextLine = this.#lineStarts[line + 1] ?? this.#text.length + 1
    const column = start - lineStart + 1
    return end < nextLine
      ? { line: line + 1, column, endColumn: end - lineStart + 1 }
      : { line: line + 1, column }
  }
}

function namesInJson(text: string): Map<string, readonly [number, number]> {
  const named = new Map<string, readonly [number, number]>()
  for (const match of text.matchAll(NAMING_FIELD)) {
    const [whole, quoted = '""'] = match
    const name = unquoted(quoted)
    const end = match.index + whole.length
    if (!named.has(name)) named.set(name, [end - quoted.length, end])
  }
  return named
}

function namesInTags(text: string): Map<string, readonly [number, number]> {
  const named = new Map<string, readonly [number, number]>()
  for (const match of text.matchAll(NAMING_TAG)) {
    const [whole, value = ''] = match
    const name = value.trimEnd()
    const start = match.index + whole.length - value.length
    if (!named.has(name)) named.set(name, [start, start + name.length])
  }
  return named
}

function unquoted(quoted: string): string {
  try {
    return String(JSON.parse(quoted))
  } catch {
    return quoted.slice(1, -1)
  }
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** The tree knows elements of arrays by number. */
function segment(part: string): string | number {
  return /^(?:0|[1-9]\d{0,8})$/.test(part) ? Number(part) : part
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function lastAtOrBefore(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((sorted[middle] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  return low
}
