/** Which files are read of what the user named: a folder, or one file. */
import { closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { AivError } from '../../../core/index.ts'
import type { ReadProblem } from '../../readers/index.ts'
import type { ReadTask } from '../reading/read-files.ts'
import { BINARY_MAGIC_BYTES, looksLikeBinary } from './binary-candidates.ts'
import { chooseReaders, readerIds } from './choose-readers.ts'
import { walk } from './walk.ts'

export interface FileChoice {
  /** Globs of paths to leave out. */
  readonly exclude?: readonly string[] | undefined
  /** Ids of readers; default all. */
  readonly ecosystems?: readonly string[] | undefined
  /** Also look into executables in folders; one that is named itself always is. Default false. */
  readonly binaries?: boolean | undefined
}

export interface ChosenFiles {
  /** The folder that all paths are relative to. */
  readonly root: string
  readonly tasks: readonly ReadTask[]
  readonly problems: readonly ReadProblem[]
  /** The user named an executable, and nothing else is read. */
  readonly isProgram?: boolean
}

/** Some names say what a file is only together with the folders above it, such as `.github/workflows`. */
const FOLDERS_IN_A_NAME = 2

/** The reader of executables, which no name leads to. */
const BINARY = 'binary'

/**
 * @param path a folder or a file
 * @throws AivError `E_INPUT` when there is no such path; `E_USAGE` for an ecosystem that nothing reads; `E_UNSUPPORTED`
 *   for one file that no reader knows; `E_TOO_LARGE`
 */
export function chooseFiles(path: string, choice: FileChoice): ChosenFiles {
  const ecosystems = choice.ecosystems === undefined ? undefined : readerIds(choice.ecosystems)
  if (!existsSync(path)) throw new AivError('E_INPUT', `there is no ${path}`)
  return isFile(path) ? chooseOne(resolve(path), ecosystems) : chooseInFolder(path, choice, ecosystems)
}

function chooseOne(file: string, ecosystems: ReadonlySet<string> | undefined): ChosenFiles {
  let root = dirname(file)
  for (let above = 0; above <= FOLDERS_IN_A_NAME; above += 1) {
    const path = relative(root, file).split(sep).join('/')
    const tasks = chooseReaders([path], ecosystems).map(({ entry }) => ({ path, reader: entry.id }))
    if (tasks.length > 0) return { root, tasks, problems: [] }
    root = dirname(root)
  }
  if (isBinary(file))
    return {
      root: dirname(file),
      tasks: [{ path: basename(file), reader: BINARY }],
      problems: [],
      isProgram: true,
    }
  throw new AivError(
    'E_UNSUPPORTED',
    `${basename(file)} is no file that a bill of materials can be made from`,
    {
      hint: 'aiv lint sbom --list-files names the files that are read; aiv lint convert takes a bill of materials',
    },
  )
}

function chooseInFolder(
  folder: string,
  { exclude, binaries }: FileChoice,
  ecosystems: ReadonlySet<string> | undefined,
): ChosenFiles {
  const { files, problems } = walk(folder, { exclude })
  const tasks = chooseReaders(files, ecosystems).map(({ path, entry }) => ({ path, reader: entry.id }))
  if (binaries === true) {
    const claimed = new Set(tasks.map(({ path }) => path))
    for (const path of files)
      if (!claimed.has(path) && isBinary(join(folder, path))) tasks.push({ path, reader: BINARY })
  }
  return {
    root: resolve(folder),
    tasks,
    problems: problems.map((problem) => ({ severity: 'warning', ...problem })),
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    // What is not there is reported by who enters it.
    return false
  }
}

function isBinary(path: string): boolean {
  let file: number | undefined
  try {
    // Without waiting: a named pipe must not stop the run.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const bytes = new Uint8Array(BINARY_MAGIC_BYTES)
    return looksLikeBinary(bytes.subarray(0, readSync(file, bytes)))
  } catch {
    return false
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
