/**
 * What a rule is. Each is data that people read and a function that judges one kind of subject; a rule passes only on
 * what it has seen, and says so when it could see nothing.
 */
import type { Place, Severity, Verdict } from '../findings/index.ts'

/** What a verdict rests on. */
export const EVIDENCE = ['probe', 'capture', 'config', 'vector', 'source', 'binary', 'document'] as const
export type Evidence = (typeof EVIDENCE)[number]

export interface Reference {
  readonly title: string
  readonly url: string
}

export interface RuleInfo {
  /** Two letters for the family, four digits. Never used again for something else. */
  readonly id: string
  /** Words with hyphens, unique like the id. */
  readonly name: string
  /** What it is worth unless the configuration says otherwise. */
  readonly severity: Severity
  readonly evidence: Evidence
  /** What is demanded, one sentence. */
  readonly summary: string
  /** Why anybody should care. */
  readonly rationale: string
  /** What to do about a finding. */
  readonly fix: string
  readonly references: readonly Reference[]
}

/** One thing that a rule objects to. */
export interface Hit extends Omit<Place, 'path'> {
  /** One sentence with a full stop, without line numbers. */
  readonly message: string
  readonly entity?: string | undefined
  /** Of another file than the subject. */
  readonly path?: string | undefined
}

export interface Judgement {
  readonly verdict: Verdict
  /** Why it is inconclusive or not applicable. */
  readonly reason?: string | undefined
  /** Those of a verdict `fail`. */
  readonly hits: readonly Hit[]
}

export interface Rule<Subject> extends RuleInfo {
  judge(subject: Subject): Judgement | Promise<Judgement>
}

/** Fails with the hits; passes when there are none. */
export function judged(hits: readonly Hit[]): Judgement {
  return { verdict: hits.length === 0 ? 'pass' : 'fail', hits }
}

export function notApplicable(reason: string): Judgement {
  return { verdict: 'not-applicable', reason, hits: [] }
}

export function inconclusive(reason: string): Judgement {
  return { verdict: 'inconclusive', reason, hits: [] }
}
