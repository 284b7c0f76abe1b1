/** Rules about what the lockfiles of a project themselves say. */
import type { Bom } from '../../bom/index.ts'
import type { ReadProblem } from '../../readers/index.ts'
import { inconclusive, type Judgement, judged, notApplicable, type Rule } from '../rule.ts'
import { NTIA } from './sources.ts'
import { labelOf, sentence } from './subject.ts'

export interface ProjectSubject {
  /** The folder, relative to that of the run. */
  readonly path: string
  readonly bom: Bom
  /** Paths relative to the folder of the run. */
  readonly problems: readonly ReadProblem[]
  /** Lockfiles and manifests that were read; relative likewise. */
  readonly inputs: readonly string[]
}

export type ProjectRule = Rule<ProjectSubject>

export const PROJECT_RULES: readonly ProjectRule[] = [
  {
    id: 'SB0032',
    name: 'unreadable-lockfile',
    severity: 'error',
    evidence: 'source',
    summary: 'Every lockfile of the project can be read.',
    rationale: 'What stands in it is missing from every bill of materials of the project.',
    fix: 'Make the lockfile again with its package manager, and solve conflicts of a merge there.',
    references: [NTIA],
    judge: (subject) => judgeProblems(subject, 'error'),
  },
  {
    id: 'SB0033',
    name: 'lockfile-read-in-part',
    severity: 'warning',
    evidence: 'source',
    summary: 'Every entry of every lockfile is understood.',
    rationale: 'A bill of materials is incomplete by the entries that were left out.',
    fix: 'See what the message says of the entry.',
    references: [NTIA],
    judge: (subject) => unlessBroken(subject, judgeProblems(subject, 'warning')),
  },
  {
    id: 'SB0034',
    name: 'unpinned-dependency',
    severity: 'warning',
    evidence: 'source',
    summary: 'Every dependency has one version.',
    rationale:
      'What a range leads to depends on the day: nobody can list it, and the next build may have another.',
    fix: 'Write a lockfile, or pin the version.',
    references: [NTIA],
    judge(subject) {
      const { bom, inputs, path } = subject
      if (inputs.length === 0) return notApplicable('there is no lockfile')
      const judgement = judged(
        bom.components
          .filter(
            ({ version, origin, ref }) =>
              version === undefined && ref !== bom.primary && origin !== 'workspace' && origin !== 'path',
          )
          .map((component) => {
            const [place] = component.occurrences ?? []
            return {
              message: `${labelOf(component)} is pinned to no version.`,
              entity: labelOf(component),
              ...(place === undefined ? {} : { path: joined(path, place.path), line: place.line }),
            }
          }),
      )
      return unlessBroken(subject, judgement)
    },
  },
]

/** Nothing is in order with a lockfile that was not read. */
function unlessBroken({ problems }: ProjectSubject, judgement: Judgement): Judgement {
  return judgement.verdict === 'pass' && problems.some(({ severity }) => severity === 'error')
    ? inconclusive('a lockfile could not be read')
    : judgement
}

function judgeProblems({ problems, inputs }: ProjectSubject, severity: ReadProblem['severity']): Judgement {
  if (inputs.length === 0 && problems.length === 0) return notApplicable('there is no lockfile')
  return judged(
    problems
      .filter((problem) => problem.severity === severity)
      .map(({ message, path, line, column }) => ({ message: sentence(message), path, line, column })),
  )
}

function joined(folder: string, path: string): string {
  return folder === '.' ? path : `${folder}/${path}`
}
