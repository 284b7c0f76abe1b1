/** Who needs whom and how, for lockfiles whose packages do not say why they are there. */
import type { Scope } from '../../bom/index.ts'
import { type ProjectBuilder, strongerScope } from '../builder.ts'
import type { ReadProject } from '../reader.ts'
import { propagateScopes, type ScopedEdge } from '../scopes.ts'
import type { LockContext } from './lock-context.ts'

/** Warnings of needs that a lockfile does not hold; a torn file would give thousands. */
const MAX_MISSING = 20

export class NeedsGraph {
  readonly #builder: ProjectBuilder
  readonly #direct = new Map<string, Scope>()
  readonly #edges: ScopedEdge[] = []
  readonly #missing = new Set<string>()

  constructor(builder: ProjectBuilder) {
    this.#builder = builder
  }

  /** Edges so far, without those of the root. */
  get edges(): readonly ScopedEdge[] {
    return this.#edges
  }

  /**
   * @param to undefined for what is not in the lockfile: then the needs of `from` are not all known
   * @param wanted what that was, for the warning: name and range
   */
  need(from: string, to: string | undefined, scope: Scope, mayBeAbsent: boolean, wanted?: string): void {
    if (to === undefined) {
      if (mayBeAbsent) return
      this.#builder.incomplete(from, 'incomplete')
      if (wanted !== undefined) this.#missing.add(wanted)
      return
    }
    this.#builder.depend(from, to)
    if (from === this.#builder.root.ref)
      this.#direct.set(to, strongerScope(this.#direct.get(to) ?? scope, scope))
    else this.#edges.push([from, to, scope])
  }

  /** The project; what nothing reaches keeps the scope that the lockfile gives it. */
  project({ problems, path }: LockContext): ReadProject {
    for (const wanted of [...this.#missing].slice(0, MAX_MISSING))
      this.#builder.warn(`${wanted.slice(0, 200)} is needed, but is not in the lockfile`, { path })
    for (const one of this.#builder.problems) problems.push(one)
    const project = this.#builder.build()
    return { ...project, components: propagateScopes(project.components, this.#direct, this.#edges) }
  }
}
