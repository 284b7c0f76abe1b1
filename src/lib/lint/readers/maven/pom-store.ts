/** The POMs of a project, each read once, with the parents and modules that lie in the project itself. */
import { folderOf, inFolder, problemOf, resolveInside } from '../lock/index.ts'
import type { ProjectFiles, ReadProblem } from '../reader.ts'
import { isUnresolved } from './interpolation.ts'
import { type Pom, parsePom } from './pom.ts'

/** More parents than any project has. */
const MAX_PARENTS = 50
/** More modules than any project has. */
const MAX_MODULES = 10_000

export interface Lineage {
  /** The POM itself, its parent, the parent of that, and so on. */
  readonly poms: readonly Pom[]
  /** Why the line ends before its end. */
  readonly problem: ReadProblem | undefined
}

export class PomStore {
  readonly #files: ProjectFiles
  readonly #poms = new Map<string, Pom | ReadProblem | undefined>()
  readonly #reactors = new Map<string, ReadonlySet<string>>()

  constructor(files: ProjectFiles) {
    this.#files = files
  }

  /** @returns a problem when the file is no POM, undefined when it is not there */
  open(path: string): Pom | ReadProblem | undefined {
    if (!this.#poms.has(path)) this.#poms.set(path, this.#read(path))
    return this.#poms.get(path)
  }

  lineage(pom: Pom): Lineage {
    const poms: Pom[] = [pom]
    const seen = new Set([pom.path])
    for (let child = pom; child.parent !== undefined && poms.length <= MAX_PARENTS; ) {
      const found = this.#parentOf(child)
      if (typeof found === 'string') return { poms, problem: parentProblem(child, found) }
      if (seen.has(found.path)) return { poms, problem: parentProblem(child, 'it is its own ancestor') }
      seen.add(found.path)
      poms.push(found)
      child = found
    }
    return { poms, problem: undefined }
  }

  /** Paths of all POMs that are built together with this one, itself among them. */
  reactor(path: string): ReadonlySet<string> {
    const above: string[] = []
    for (let at = folderOf(path); at !== '.'; at = folderOf(at))
      above.unshift(inFolder(folderOf(at), 'pom.xml'))
    for (const top of above) {
      if (this.#pom(top) === undefined) continue
      const modules = this.#modulesBelow(top)
      if (modules.has(path)) return modules
    }
    return this.#modulesBelow(path)
  }

  /** Paths of the modules that a POM names itself and that are there. */
  modules(pom: Pom): readonly string[] {
    return pom.modules.flatMap((module) => {
      const { path, outside } = resolveInside(folderOf(pom.path), module)
      if (outside) return []
      const file = path.endsWith('.xml') ? path : inFolder(path, 'pom.xml')
      return this.#pom(file) === undefined ? [] : [file]
    })
  }

  #modulesBelow(top: string): ReadonlySet<string> {
    const known = this.#reactors.get(top)
    if (known !== undefined) return known
    const found = new Set<string>()
    const open = [top]
    for (let path = open.pop(); path !== undefined && found.size < MAX_MODULES; path = open.pop()) {
      const pom = this.#pom(path)
      if (pom === undefined || found.has(path)) continue
      found.add(path)
      for (const one of this.modules(pom)) open.push(one)
    }
    this.#reactors.set(top, found)
    return found
  }

  #pom(path: string): Pom | undefined {
    const found = this.open(path)
    return found !== undefined && 'project' in found ? found : undefined
  }

  /** @returns the reason in words when the parent is not in the project */
  #parentOf({ path, parent }: Pom): Pom | string {
    if (parent === undefined || parent.relativePath === '') return 'it is not in the project'
    const { path: local, outside } = resolveInside(folderOf(path), parent.relativePath)
    const file = local.endsWith('.xml') ? local : inFolder(local, 'pom.xml')
    const found = outside ? undefined : this.#pom(file)
    if (found === undefined) return 'it is not in the project'
    const said = [
      [parent.artifact, found.artifact],
      [parent.group, found.group ?? found.parent?.group],
      [parent.version, found.version ?? found.parent?.version],
    ] as const
    const same = said.every(
      ([wanted, have = '']) => wanted === have || isUnresolved(wanted) || isUnresolved(have),
    )
    return same ? found : `${file} is another one`
  }

  #read(path: string): Pom | ReadProblem | undefined {
    try {
      const bytes = this.#files.bytes(path)
      return bytes === undefined ? undefined : parsePom(bytes, path)
    } catch (error) {
      return problemOf(path, error)
    }
  }
}

function parentProblem({ path, parent }: Pom, reason: string): ReadProblem {
  const name = `${parent?.group}:${parent?.artifact}:${parent?.version}`
  return {
    severity: 'warning',
    message: `the parent ${name} cannot be used: ${reason}; what it declares is missing here`,
    path,
    line: parent?.line,
  }
}

const stores = new WeakMap<ProjectFiles, PomStore>()

/** One store for the files of a project: a module would else read all its neighbours again. */
export function pomStore(files: ProjectFiles): PomStore {
  const known = stores.get(files)
  if (known !== undefined) return known
  const store = new PomStore(files)
  stores.set(files, store)
  return store
}
