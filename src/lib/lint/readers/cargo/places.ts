/** Where the crates of a lock lie: at the root, in another folder of the project, or elsewhere. */
import type { Component } from '../../bom/index.ts'
import { folderOf, manifestFields, rootComponent } from '../lock/index.ts'
import { foreignCrate } from './component.ts'
import type { CargoLock, CrateIndex, LockedCrate } from './lock.ts'
import type { LocalCrate, Workspace } from './workspace.ts'

export class CratePlaces {
  readonly root: Component
  readonly #path: string
  readonly #rootCrate: LockedCrate | undefined
  readonly #rootLocal: LocalCrate | undefined
  readonly #byName = new Map<string, LocalCrate>()

  /** @param workspace undefined when there is no Cargo.toml beside the lock */
  constructor(path: string, { crates }: CargoLock, index: CrateIndex, workspace: Workspace | undefined) {
    this.#path = path
    this.#rootLocal = workspace?.root
    this.#rootCrate =
      workspace === undefined
        ? onlyRoot(crates, index)
        : crates.find((crate) => isLocal(crate) && crate.name === workspace.root?.name)
    const { name, version } = this.#rootCrate ?? {}
    this.root = rootComponent(folderOf(path), {
      occurrences: [{ path }],
      ...manifestFields({ name, version, ...this.#rootLocal }),
    })
    for (const crate of workspace?.others ?? []) {
      this.#byName.set(`${crate.name}@${crate.version}`, crate)
      // The version in a manifest may be newer than the lock.
      if (!this.#byName.has(crate.name)) this.#byName.set(crate.name, crate)
    }
  }

  /** Its manifest; undefined when it lies elsewhere or was not found. */
  localOf(crate: LockedCrate): LocalCrate | undefined {
    if (!isLocal(crate)) return undefined
    if (crate === this.#rootCrate) return this.#rootLocal
    return this.#byName.get(`${crate.name}@${crate.version}`) ?? this.#byName.get(crate.name)
  }

  /** @throws AivError `E_MALFORMED` when its name makes no package URL */
  componentOf(crate: LockedCrate): Component {
    if (crate.source !== undefined && !isLocal(crate)) return foreignCrate(crate, crate.source, this.#path)
    if (crate === this.#rootCrate) return this.root
    const { name, version, line } = crate
    const local = this.localOf(crate)
    return {
      ref: local === undefined ? `cargo:${name}@${version}` : `path:${local.folder}`,
      type: 'library',
      origin: local === undefined ? 'path' : 'workspace',
      scope: 'required',
      name,
      occurrences: [{ path: this.#path, line }],
      ...manifestFields({ ...local, name, version }),
    }
  }
}

/** Without a manifest: the one crate of the project that no other crate needs. */
function onlyRoot(crates: readonly LockedCrate[], index: CrateIndex): LockedCrate | undefined {
  const needed = new Set(crates.flatMap(({ dependencies }) => dependencies.map((one) => index.find(one))))
  const roots = crates.filter((crate) => isLocal(crate) && !needed.has(crate))
  return roots.length === 1 ? roots[0] : undefined
}

function isLocal({ source }: LockedCrate): boolean {
  return source === undefined || source.startsWith('path+')
}
