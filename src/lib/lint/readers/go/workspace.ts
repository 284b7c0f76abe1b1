/** go.work: modules of one workspace, and replacements that hold for all of them. */
import { folderOf, inFolder, readBeside, resolveInside } from '../lock/index.ts'
import type { ProjectFiles, ReadProblem } from '../reader.ts'
import { parseModFile, type Replacement } from './mod-file.ts'

/** The folders that a go.work names; those outside the scanned folder are left out. */
export function usedFolders(folder: string, use: readonly string[]): readonly string[] {
  return use
    .map((path) => resolveInside(folder, path))
    .flatMap(({ path, outside }) => (outside ? [] : [path]))
}

/**
 * Replacements of the go.work, in this folder or above, that uses the module of the folder. One that does not parse is
 * a problem of its own file.
 */
export function workspaceReplacements(folder: string, files: ProjectFiles): readonly Replacement[] {
  for (let at = folder; ; at = folderOf(at)) {
    const unused: ReadProblem[] = []
    const work = readBeside(inFolder(at, 'go.work'), unused, () => {
      const text = files.text(inFolder(at, 'go.work'))
      return text === undefined ? undefined : parseModFile(text)
    })
    if (work !== undefined)
      return usedFolders(at, work.use).includes(folder) ? localTo(at, folder, work.replace) : []
    if (at === '.') return []
  }
}

/** A folder in a replacement counts from where the go.work lies. */
function localTo(from: string, folder: string, replace: readonly Replacement[]): readonly Replacement[] {
  const up = folder === '.' ? '' : '../'.repeat(folder.split('/').length)
  return replace.map((one) => {
    if (one.to.version !== undefined) return one
    const { path } = resolveInside(from, one.to.path)
    return {
      from: one.from,
      to: { path: path.startsWith('/') ? path : `./${up}${path}`, version: undefined },
    }
  })
}
