/** Reads the tag-value encoding of SPDX 2 (§5) into the shape of its JSON encoding, with the lines of its parts. */
import { AivError } from '../../../core/index.ts'
import type { DocumentDefect } from '../document.ts'
import { DOCUMENT_ID } from './model.ts'
import { type ElementKind, type Fields, isUnused, OPENING, PLAIN } from './tags.ts'

export interface TagValueDocument {
  /** As the JSON encoding would parse to. */
  readonly root: unknown
  /** Line, from 1, at which the element of a JSON pointer begins. */
  readonly lines: ReadonlyMap<string, number>
  readonly defects: readonly DocumentDefect[]
}

interface Tag {
  readonly name: string
  readonly value: string
  readonly line: number
}

const MAX_DEFECTS = 1000

export function parseTagValue(text: string): TagValueDocument {
  const defects: DocumentDefect[] = []
  const report = (defect: DocumentDefect): void => {
    if (defects.length < MAX_DEFECTS) defects.push(defect)
  }
  const reader = new ElementReader(report)
  for (const tag of tagsOf(text, report)) reader.take(tag)
  return { ...reader.finish(), defects }
}

/** @throws AivError `E_MALFORMED` when a text has no end */
function* tagsOf(text: string, report: (defect: DocumentDefect) => void): Generator<Tag> {
  let line = 0
  let at = 0
  while (at < text.length) {
    line += 1
    let end = text.indexOf('\n', at)
    if (end === -1) end = text.length
    const row = text.slice(at, end).replace(/\r$/, '')
    const colon = row.indexOf(':')
    const name = row.slice(0, Math.max(0, colon)).trim()
    const first = row.slice(colon + 1).trim()
    if (row.trim() === '' || row.startsWith('#')) {
      at = end + 1
    } else if (!/^[A-Za-z]{1,40}$/.test(name)) {
      report({ kind: 'bad-value', message: 'this line is neither a tag nor a comment', line })
      at = end + 1
    } else if (first.startsWith('<text>')) {
      const begin = text.indexOf('<text>', at) + '<text>'.length
      const close = text.indexOf('</text>', begin)
      if (close === -1) throw new AivError('E_MALFORMED', `line ${line}: the text of ${name} has no end`)
      const value = text.slice(begin, close)
      yield { name, value: unescapeText(value.replaceAll('\r\n', '\n')), line }
      line += countBreaks(value)
      const next = text.indexOf('\n', close)
      at = next === -1 ? text.length : next + 1
    } else {
      yield { name, value: first, line }
      at = end + 1
    }
  }
}

class ElementReader {
  readonly #root: Fields = { creationInfo: {} }
  readonly #lines = new Map<string, number>()
  readonly #annotations: Fields[] = []
  readonly #report: (defect: DocumentDefect) => void
  #kind: ElementKind = 'document'
  #element: Fields = this.#root
  #relationship: Fields | undefined
  #annotation: Fields | undefined

  constructor(report: (defect: DocumentDefect) => void) {
    this.#report = report
  }

  take({ name, value, line }: Tag): void {
    const opening = OPENING.get(name)
    const plain = PLAIN.get(name)
    if (opening !== undefined) this.#open(opening, value, line)
    else if (plain !== undefined) this.#set(plain, name, value, line)
    else if (!this.#takeListed(name, value, line) && !isUnused(name))
      this.#report({ kind: 'unknown-field', message: `there is no tag ${name}`, line })
  }

  finish(): Pick<TagValueDocument, 'root' | 'lines'> {
    const elements = new Map<unknown, Fields>([[DOCUMENT_ID, this.#root]])
    for (const { list } of OPENING.values())
      for (const item of listIn(this.#root, list) as Fields[]) elements.set(item.SPDXID, item)
    for (const { spdxRef, ...annotation } of this.#annotations) {
      const element = elements.get(spdxRef)
      if (element !== undefined) listIn(element, 'annotations').push(annotation)
    }
    return { root: this.#root, lines: this.#lines }
  }

  #open({ kind, list, key }: NonNullable<ReturnType<typeof OPENING.get>>, value: string, line: number): void {
    this.#kind = kind
    this.#element = { [key]: value }
    this.#push(list, this.#element, line)
  }

  #set([kind, key]: readonly [ElementKind, string], name: string, value: string, line: number): void {
    if (kind === 'document') this.#root[key] = value
    else if (kind === this.#kind) this.#element[key] = value
    else this.#report({ kind: 'bad-value', message: `${name} stands outside of any ${kind}`, line })
  }

  /** Tags that may repeat, and those whose values have parts. @returns whether it was one */
  #takeListed(name: string, value: string, line: number): boolean {
    const info = this.#root.creationInfo as Fields
    switch (name) {
      case 'SPDXID':
        this.#element.SPDXID = value
        return true
      case 'Creator':
        listIn(info, 'creators').push(value)
        return true
      case 'Created':
        info.created = value
        this.#lines.set('/creationInfo', line)
        return true
      case 'CreatorComment':
        info.comment = value
        return true
      case 'PackageChecksum': {
        const [algorithm, checksumValue] = partsOf(value, /:\s*/)
        listIn(this.#element, 'checksums').push({ algorithm, checksumValue })
        return true
      }
      case 'ExternalRef': {
        const [referenceCategory, referenceType, referenceLocator] = value.split(/\s+/, 3)
        listIn(this.#element, 'externalRefs').push({ referenceCategory, referenceType, referenceLocator })
        return true
      }
      default:
        return this.#takeRelated(name, value, line)
    }
  }

  #takeRelated(name: string, value: string, line: number): boolean {
    switch (name) {
      case 'Relationship': {
        const [spdxElementId, relationshipType, relatedSpdxElement] = value.split(/\s+/, 3)
        this.#relationship = { spdxElementId, relationshipType, relatedSpdxElement }
        this.#push('relationships', this.#relationship, line)
        return true
      }
      case 'RelationshipComment':
        if (this.#relationship !== undefined) this.#relationship.comment = value
        return true
      case 'Annotator':
        this.#annotation = { annotator: value, spdxRef: this.#element.SPDXID }
        this.#annotations.push(this.#annotation)
        return true
      default: {
        const key = ANNOTATION.get(name)
        if (key !== undefined && this.#annotation !== undefined) this.#annotation[key] = value
        return key !== undefined
      }
    }
  }

  #push(list: string, item: Fields, line: number): void {
    const items = listIn(this.#root, list)
    this.#lines.set(`/${list}/${items.length}`, line)
    items.push(item)
  }
}

const ANNOTATION: ReadonlyMap<string, string> = new Map([
  ['AnnotationDate', 'annotationDate'],
  ['AnnotationType', 'annotationType'],
  ['AnnotationComment', 'comment'],
  ['SPDXREF', 'spdxRef'],
])

/** The list of that name, made where it is not there. */
function listIn(fields: Fields, key: string): unknown[] {
  const known = fields[key]
  if (Array.isArray(known)) return known as unknown[]
  const made: unknown[] = []
  fields[key] = made
  return made
}

function partsOf(value: string, separator: RegExp): readonly [string, string] {
  const [first = '', ...rest] = value.split(separator)
  return [first, rest.join(':')]
}

function countBreaks(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

/** Undoes what our writer does to a text that holds the end mark. */
function unescapeText(text: string): string {
  return text.replaceAll('&lt;/text>', '</text>').replace(/&((?:amp;)*)amp;lt;\/text>/g, '&$1lt;/text>')
}
