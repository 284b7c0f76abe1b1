/** Judges the documents of a run: each by itself, then among the others. */
import { resolve } from 'node:path'
import {
  type Judgement,
  type ProjectTruth,
  SBOM_AMONG_OTHERS_RULES,
  SBOM_RULES,
  sbomSubject,
} from '../rules/index.ts'
import { LintCache } from './cache.ts'
import type { DocumentTarget } from './find-targets.ts'
import { digestOf, type JudgedDocument, judgeDocument, readTarget } from './judge-document.ts'
import type { LintOptions } from './options.ts'

/** The lockfiles that documents are compared with. */
export interface Truths {
  /** For every document, because the user says so. */
  readonly named?: ProjectTruth | undefined
  /** By the name of the component at the top. */
  readonly byName: ReadonlyMap<string, ProjectTruth>
}

/** @returns in the order of the targets; with a cache the judgements of all rules */
export async function judgeDocuments(
  targets: readonly DocumentTarget[],
  selected: ReadonlySet<string>,
  nowMs: number,
  { cache: cachePath, toolVersion, jobs = 1, folder }: LintOptions,
): Promise<readonly JudgedDocument[]> {
  if (cachePath === undefined) return await judgeAll(targets, selected, nowMs, jobs)
  // All rules, so that the answer serves every later selection.
  const all = new Set(SBOM_RULES.map(({ id }) => id))
  const cache = new LintCache(resolve(folder, cachePath), `${toolVersion} ${[...all].join(' ')}`)
  const known = targets.map((target) => cache.find(target.path, digestOf(target.text)))
  const missing = targets.filter((_, index) => known[index] === undefined)
  const fresh = (await judgeAll(missing, all, nowMs, jobs)).values()
  const judged = known.map((document) => document ?? (fresh.next().value as JudgedDocument))
  for (const document of judged) cache.keep(document)
  cache.save()
  return judged
}

async function judgeAll(
  targets: readonly DocumentTarget[],
  rules: ReadonlySet<string>,
  nowMs: number,
  jobs: number,
): Promise<readonly JudgedDocument[]> {
  if (jobs > 1 && targets.length > 1)
    return await (await import('./judge-in-threads.ts')).judgeInThreads(targets, rules, nowMs, jobs)
  const judged: JudgedDocument[] = []
  for (const target of targets) judged.push(await judgeDocument(target, rules, nowMs))
  return judged
}

/** @param judged in the order of the targets; @returns likewise, by id of the rule */
export async function judgeAmongOthers(
  judged: readonly JudgedDocument[],
  targets: readonly DocumentTarget[],
  { named, byName }: Truths,
  rules: ReadonlySet<string>,
  nowMs: number,
): Promise<readonly Readonly<Record<string, Judgement>>[]> {
  const wanted = SBOM_AMONG_OTHERS_RULES.filter(({ id }) => rules.has(id))
  const byNamespace = Map.groupBy(judged, ({ namespace }) => namespace)
  const results: Record<string, Judgement>[] = []
  for (const [index, { path, namespace, digest, primaryName, isReadable }] of judged.entries()) {
    const target = targets[index] as DocumentTarget
    const alike = namespace === undefined ? [] : (byNamespace.get(namespace) ?? [])
    const subject = {
      path,
      isReadable,
      namespace,
      sameNamespace: alike.filter((other) => other.digest !== digest).map((other) => other.path),
      project: named ?? (primaryName === undefined ? undefined : byName.get(primaryName)),
      load: async () => sbomSubject(path, target.text, await readTarget(target), nowMs),
    }
    const judgements: Record<string, Judgement> = {}
    for (const rule of wanted) judgements[rule.id] = await rule.judge(subject)
    results.push(judgements)
  }
  return results
}
