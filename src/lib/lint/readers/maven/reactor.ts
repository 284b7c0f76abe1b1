/** The modules that are built together, by their coordinates. */
import { coordinates, interpolationOf } from './model.ts'
import type { Pom } from './pom.ts'
import type { PomStore } from './pom-store.ts'

export interface ReactorModule {
  readonly pom: Pom
  /** `group:artifact` */
  readonly name: string
  readonly version: string | undefined
}

export class Reactor {
  readonly #byPath: ReadonlyMap<string, ReactorModule>
  readonly #byName: ReadonlyMap<string, ReactorModule>

  constructor(modules: readonly ReactorModule[]) {
    this.#byPath = new Map(modules.map((module) => [module.pom.path, module]))
    this.#byName = new Map(modules.map((module) => [`${module.name}:${module.version ?? ''}`, module]))
  }

  at(path: string): ReactorModule | undefined {
    return this.#byPath.get(path)
  }

  find(name: string, version: string | undefined): ReactorModule | undefined {
    return this.#byName.get(`${name}:${version ?? ''}`)
  }
}

/** One for each build: a build of a thousand modules would else be gone through for each of them. */
const reactors = new WeakMap<ReadonlySet<string>, Reactor>()

/** The build that a POM belongs to. */
export function reactorModules(path: string, store: PomStore): Reactor {
  const paths = store.reactor(path)
  const known = reactors.get(paths)
  if (known !== undefined) return known
  const reactor = new Reactor(
    [...paths].flatMap((file) => {
      const pom = store.open(file)
      if (pom === undefined || !('project' in pom)) return []
      const { poms } = store.lineage(pom)
      const { group, artifact, version } = coordinates(poms, interpolationOf(poms))
      return [{ pom, name: `${group}:${artifact}`, version }]
    }),
  )
  reactors.set(paths, reactor)
  return reactor
}
