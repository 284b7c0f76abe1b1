/** vendor/modules.txt: which modules the packages in `vendor` were taken from. */
import type { ModuleVersion } from './mod-file.ts'

/** @returns the modules that give at least one package; undefined when there is no such file */
export function readVendored(text: string | undefined): readonly ModuleVersion[] | undefined {
  if (text === undefined) return undefined
  const modules: ModuleVersion[] = []
  let open: ModuleVersion | undefined
  for (const row of text.split(/\r?\n/)) {
    if (row.startsWith('# ')) {
      const [path = '', version = ''] = row.slice(2).split(' ')
      open = version.startsWith('v') ? { path, version } : undefined
    } else if (row.trim() !== '' && !row.startsWith('##') && open !== undefined) {
      modules.push(open)
      open = undefined
    }
  }
  return modules
}
