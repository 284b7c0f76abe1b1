/** The project files (`.csproj` and its kin) around a lockfile, which give names and folders. */
import { folderOf, inFolder, resolveInside } from '../lock/index.ts'
import type { ProjectFiles } from '../reader.ts'

const PROJECT_FILE = /\.(?:cs|fs|vb|vcx|nuproj|sql)proj$/i

/** @returns the name of the only project file of a folder; undefined when there is none, or more than one */
export function projectName(folder: string, files: ProjectFiles): string | undefined {
  const [first, ...others] = files.list(folder).filter((name) => PROJECT_FILE.test(name))
  return others.length > 0 ? undefined : first?.replace(PROJECT_FILE, '')
}

/** More neighbours than any solution has. */
const MAX_NEIGHBOURS = 2000

/**
 * Looks for the project that a lockfile names without a path: in a folder beside this one or below it.
 * @param name in any case: lockfiles write it in lower case
 * @returns the folder, and the name as its file spells it
 */
export function findProject(
  name: string,
  folder: string,
  files: ProjectFiles,
): { readonly folder: string; readonly name: string } | undefined {
  const above = folder === '.' ? undefined : folderOf(folder)
  for (const parent of [above, folder]) {
    if (parent === undefined) continue
    for (const entry of files.list(parent).slice(0, MAX_NEIGHBOURS)) {
      if (!entry.endsWith('/') || entry.slice(0, -1).toLowerCase() !== name.toLowerCase()) continue
      const candidate = inFolder(parent, entry.slice(0, -1))
      const spelled = projectName(candidate, files)
      if (spelled?.toLowerCase() === name.toLowerCase()) return { folder: candidate, name: spelled }
    }
  }
  return undefined
}

/** The folder of a project file whose path a lockfile gives relative to its own; undefined outside the project. */
export function folderOfProjectFile(folder: string, written: string): string | undefined {
  const { path, outside } = resolveInside(folder, written)
  return outside ? undefined : folderOf(path)
}
