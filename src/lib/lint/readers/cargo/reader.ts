/** Reads Cargo.lock, with the Cargo.toml files of the crates that lie in the project. */
import type { Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import { attempt, folderOf, readLockfile, unneeded } from '../lock/index.ts'
import type { ProjectFiles, Reader, ReadProblem, ReadProject } from '../reader.ts'
import { propagateScopes, type ScopedEdge } from '../scopes.ts'
import { type CargoLock, CrateIndex, type LockedCrate, parseCargoLock } from './lock.ts'
import { CratePlaces } from './places.ts'
import { readWorkspace } from './workspace.ts'

export const cargoReader: Reader = {
  id: 'cargo',
  read(path, files) {
    return readLockfile(path, files, (text) => {
      const problems: ReadProblem[] = []
      return { projects: [readCargo(path, parseCargoLock(text), files, problems)], problems }
    })
  },
}

function readCargo(path: string, lock: CargoLock, files: ProjectFiles, problems: ReadProblem[]): ReadProject {
  const index = new CrateIndex(lock.crates)
  const places = new CratePlaces(path, lock, index, readWorkspace(folderOf(path), files, problems))
  const builder = new ProjectBuilder(places.root)
  if (lock.odd > 0)
    builder.warn(`${lock.odd} of its packages have no name or no version and are left out`, { path })
  const refs = new Map<LockedCrate, string>()
  for (const crate of lock.crates) {
    const ref = attempt(builder, { path, line: crate.line }, () => builder.add(places.componentOf(crate)))
    if (ref !== undefined) refs.set(crate, ref)
  }
  const scoped = addEdges(path, lock, index, builder, refs, places)
  const direct = addDirect(builder, scoped)
  for (const one of builder.problems) problems.push(one)
  const project = builder.build()
  return { ...project, components: propagateScopes(project.components, direct, scoped) }
}

function addEdges(
  path: string,
  { crates }: CargoLock,
  index: CrateIndex,
  builder: ProjectBuilder,
  refs: ReadonlyMap<LockedCrate, string>,
  places: CratePlaces,
): readonly ScopedEdge[] {
  const scoped: ScopedEdge[] = []
  for (const crate of crates) {
    const from = refs.get(crate)
    if (from === undefined) continue
    const needs = places.localOf(crate)?.needs
    for (const reference of crate.dependencies) {
      const needed = index.find(reference)
      const to = needed === undefined ? undefined : refs.get(needed)
      if (needed === undefined || to === undefined) {
        builder.warn(`${crate.name} needs ${reference}, which is not one package of the lockfile`, {
          path,
          line: crate.line,
        })
        builder.incomplete(from, 'incomplete')
        continue
      }
      builder.depend(from, to)
      scoped.push([from, to, needs?.get(needed.name)?.scope ?? 'required'])
    }
  }
  return scoped
}

/** Members that the crate of the folder does not need are still parts of what the folder holds. */
function addDirect(builder: ProjectBuilder, scoped: readonly ScopedEdge[]): ReadonlyMap<string, Scope> {
  const direct = new Map<string, Scope>()
  const { root, components, edges } = builder.build()
  for (const [from, to, scope = 'required'] of scoped) if (from === root.ref) direct.set(to, scope)
  const refs = [root.ref, ...components.map(({ ref }) => ref)]
  for (const ref of unneeded(
    refs,
    edges.filter(([, to]) => to !== root.ref),
  )) {
    if (ref === root.ref) continue
    builder.depend(root.ref, ref)
    direct.set(ref, 'required')
  }
  return direct
}
