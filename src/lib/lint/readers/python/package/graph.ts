/** Puts locked Python packages together: which of them each one needs, also by way of extras. */
import type { Component, Scope } from '../../../bom/index.ts'
import type { ProjectBuilder } from '../../builder.ts'
import { unneeded } from '../../lock/index.ts'
import type { ReadProject } from '../../reader.ts'
import { propagateScopes, type ScopedEdge } from '../../scopes.ts'
import { normalizeName } from './name.ts'
import { satisfies } from './version.ts'

/** What a package asks for. */
export interface Need {
  readonly name: string
  readonly extras: readonly string[]
  /** Every version will do where it is empty or absent. */
  readonly specifier?: string | undefined
  /** The one version, where the lockfile says it. */
  readonly version?: string | undefined
}

export interface RootNeed extends Need {
  readonly scope: Scope
  /** Where a manifest says that it comes from. */
  readonly url?: string | undefined
}

export interface LockedPackage {
  readonly component: Component
  readonly needs: readonly Need[]
  /** By extra, normalised. */
  readonly extraNeeds: ReadonlyMap<string, readonly Need[]>
  /** What only who works on it needs: a member of the project may have such. */
  readonly devNeeds?: readonly Need[]
}

export interface PythonGraphOptions {
  /** The project's own name, where a file says it: its dependencies may need it in turn. */
  readonly rootName: string | undefined
  /** What the project itself asks for; undefined when nothing says so. */
  readonly rootNeeds: readonly RootNeed[] | undefined
  /** The lockfile marks the scope of every package itself. */
  readonly isScopeMarked: boolean
}

/** Versions of one package in one lockfile that are looked at; a real one has two or three. */
const MAX_VERSIONS = 100

/** Adds packages and edges to the builder, whose root is the project itself. */
export function linkPackages(
  builder: ProjectBuilder,
  packages: readonly LockedPackage[],
  { rootName, rootNeeds, isScopeMarked }: PythonGraphOptions,
): ReadProject {
  const root = builder.root.ref
  for (const { component } of packages) builder.add(component)
  const graph = new ExtrasGraph(builder, packages, rootName)
  for (const pack of packages) {
    graph.connect(pack.component.ref, pack.needs)
    graph.connect(pack.component.ref, pack.devNeeds ?? [], 'dev')
  }
  for (const need of rootNeeds ?? []) graph.connectRoot(need)
  // What the project asks of its packages is not known, so each extra may be asked for.
  if (rootNeeds === undefined) for (const pack of packages) graph.openExtras(pack)
  const { components, edges } = builder.build()
  const loose = unneeded(
    [root, ...components.map(({ ref }) => ref)],
    edges.filter(([, to]) => to !== root),
  ).filter((ref) => ref !== root)
  if (rootNeeds === undefined && components.length > 0) builder.incomplete(root, 'incomplete')
  for (const ref of loose) builder.depend(root, ref)
  const project = builder.build()
  if (isScopeMarked) return project
  const direct = new Map<string, Scope>(loose.map((ref) => [ref, 'required']))
  for (const [ref, scope] of graph.direct) direct.set(ref, scope)
  return { ...project, components: propagateScopes(project.components, direct, graph.edges) }
}

class ExtrasGraph {
  /** Also from and to `REF[extra]`, so that a scope reaches only the extras that are asked for in it. */
  readonly edges: ScopedEdge[] = []
  readonly direct = new Map<string, Scope>()
  readonly #builder: ProjectBuilder
  readonly #byName = new Map<string, LockedPackage[]>()
  readonly #open = new Set<string>()

  constructor(builder: ProjectBuilder, packages: readonly LockedPackage[], rootName: string | undefined) {
    this.#builder = builder
    if (rootName !== undefined)
      this.#byName.set(normalizeName(rootName), [
        { component: builder.root, needs: [], extraNeeds: new Map() },
      ])
    for (const pack of packages) {
      const name = normalizeName(pack.component.name)
      const list = this.#byName.get(name)
      if (list === undefined) this.#byName.set(name, [pack])
      else if (list.length < MAX_VERSIONS) list.push(pack)
    }
  }

  connect(from: string, needs: readonly Need[], scope: Scope = 'required', real = from): void {
    for (const need of needs)
      for (const pack of this.#find(need)) {
        this.#builder.depend(real, pack.component.ref)
        for (const node of this.#nodes(pack, need)) this.edges.push([from, node, scope])
      }
  }

  connectRoot(need: RootNeed): void {
    for (const pack of this.#find(need)) {
      this.#builder.depend(this.#builder.root.ref, pack.component.ref)
      for (const node of this.#nodes(pack, need)) {
        const known = this.direct.get(node)
        if (known === undefined || need.scope === 'required' || known === 'dev')
          this.direct.set(node, need.scope)
      }
    }
  }

  openExtras(pack: LockedPackage): void {
    for (const extra of pack.extraNeeds.keys()) {
      this.edges.push([pack.component.ref, `${pack.component.ref}[${extra}]`])
      this.#openExtra(pack, extra)
    }
  }

  #nodes(pack: LockedPackage, { extras }: Need): readonly string[] {
    const { ref } = pack.component
    const known = extras.filter((extra) => pack.extraNeeds.has(extra))
    for (const extra of known) this.#openExtra(pack, extra)
    return [ref, ...known.map((extra) => `${ref}[${extra}]`)]
  }

  #openExtra(pack: LockedPackage, extra: string): void {
    const { ref } = pack.component
    const node = `${ref}[${extra}]`
    if (this.#open.has(node)) return
    this.#open.add(node)
    this.connect(node, pack.extraNeeds.get(extra) ?? [], 'required', ref)
  }

  #find({ name, specifier = '', version }: Need): readonly LockedPackage[] {
    const named = this.#byName.get(normalizeName(name)) ?? []
    if (named.length < 2) return named
    const fitting = named.filter(({ component }) =>
      version === undefined
        ? component.version === undefined || satisfies(component.version, specifier)
        : component.version === version,
    )
    return fitting.length === 0 ? named : fitting
  }
}
