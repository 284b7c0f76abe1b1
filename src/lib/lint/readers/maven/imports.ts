/** Lists of managed versions that a POM imports (`<scope>import</scope>`), as far as they lie in the project. */
import type { ReadProblem } from '../reader.ts'
import { byKey, interpolationOf } from './model.ts'
import type { Pom, PomDependency } from './pom.ts'
import type { PomStore } from './pom-store.ts'
import { reactorModules } from './reactor.ts'

/** Lists that import lists that import lists; a real project has two or three. */
const MAX_IMPORTS = 100

export interface ManagementImport {
  readonly entry: PomDependency
  /** Of the POM that says so. */
  readonly path: string
}

export interface ImportedManagement {
  /** By the key of the dependency; the first list that has it is believed, as Maven does. */
  readonly management: ReadonlyMap<string, PomDependency>
  readonly problems: readonly ReadProblem[]
}

/** @param path of the POM that is read: its build is searched */
export function importedManagement(
  imports: readonly ManagementImport[],
  path: string,
  store: PomStore,
): ImportedManagement {
  const management = new Map<string, PomDependency>()
  const problems: ReadProblem[] = []
  const open = [...imports]
  const seen = new Set<string>()
  for (let next = open.shift(); next !== undefined && seen.size < MAX_IMPORTS; next = open.shift()) {
    const { entry, path: from } = next
    const name = `${entry.group}:${entry.artifact}`
    const local = reactorModules(path, store).find(name, entry.version)
    if (local === undefined) problems.push(missing(name, entry, from))
    else if (!seen.has(local.pom.path)) {
      seen.add(local.pom.path)
      for (const one of collect(local.pom, store, management)) open.push(one)
    }
  }
  return { management, problems }
}

/** @returns what the list imports itself */
function collect(
  list: Pom,
  store: PomStore,
  management: Map<string, PomDependency>,
): readonly ManagementImport[] {
  const { poms } = store.lineage(list)
  const interpolation = interpolationOf(poms)
  const imports: ManagementImport[] = []
  for (const each of poms)
    for (const [key, entry] of byKey(each.management, interpolation)) {
      if (entry.scope === 'import') imports.push({ entry, path: each.path })
      else if (!management.has(key)) management.set(key, entry)
    }
  return imports
}

function missing(name: string, { version, line }: PomDependency, path: string): ReadProblem {
  return {
    severity: 'warning',
    message: `the imported list of versions ${name}:${version ?? ''} is not in the project; versions that only it gives are missing here`,
    path,
    line,
  }
}
