/** Puts a bill of materials together from what a document holds, and notes what does not fit. */
import { AivError } from '../../../core/index.ts'
import type {
  Bom,
  BomDocument,
  Completeness,
  Component,
  Dependencies,
  ExtractedLicense,
} from '../../bom/index.ts'
import { formatPurl, parsePurl } from '../../purl/index.ts'
import type { DefectKind, DocumentDefect } from '../document.ts'

/** More than any real document has; one that has more is an attack on memory. */
const MAX_COMPONENTS = 500_000
const MAX_EDGES = 5_000_000
/** A report longer than this helps nobody. */
const MAX_DEFECTS = 10_000

/** Where something stands: a JSON pointer, or a line of tag-value. */
export interface Place {
  readonly pointer?: string | undefined
  readonly line?: number | undefined
}

/** Where the element at a JSON pointer stands: in tag-value its line, in JSON the pointer itself. */
export type Locate = (pointer: string) => Place

interface Entry {
  readonly component: Component
  /** How the document itself names it. */
  readonly id: string
  readonly isTyped: boolean
  readonly place: Place
}

export class Assembler {
  readonly defects: DocumentDefect[] = []
  readonly #entries = new Map<string, Entry>()
  readonly #others = new Set<string>()
  readonly #edges: (readonly [from: string, to: string])[] = []
  readonly #completeness = new Map<string, Completeness>()
  /** For components that nothing is said of; for those alone that have dependencies when it is `unknown`. */
  defaultCompleteness: Completeness = 'unknown'

  defect(kind: DefectKind, message: string, { pointer, line }: Place): void {
    if (this.defects.length >= MAX_DEFECTS) return
    this.defects.push({
      kind,
      message,
      ...(pointer === undefined ? {} : { pointer }),
      ...(line === undefined ? {} : { line }),
    })
  }

  /**
   * @param id how the document names it; the component's own `ref` is empty where the document gives none
   * @returns false when there is another one of that name already; this one is left out
   */
  add(id: string, component: Component, isTyped: boolean, place: Place): boolean {
    if (this.has(id)) {
      this.defect('duplicate-identifier', `there are several elements called ${id}`, place)
      return false
    }
    if (this.#entries.size >= MAX_COMPONENTS)
      throw new AivError('E_TOO_LARGE', `the document has more than ${MAX_COMPONENTS} components`)
    this.#entries.set(id, { id, component, isTyped, place })
    return true
  }

  /** Something that references may name, but that is no component: a file, a service. */
  addOther(id: string, place: Place): void {
    if (this.has(id)) this.defect('duplicate-identifier', `there are several elements called ${id}`, place)
    this.#others.add(id)
  }

  has(id: string): boolean {
    return this.#entries.has(id) || this.#others.has(id)
  }

  isComponent(id: string): boolean {
    return this.#entries.has(id)
  }

  /** Notes a reference to something that is not there. @returns whether it is there */
  refer(id: string, place: Place): boolean {
    const isThere = this.has(id)
    if (!isThere) this.defect('dangling-reference', `there is no ${id} in the document`, place)
    return isThere
  }

  /** Both are components that were added. */
  depend(from: string, to: string): void {
    if (this.#edges.length >= MAX_EDGES)
      throw new AivError('E_TOO_LARGE', `the document has more than ${MAX_EDGES} dependencies`)
    this.#edges.push([from, to])
  }

  complete(id: string, completeness: Completeness): void {
    this.#completeness.set(id, completeness)
  }

  /** @returns the canonical text; undefined, with a defect, where it is no package URL */
  purl(text: string, place: Place): string | undefined {
    try {
      return formatPurl(parsePurl(text))
    } catch {
      this.defect('bad-purl', `${text} is no package URL`, place)
      return undefined
    }
  }

  /** To be called once, after everything was added. */
  build(parts: {
    readonly document: BomDocument
    readonly extractedLicenses: readonly ExtractedLicense[]
    readonly primary: string | undefined
  }): { readonly bom: Bom; readonly typed: ReadonlySet<string> } {
    const refs = this.#refs()
    const on = this.#dependencies(refs)
    const dependencies = new Map<string, Dependencies>()
    for (const [id, ref] of refs) {
      const needs = on.get(ref)
      const said = this.#completeness.get(id) ?? this.defaultCompleteness
      if (needs === undefined && said === 'unknown') continue
      dependencies.set(ref, { on: [...(needs ?? [])].sort(), completeness: said })
    }
    const entries = [...this.#entries.values()]
    const bom: Bom = {
      document: parts.document,
      ...(parts.primary === undefined ? {} : { primary: refs.get(parts.primary) }),
      components: entries
        .map(({ id, component }) => ({ ...component, ref: refs.get(id) as string }))
        .sort((a, b) => (a.ref < b.ref ? -1 : 1)),
      dependencies: new Map([...dependencies].sort(([a], [b]) => (a < b ? -1 : 1))),
      extractedLicenses: parts.extractedLicenses,
    }
    const typed = entries.filter(({ isTyped }) => isTyped).map(({ id }) => refs.get(id) as string)
    return { bom, typed: new Set(typed) }
  }

  /** The one that the document gives, else the package URL where only one component has it, else the identifier. */
  #refs(): ReadonlyMap<string, string> {
    const byPurl = new Map<string, number>()
    for (const { component, place } of this.#entries.values()) {
      if (component.purl === undefined) continue
      const count = (byPurl.get(component.purl) ?? 0) + 1
      byPurl.set(component.purl, count)
      if (count > 1)
        this.defect('duplicate-component', `there are several components with ${component.purl}`, place)
    }
    const taken = new Set<string>()
    const refs = new Map<string, string>()
    for (const { id, component } of this.#entries.values()) {
      const own = component.ref === '' ? undefined : component.ref
      const purl = byPurl.get(component.purl ?? '') === 1 ? component.purl : undefined
      let ref = own ?? purl ?? id
      for (let n = 2; taken.has(ref) || ref === ''; n += 1) ref = `${id}#${n}`
      taken.add(ref)
      refs.set(id, ref)
    }
    return refs
  }

  #dependencies(refs: ReadonlyMap<string, string>): Map<string, Set<string>> {
    const on = new Map<string, Set<string>>()
    for (const [from, to] of this.#edges) {
      const [a, b] = [refs.get(from), refs.get(to)]
      if (a === undefined || b === undefined || a === b) continue
      const known = on.get(a)
      if (known === undefined) on.set(a, new Set([b]))
      else known.add(b)
    }
    return on
  }
}
