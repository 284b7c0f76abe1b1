/** Every export of the library and of the scripts is imported somewhere or stands in an area's public surface. */
import { exportedNames, readSources, type SourceFile } from './sources.ts'

/** One line for each export that nobody uses. */
export function deadExports(root: string): string[] {
  const files = readSources(root, ['src', 'scripts', 'test', 'bin'])
  const used = usedNames(files)
  return files
    .filter(({ path }) => isChecked(path))
    .flatMap(({ path, text }) => {
      const names = used.get(path)
      if (names?.has('*') === true) return []
      return exportedNames(text)
        .filter((name) => names?.has(name) !== true)
        .map((name) => `${path}: nothing imports ${name}`)
    })
}

/** An index is a public surface, and commands and tests are found by their file. */
function isChecked(path: string): boolean {
  return (
    /^(src\/lib|scripts|test\/support)\//.test(path) &&
    !/(^|\/)index\.ts$/.test(path) &&
    !path.endsWith('.test.ts')
  )
}

/** For each module the names that other modules import or re-export from it. */
function usedNames(files: readonly SourceFile[]): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>()
  for (const { imports } of files) {
    for (const { target, names } of imports) {
      if (target === undefined) continue
      const known = used.get(target) ?? new Set<string>()
      for (const name of names) known.add(name)
      used.set(target, known)
    }
  }
  return used
}
