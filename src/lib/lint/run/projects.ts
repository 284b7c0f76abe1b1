/** Scans the projects of a run, and says what the rules say of their lockfiles. */
import { dirname } from 'node:path'
import type { Clock } from '../../core/index.ts'
import { MemoryFiles, type ReadProblem } from '../readers/index.ts'
import { type Judgement, PROJECT_RULES, type ProjectSubject } from '../rules/index.ts'
import { assemble } from '../scan/assemble.ts'
import { chooseReaders } from '../scan/files/choose-readers.ts'
import { type Scan, scanProject } from '../scan/index.ts'
import { readFile } from '../scan/reading/read-files.ts'
import { joined, type ProjectTarget } from './find-targets.ts'
import type { GivenText } from './options.ts'

/** Nothing installed is looked at: the rules are about what the lockfiles say. */
export async function scanTarget(
  { path, absolute }: ProjectTarget,
  options: {
    readonly ignore: readonly string[]
    readonly jobs: number
    readonly clock: Clock
    readonly isFile: boolean
  },
): Promise<ProjectSubject> {
  const scan = await scanProject(absolute, {
    exclude: options.ignore,
    jobs: options.jobs,
    clock: options.clock,
    installed: false,
  })
  return subjectOf(options.isFile ? folderNaming(path, scan) : path, scan)
}

/** What stdin held, under the name that was given for it. Undefined when no reader knows the name. */
export async function scanText({ name, text }: GivenText): Promise<ProjectSubject | undefined> {
  const chosen = chooseReaders([name])
  if (chosen.length === 0) return undefined
  const files = new MemoryFiles({ [name]: text })
  const results = await Promise.all(
    chosen.map(({ path, entry }) => readFile({ path, reader: entry.id }, files)),
  )
  const projects = results.flatMap((result) => result.projects)
  const bom = assemble(projects, {}, { name: '', authors: [], tools: [], lifecycles: [] })
  return { path: '.', bom, problems: results.flatMap((result) => result.problems), inputs: [name] }
}

export async function judgeProject(
  subject: ProjectSubject,
  rules: ReadonlySet<string>,
): Promise<Readonly<Record<string, Judgement>>> {
  const judgements: Record<string, Judgement> = {}
  for (const rule of PROJECT_RULES) if (rules.has(rule.id)) judgements[rule.id] = await rule.judge(subject)
  return judgements
}

function subjectOf(folder: string, { bom, problems, inputs }: Scan): ProjectSubject {
  return {
    path: folder,
    bom,
    problems: problems.map((problem): ReadProblem => ({ ...problem, path: joined(folder, problem.path) })),
    inputs: inputs.map((path) => joined(folder, path)),
  }
}

/** A scan of one file names it relative to the folder that gives the name its meaning, at most two above. */
function folderNaming(path: string, { inputs: [input = ''] }: Scan): string {
  let folder = path
  for (const _ of input.split('/')) folder = dirname(folder)
  return folder
}
