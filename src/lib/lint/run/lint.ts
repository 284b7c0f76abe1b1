/** One run: finds the files, judges them by the rules, and makes the report. */
import { resolve } from 'node:path'
import { systemClock } from '../../core/index.ts'
import { NAMELESS } from '../bom/index.ts'
import { dayOf, suppress } from '../config/index.ts'
import { compareFindings, type Finding, fingerprinted, type RuleVerdict } from '../findings/index.ts'
import { FolderFiles } from '../readers/index.ts'
import {
  findRule,
  type Judgement,
  type ProjectSubject,
  type ProjectTruth,
  RULES,
  selectRules,
  severityOf,
} from '../rules/index.ts'
import { CommittedFiles } from './changed.ts'
import { judgeAmongOthers, judgeDocuments, type Truths } from './documents.ts'
import { type DocumentTarget, findTargets, isFolder, type ProjectTarget, pathIn } from './find-targets.ts'
import type { LintOptions, LintRun } from './options.ts'
import { judgeProject, scanTarget, scanText } from './projects.ts'

/** What one rule says of one file. */
interface Judged {
  readonly rule: string
  readonly path: string
  readonly judgement: Judgement
}

/**
 * @throws AivError `E_USAGE` for a word that means no rule, `E_INPUT` for a named path that cannot be read, `E_IO`
 *   for a cache that cannot be written
 */
export async function lint(options: LintOptions): Promise<LintRun> {
  const { config, folder } = options
  const clock = options.clock ?? systemClock
  const nowMs = clock.wallMs()
  const rules = selectRules({
    ...(options.rules === undefined && options.select === undefined
      ? { select: config.select }
      : { rules: options.rules, select: options.select }),
    skip: [...config.skip, ...(options.skip ?? [])],
  })
  const found = findTargets(options.paths, folder, config.ignore)
  const committed =
    options.changedSince === undefined ? undefined : await CommittedFiles.of(options.changedSince, folder)
  const given = await givenTargets(options)
  const scans = await scanAll(options, found.projects)
  const subjects = [...scans.values(), ...given.projects].filter((subject) =>
    projectChanged(committed, subject, folder),
  )
  const documents = [
    // Where a lockfile has changed, a document that has not is the one that is out of date.
    ...found.documents.filter(({ path, text }) => subjects.length > 0 || isChanged(committed, path, text)),
    ...given.documents,
  ]
  const judgedDocuments = await judgeDocuments(documents, rules, nowMs, options)
  const truths = await truthsFor(options, scans)
  const amongOthers = await judgeAmongOthers(judgedDocuments, documents, truths, rules, nowMs)
  const judged = [
    ...judgedDocuments.flatMap(({ path, judgements }) => listed(path, judgements, rules)),
    ...amongOthers.flatMap((judgements, index) =>
      listed((documents[index] as DocumentTarget).path, judgements, rules),
    ),
    ...(
      await Promise.all(
        subjects.map(async (subject) => listed(subject.path, await judgeProject(subject, rules), rules)),
      )
    ).flat(),
  ]
  const { findings, remarks } = suppress(
    fingerprinted(judged.flatMap((entry) => findingsOf(entry, config.severities))),
    config.suppressions,
    options.baseline ?? [],
    dayOf(nowMs),
  )
  return {
    rules: RULES.filter(({ id }) => rules.has(id)),
    report: {
      findings: [...findings].sort(compareFindings),
      verdicts: judged.map(verdictOf).sort(byPathAndRule),
      files: [
        ...new Set([...documents.map(({ path }) => path), ...subjects.flatMap(({ inputs }) => inputs)]),
      ].sort(),
      unfinished: found.unfinished,
      remarks: remarks.toSorted(),
    },
  }
}

async function givenTargets({ texts = [] }: LintOptions) {
  const documents: DocumentTarget[] = []
  const projects: ProjectSubject[] = []
  for (const given of texts) {
    const subject = await scanText(given)
    if (subject === undefined) documents.push({ path: given.name, text: given.text })
    else projects.push(subject)
  }
  return { documents, projects }
}

async function scanAll(
  { config, jobs = 1, clock = systemClock }: LintOptions,
  targets: readonly ProjectTarget[],
): Promise<ReadonlyMap<string, ProjectSubject>> {
  const scans = new Map<string, ProjectSubject>()
  for (const target of targets) {
    const isFile = !isFolder(target.absolute, target.path)
    scans.set(target.path, await scanTarget(target, { ignore: config.ignore, jobs, clock, isFile }))
  }
  return scans
}

function isChanged(committed: CommittedFiles | undefined, path: string, content: string): boolean {
  return committed === undefined || committed.isChanged(path, new TextEncoder().encode(content))
}

function projectChanged(
  committed: CommittedFiles | undefined,
  { inputs }: ProjectSubject,
  folder: string,
): boolean {
  if (committed === undefined) return true
  const files = new FolderFiles(folder)
  return inputs.some((path) => {
    const content = files.bytes(path)
    return content === undefined || committed.isChanged(path, content)
  })
}

async function truthsFor(options: LintOptions, scans: ReadonlyMap<string, ProjectSubject>): Promise<Truths> {
  if (options.project !== undefined) {
    const absolute = resolve(options.folder, options.project)
    const path = pathIn(options.folder, absolute)
    const [subject] = (await scanAll(options, [{ path, absolute }])).values()
    return {
      named: subject === undefined ? undefined : truthOf(path, subject),
      byName: new Map(),
    }
  }
  const byName = new Map<string, ProjectTruth>()
  for (const [folder, subject] of scans) {
    const { bom } = subject
    const name = bom.components.find(({ ref }) => ref === bom.primary)?.name
    if (name !== undefined && name !== NAMELESS && !byName.has(name))
      byName.set(name, truthOf(folder, subject))
  }
  return { byName }
}

function truthOf(folder: string, { bom, problems }: ProjectSubject): ProjectTruth {
  return { folder, bom, isComplete: !problems.some(({ severity }) => severity === 'error') }
}

function listed(
  path: string,
  judgements: Readonly<Record<string, Judgement>>,
  rules: ReadonlySet<string>,
): readonly Judged[] {
  return Object.entries(judgements)
    .filter(([rule]) => rules.has(rule))
    .map(([rule, judgement]) => ({ rule, path, judgement }))
}

function findingsOf(
  { rule: id, path, judgement }: Judged,
  severities: LintOptions['config']['severities'],
): readonly Omit<Finding, 'fingerprint'>[] {
  if (judgement.verdict !== 'fail') return []
  const rule = findRule(id)
  if (rule === undefined) return []
  const { name, fix } = rule
  const severity = severityOf(rule, severities)
  return judgement.hits.map((hit) => ({ ...hit, rule: id, name, severity, fix, path: hit.path ?? path }))
}

function verdictOf({ rule, path, judgement: { verdict, reason } }: Judged): RuleVerdict {
  return { rule, path, verdict, reason }
}

function byPathAndRule(a: RuleVerdict, b: RuleVerdict): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1
  if (a.rule === b.rule) return 0
  return a.rule < b.rule ? -1 : 1
}
