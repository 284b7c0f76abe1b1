/** A rule for people and for programs. */
import type { RuleInfo } from './rule.ts'

/** The fields of `--json`. */
export function ruleDocument({
  id,
  name,
  severity,
  evidence,
  summary,
  rationale,
  fix,
  references,
}: RuleInfo): Readonly<Record<string, unknown>> {
  return { id, name, severity, evidence, summary, rationale, fix, references }
}

export function ruleText({
  id,
  name,
  severity,
  evidence,
  summary,
  rationale,
  fix,
  references,
}: RuleInfo): string {
  return [
    `${id} ${name} (${severity}, by ${evidence})`,
    '',
    summary,
    '',
    `Why: ${rationale}`,
    '',
    `What to do: ${fix}`,
    '',
    ...references.map(({ title, url }) => `${title}: ${url}`),
  ].join('\n')
}

/** The section of `docs/lint-rules.md`. */
export function ruleMarkdown({
  id,
  name,
  severity,
  evidence,
  summary,
  rationale,
  fix,
  references,
}: RuleInfo): string {
  return [
    `## ${id} ${name}`,
    `${summary} Severity: ${severity}. Judged by: ${evidence}.`,
    rationale,
    `**What to do.** ${fix}`,
    references.map(({ title, url }) => `- [${title}](${url})`).join('\n'),
  ].join('\n\n')
}
