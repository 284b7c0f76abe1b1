/** Reads a folder, or single files of it, and says what the software in it is made of. Runs nothing, asks nobody. */
import { type Clock, systemClock } from '../../core/index.ts'
import { type Bom, type Lifecycle, type Party, type Scope, TOP_REF, type Tool } from '../bom/index.ts'
import {
  FolderFiles,
  type ProjectFiles,
  type ReadProblem,
  type ReadProject,
  type ReadResult,
} from '../readers/index.ts'
import { assemble, type Primary } from './assemble.ts'
import { chooseFiles, type FileChoice } from './files/choose-files.ts'
import { omitScopes } from './omit-scopes.ts'
import { programAtTop } from './program-at-top.ts'
import { type ReadTask, readFile } from './reading/read-files.ts'
import { createdTime } from './time/created-time.ts'

export interface ScanOptions extends Primary, FileChoice {
  /** Components that are there only for this are left out. */
  readonly omit?: readonly Exclude<Scope, 'required'>[] | undefined
  /** Threads; default 1. The result is the same. */
  readonly jobs?: number | undefined
  /** Look at the installed packages for licenses and makers. Default true. */
  readonly installed?: boolean | undefined
  readonly tools?: readonly Tool[] | undefined
  readonly authors?: readonly Party[] | undefined
  readonly supplier?: Party | undefined
  /** `SOURCE_DATE_EPOCH`: seconds. */
  readonly sourceDateEpoch?: string | undefined
  readonly clock?: Clock | undefined
}

export interface Scan {
  readonly bom: Bom
  /** Sorted by path. Without an `error` among them the inventory is all that the files say. */
  readonly problems: readonly ReadProblem[]
  /** The files that were read, sorted. */
  readonly inputs: readonly string[]
}

/**
 * @param path a folder, or one file
 * @throws AivError `E_NOT_FOUND`, `E_PERMISSION`, `E_IO`, `E_TOO_LARGE`; `E_USAGE` for a bad SOURCE_DATE_EPOCH
 */
export async function scanProject(path: string, options: ScanOptions = {}): Promise<Scan> {
  const { root, tasks, problems: unread, isProgram = false } = chooseFiles(path, options)
  const files = new FolderFiles(root)
  const results = await readAll(root, files, tasks, options.jobs ?? 1)
  const problems = [...unread, ...results.flatMap((result) => result.problems)]
  const read = results.flatMap((result) => result.projects)
  const projects = isProgram ? read.map(programAtTop) : read
  const inputs = [...new Set(tasks.map((task) => task.path))].sort()
  const binary = tasks.some(({ reader }) => reader === 'binary')
  const lifecycles: Lifecycle[] = [
    ...(tasks.length === 0 || tasks.some(({ reader }) => reader !== 'binary') ? ['pre-build' as const] : []),
    ...(binary ? ['post-build' as const] : []),
  ]
  const bom = omitScopes(
    assemble(projects, options, {
      name: '',
      created: await createdTime(root, inputs, options.sourceDateEpoch, options.clock ?? systemClock),
      authors: options.authors ?? [],
      tools: options.tools ?? [],
      supplier: options.supplier,
      lifecycles,
      dataLicense: 'CC0-1.0',
    }),
    options.omit ?? [],
  )
  return {
    bom: named(options.installed === false ? bom : await describeInstalled(bom, files, projects)),
    problems: problems.sort(byPlace),
    inputs,
  }
}

async function readAll(
  root: string,
  files: ProjectFiles,
  tasks: readonly ReadTask[],
  jobs: number,
): Promise<readonly ReadResult[]> {
  if (jobs > 1 && tasks.length > 1)
    return (await import('./reading/read-in-threads.ts')).readInThreads(root, tasks, jobs)
  const results: ReadResult[] = []
  for (const task of tasks) results.push(await readFile(task, files))
  return results
}

/** What the installed packages say of themselves, and the licenses that their texts are. */
async function describeInstalled(
  bom: Bom,
  files: ProjectFiles,
  projects: readonly ReadProject[],
): Promise<Bom> {
  if (projects.length === 0) return bom
  const { findInstalled } = await import('../installed/index.ts')
  const folders = projects.map(({ root }) => root.ref.replace(/^path:/, ''))
  const packages = findInstalled(files, [...new Set(folders)].sort())
  return { ...bom, components: bom.components.map((component) => packages.describe(component)) }
}

/** The document is named for what it is about, whose supplier and author speak for it where nobody else is named. */
function named(bom: Bom): Bom {
  const top = bom.components.find(({ ref }) => ref === TOP_REF)
  if (top === undefined) return bom
  const supplier = bom.document.supplier ?? top.supplier ?? top.author
  const { authors } = bom.document
  return {
    ...bom,
    components: bom.components.map((component) =>
      component.ref === TOP_REF && component.supplier === undefined && supplier !== undefined
        ? { ...component, supplier }
        : component,
    ),
    document: {
      ...bom.document,
      name: top.version === undefined ? top.name : `${top.name}@${top.version}`,
      supplier,
      authors: authors.length > 0 || supplier === undefined ? authors : [supplier],
    },
  }
}

function byPlace(a: ReadProblem, b: ReadProblem): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1
  if (a.line !== b.line) return (a.line ?? 0) - (b.line ?? 0)
  return a.message < b.message ? -1 : 1
}
