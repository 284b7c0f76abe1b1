export { lint } from './lint.ts'
export type { GivenText, LintOptions, LintRun } from './options.ts'
