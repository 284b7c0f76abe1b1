/** What a POM says together with its parents: coordinates, properties, managed versions, dependencies. */
import type { ReadProblem } from '../reader.ts'
import { importedManagement, type ManagementImport } from './imports.ts'
import type { Interpolation } from './interpolation.ts'
import { byKey, coordinates, interpolationOf } from './model.ts'
import type { Pom, PomDependency } from './pom.ts'
import type { PomStore } from './pom-store.ts'

export interface EffectivePom {
  readonly pom: Pom
  readonly group: string
  readonly artifact: string
  readonly version: string | undefined
  readonly interpolation: Interpolation
  /** Interpolated, with what the management adds; the last one of the same key. */
  readonly dependencies: readonly PomDependency[]
  /** Something that a parent or an imported list declares is not known. */
  readonly parentMissing: boolean
  readonly problems: readonly ReadProblem[]
}

export function effectivePom(pom: Pom, store: PomStore): EffectivePom {
  const { poms, problem } = store.lineage(pom)
  const interpolation = interpolationOf(poms)
  const problems = problem === undefined ? [] : [problem]
  const management = new Map<string, PomDependency>()
  const imports: ManagementImport[] = []
  for (const each of poms)
    for (const [key, entry] of byKey(each.management, interpolation)) {
      if (entry.scope === 'import') imports.push({ entry, path: each.path })
      else if (!management.has(key)) management.set(key, entry)
    }
  const imported = importedManagement(imports, pom.path, store)
  for (const one of imported.problems) problems.push(one)
  for (const [key, entry] of imported.management) if (!management.has(key)) management.set(key, entry)
  const dependencies = new Map<string, PomDependency>()
  for (const each of poms)
    for (const [key, entry] of byKey(each.dependencies, interpolation))
      if (!dependencies.has(key)) dependencies.set(key, managed(entry, management.get(key)))
  return {
    pom,
    ...coordinates(poms, interpolation),
    interpolation,
    dependencies: [...dependencies.values()],
    parentMissing: problem !== undefined,
    problems,
  }
}

function managed(entry: PomDependency, by: PomDependency | undefined): PomDependency {
  return {
    ...entry,
    version: entry.version ?? by?.version,
    scope: entry.scope ?? by?.scope,
    optional: entry.optional ?? by?.optional,
    systemPath: entry.systemPath ?? by?.systemPath,
  }
}
