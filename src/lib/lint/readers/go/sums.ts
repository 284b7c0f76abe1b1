/** go.sum: hashes of module trees. It names far more modules than a build uses, so it is no list of dependencies. */
import type { ReadProblem } from '../reader.ts'
import { compareVersions } from './module-version.ts'

/**
 * A hash of a module's directory (`golang.org/x/mod/sumdb/dirhash`), not of an archive.
 * @returns `h1:…` by `PATH VERSION`
 */
export function readGoSums(
  path: string,
  text: string | undefined,
  problems: ReadProblem[],
): ReadonlyMap<string, string> {
  const sums = new Map<string, string>()
  if (text === undefined) return sums
  let isWarned = false
  for (const [index, row] of text.split('\n').entries()) {
    if (row.trim() === '') continue
    const [module = '', version = '', hash = '', more] = row.trim().split(/\s+/)
    if (!/^h1:[A-Za-z0-9+/]{43}=$/.test(hash) || more !== undefined) {
      if (!isWarned) {
        const message = 'it has lines that are no hash of a module; they are not used'
        problems.push({ severity: 'warning', message, path, line: index + 1 })
      }
      isWarned = true
    } else if (!version.endsWith('/go.mod')) sums.set(`${module} ${version}`, hash)
  }
  return sums
}

/**
 * What a go.mod of the language before 1.17 leaves out can only be among the modules whose tree was downloaded, which
 * go.sum tells by a hash that is not of a go.mod. It is the best list there is, and may hold what only tests of
 * dependencies use.
 * @returns the highest version of each
 */
export function downloadedModules(
  sums: ReadonlyMap<string, string>,
): readonly { readonly path: string; readonly version: string }[] {
  const highest = new Map<string, string>()
  for (const key of sums.keys()) {
    const [path = '', version = ''] = key.split(' ')
    const known = highest.get(path)
    if (known === undefined || compareVersions(known, version) < 0) highest.set(path, version)
  }
  return [...highest].map(([path, version]) => ({ path, version }))
}
