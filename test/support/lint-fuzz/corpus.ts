/** Real lockfiles, manifests and documents that mutations begin with. */
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { conformancePath } from '../conformance.ts'

export interface CorpusFile {
  /** Relative to the corpus. */
  readonly path: string
  readonly text: string
}

/** Larger ones say nothing that smaller ones do not, and take their time. */
const MAX_BYTES = 60_000

/** Sorted; empty where there are no conformance files. */
export function corpusFiles(folder: 'lockfiles' | 'examples'): readonly CorpusFile[] {
  const root = conformancePath('lint', folder)
  if (root === undefined) return []
  return globSync('**/*', { cwd: root })
    .sort()
    .filter((path) => {
      const stat = statSync(join(root, path))
      return stat.isFile() && stat.size > 0 && stat.size <= MAX_BYTES
    })
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}
