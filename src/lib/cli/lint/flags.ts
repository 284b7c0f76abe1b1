/** Flags of `aiv lint`. */
import * as Flags from '@oclif/core/flags'
import { SEVERITIES } from '../../lint/index.ts'

export const LINT_FLAGS = {
  rule: Flags.string({
    summary: 'run only this rule, by id or name; may be repeated',
    multiple: true,
    helpValue: 'RULE',
    helpGroup: 'RULES',
  }),
  select: Flags.string({
    summary: 'run only rules that match, such as SB00*; may be repeated',
    multiple: true,
    delimiter: ',',
    helpValue: 'PATTERN,…',
    helpGroup: 'RULES',
  }),
  skip: Flags.string({
    summary: 'leave out rules that match; may be repeated',
    multiple: true,
    delimiter: ',',
    helpValue: 'PATTERN,…',
    helpGroup: 'RULES',
  }),
  severity: Flags.string({
    summary: 'show findings from this severity on; default warning',
    options: [...SEVERITIES],
    helpGroup: 'REPORT',
  }),
  'fail-on': Flags.string({
    summary: 'exit with 1 from this severity on; default error',
    options: [...SEVERITIES, 'never'],
    helpGroup: 'REPORT',
  }),
  output: Flags.string({
    char: 'o',
    summary: 'write a report: text, json, sarif, junit, markdown or github; may be repeated',
    multiple: true,
    helpValue: 'FORMAT[=FILE]',
    helpGroup: 'REPORT',
  }),
  quiet: Flags.boolean({ char: 'q', summary: 'print no report, only write the files', helpGroup: 'REPORT' }),
  config: Flags.string({
    summary: 'settings; default .aiv-lint.yaml, where there is one',
    helpValue: 'FILE',
    helpGroup: 'PROJECT',
    exclusive: ['no-config'],
  }),
  'no-config': Flags.boolean({ summary: 'use no settings of the project', helpGroup: 'PROJECT' }),
  project: Flags.string({
    summary: 'compare every document with the lockfiles of this folder',
    helpValue: 'FOLDER',
    helpGroup: 'PROJECT',
  }),
  baseline: Flags.string({
    summary: 'findings in this file are known and do not count',
    helpValue: 'FILE',
    helpGroup: 'BASELINE',
  }),
  'baseline-create': Flags.boolean({
    summary: 'write the baseline: what is found now is known from now on',
    helpGroup: 'BASELINE',
    exclusive: ['baseline-update', 'baseline-prune'],
  }),
  'baseline-update': Flags.boolean({
    summary: 'write the baseline again: new findings in, old ones out',
    helpGroup: 'BASELINE',
    exclusive: ['baseline-prune'],
  }),
  'baseline-prune': Flags.boolean({
    summary: 'take out of the baseline what is no longer found',
    helpGroup: 'BASELINE',
  }),
  'changed-since': Flags.string({
    summary: 'only files that differ from those of this commit; needs git',
    helpValue: 'REV',
    helpGroup: 'RUN',
  }),
  cache: Flags.string({
    summary:
      'judge only documents that changed; what this file says of the others is believed, so keep it outside of the repository',
    helpValue: 'FILE',
    helpGroup: 'RUN',
  }),
  jobs: Flags.integer({ char: 'j', summary: 'threads', default: 1, min: 1, max: 64, helpGroup: 'RUN' }),
  watch: Flags.boolean({ summary: 'run again whenever a file changes', helpGroup: 'RUN' }),
  'stdin-filename': Flags.string({
    summary: 'name of what stdin holds, which says what it is',
    helpValue: 'NAME',
    helpGroup: 'RUN',
  }),
}

/** What the parser gives for {@link LINT_FLAGS}. */
export interface LintFlags {
  readonly rule?: readonly string[] | undefined
  readonly select?: readonly string[] | undefined
  readonly skip?: readonly string[] | undefined
  readonly severity?: string | undefined
  readonly 'fail-on'?: string | undefined
  readonly output?: readonly string[] | undefined
  readonly quiet: boolean
  readonly config?: string | undefined
  readonly 'no-config': boolean
  readonly project?: string | undefined
  readonly baseline?: string | undefined
  readonly 'baseline-create': boolean
  readonly 'baseline-update': boolean
  readonly 'baseline-prune': boolean
  readonly 'changed-since'?: string | undefined
  readonly cache?: string | undefined
  readonly jobs: number
  readonly watch: boolean
  readonly 'stdin-filename'?: string | undefined
}
