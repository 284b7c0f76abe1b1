/** Go modules in `vendor/`: `vendor/modules.txt` names them; they have licenses and no manifest that says more. */
import { isLicenseFileName } from '../../licenses/texts/index.ts'
import type { ProjectFiles } from '../../readers/reader.ts'
import { below, MAX_INSTALLED, type PackageFinder } from '../installed-package.ts'
import { readLoosely } from '../manifest/read-manifest.ts'

export function goVendor(files: ProjectFiles, folders: readonly string[]): PackageFinder {
  let places: ReadonlyMap<string, string> | undefined
  return {
    find(name, version) {
      places ??= collect(files, folders)
      const folder = places.get(keyOf(name, version))
      if (folder === undefined) return undefined
      const licenseFiles = files
        .list(folder)
        .filter(isLicenseFileName)
        .map((file) => below(folder, file))
      return { facts: {}, licenseFiles }
    },
  }
}

function collect(files: ProjectFiles, folders: readonly string[]): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  for (const folder of folders) {
    const text = readLoosely(files, below(folder, 'vendor', 'modules.txt')) ?? ''
    for (const line of text.split('\n')) {
      if (!line.startsWith('# ') || places.size >= MAX_INSTALLED) continue
      // `# module version`, or `# module version => replacement version`: the code is the replacement's.
      const [, module, version, other, otherVersion] =
        /^# (\S+)(?: (v\S+))?(?: => (\S+)(?: (v\S+))?)?\s*$/.exec(line) ?? []
      if (module === undefined || !isModulePath(module)) continue
      const place = below(folder, 'vendor', module)
      if (other !== undefined && otherVersion !== undefined) places.set(keyOf(other, otherVersion), place)
      else if (other === undefined && version !== undefined) places.set(keyOf(module, version), place)
    }
  }
  return places
}

function isModulePath(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

function keyOf(module: string, version: string): string {
  return `${module}@${version.replace(/^v(?=\d)/, '')}`
}
