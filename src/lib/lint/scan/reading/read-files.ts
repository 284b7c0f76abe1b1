/** Reads the chosen files of a project, in this thread or in several, with the same result. */
import { isAivError } from '../../../core/index.ts'
import { type ProjectFiles, READERS, type ReadResult } from '../../readers/index.ts'

/** One file and the id of its reader: what a thread can be told. */
export interface ReadTask {
  readonly path: string
  readonly reader: string
}

/** Never throws because of what a file holds. */
export async function readFile({ path, reader: id }: ReadTask, files: ProjectFiles): Promise<ReadResult> {
  const entry = READERS.find((candidate) => candidate.id === id)
  if (entry === undefined) throw new Error(`no reader ${id}`)
  const reader = await entry.load()
  try {
    return reader.read(path, files)
  } catch (error) {
    // Too large, not UTF-8, not readable: what only the attempt shows.
    if (isAivError(error))
      return { projects: [], problems: [{ severity: 'error', message: `${path}: ${error.message}`, path }] }
    throw error
  }
}
