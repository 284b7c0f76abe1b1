/** A bill of materials that lies beside a program. */
import { folderOf, inFolder, nameOf } from '../../lock/index.ts'
import type { ProjectFiles } from '../../reader.ts'

/** What build tools name after the program. */
const SUFFIXES = ['.cdx.json', '.spdx.json', '.sbom.json', '.bom.json']
/** What others give to a folder that holds one program. */
const OF_THE_FOLDER = /^(?:sbom-.*-?postbuild\.cdx\.json|bom\.json)$/

/** @returns its path; undefined when there is none, or when several may be meant */
export function sbomBeside(path: string, files: ProjectFiles): string | undefined {
  const folder = folderOf(path)
  const names = files.list(folder === '.' ? '' : folder)
  const program = nameOf(path)
  const stem = program.replace(/\.exe$/i, '')
  const own = SUFFIXES.flatMap((suffix) => [program + suffix, stem + suffix]).find((name) =>
    names.includes(name),
  )
  const shared = names.filter((name) => OF_THE_FOLDER.test(name))
  const name = own ?? (shared.length === 1 ? shared[0] : undefined)
  return name === undefined ? undefined : inFolder(folder, name)
}
