/** Collects what a reader finds: the same package at several places of a lockfile becomes one component. */
import { AivError } from '../../core/index.ts'
import type { Component, Hash, Occurrence, Scope } from '../bom/index.ts'
import type { ReadProblem, ReadProject } from './reader.ts'

/** More than any real lockfile has; a file that has more is an attack on memory. */
const MAX_COMPONENTS = 500_000
const MAX_EDGES = 5_000_000

/** Hashes and places that merging keeps of one component: a file that repeats one entry must not cost its square. */
const MAX_MERGED = 100

export class ProjectBuilder {
  readonly root: Component
  readonly problems: ReadProblem[] = []
  readonly #components = new Map<string, Component>()
  readonly #edges: [string, string][] = []
  readonly #incomplete = new Map<string, 'incomplete' | 'unknown'>()

  constructor(root: Component) {
    this.root = root
  }

  /**
   * Adds a component, or merges it into the one with the same `ref`: the strongest scope, all hashes and places stay,
   * and the first of all other fields.
   * @returns its ref
   * @throws AivError `E_TOO_LARGE`
   */
  add(component: Component): string {
    if (component.ref === this.root.ref) return component.ref
    const known = this.#components.get(component.ref)
    if (known === undefined && this.#components.size >= MAX_COMPONENTS)
      throw new AivError('E_TOO_LARGE', `there are more than ${MAX_COMPONENTS} components`)
    this.#components.set(component.ref, known === undefined ? component : mergeComponents(known, component))
    return component.ref
  }

  /** @returns undefined for the root, and for what was not added */
  get(ref: string): Component | undefined {
    return this.#components.get(ref)
  }

  has(ref: string): boolean {
    return ref === this.root.ref || this.#components.has(ref)
  }

  /** `from` needs `to` directly. Both have to be added before {@link build}, else the edge is left out. */
  depend(from: string, to: string): void {
    if (this.#edges.length >= MAX_EDGES)
      throw new AivError('E_TOO_LARGE', `there are more than ${MAX_EDGES} dependencies`)
    this.#edges.push([from, to])
  }

  /** The dependencies of `ref` are not known, or not all of them. */
  incomplete(ref: string, how: 'incomplete' | 'unknown'): void {
    this.#incomplete.set(ref, how)
  }

  warn(message: string, place: Occurrence): void {
    this.problems.push({ severity: 'warning', message, ...place })
  }

  build(): ReadProject {
    return {
      root: this.root,
      components: [...this.#components.values()],
      edges: this.#edges.filter(([from, to]) => from !== to && this.has(from) && this.has(to)),
      incomplete: this.#incomplete,
    }
  }
}

/** One component of two with the same `ref`. */
export function mergeComponents(first: Component, second: Component): Component {
  return {
    ...second,
    ...withoutUndefined(first),
    scope: strongerScope(first.scope, second.scope),
    hashes: union(first.hashes, second.hashes, ({ algorithm, value }: Hash) => `${algorithm}:${value}`),
    occurrences: union(first.occurrences, second.occurrences, ({ path, line }) => `${path}:${line ?? ''}`),
    properties:
      first.properties === undefined && second.properties === undefined
        ? undefined
        : { ...second.properties, ...first.properties },
  }
}

/** What is needed anywhere is needed. */
export function strongerScope(a: Scope, b: Scope): Scope {
  if (a === 'required' || b === 'required') return 'required'
  return a === 'optional' || b === 'optional' ? 'optional' : 'dev'
}

function withoutUndefined(component: Component): Component {
  return Object.fromEntries(
    Object.entries(component).filter(([, value]) => value !== undefined),
  ) as unknown as Component
}

function union<T>(
  a: readonly T[] | undefined,
  b: readonly T[] | undefined,
  key: (item: T) => string,
): readonly T[] | undefined {
  if (a === undefined || b === undefined) return a ?? b
  if (a.length >= MAX_MERGED) return a
  return [...new Map([...a, ...b].map((item) => [key(item), item])).values()]
}
