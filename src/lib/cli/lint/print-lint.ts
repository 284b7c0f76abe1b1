/** Prints what a run found. */
import { loadReporters } from '../../lint/index.ts'
import type { Output } from '../output.ts'
import type { LintFlags } from './flags.ts'
import { type FinishedLint, runLint } from './run-lint.ts'

export interface LintCall {
  readonly paths: readonly string[]
  readonly flags: LintFlags
  readonly toolVersion: string
  readonly out: Output
}

/** @returns the exit code */
export async function printLint(call: LintCall): Promise<number> {
  const { flags, out } = call
  const finished = await runLintCall(call)
  if (out.isJson && !flags.quiet) out.json((await loadReporters()).reportDocument(finished.input))
  if (finished.stdout !== undefined) process.stdout.write(finished.stdout)
  for (const remark of finished.input.report.remarks) out.note(`note: ${remark}`)
  if (finished.input.report.files.length === 0 && flags['changed-since'] === undefined)
    out.note(
      `warning: there is nothing to judge: no bill of materials and no lockfile in ${call.paths.join(', ')}`,
    )
  return finished.exitCode
}

export async function runLintCall({ paths, flags, toolVersion, out }: LintCall): Promise<FinishedLint> {
  return await runLint(paths, flags, toolVersion, { color: wantsColor(), stdoutText: !out.isJson })
}

/** @see https://no-color.org */
function wantsColor(): boolean {
  const { NO_COLOR = '', TERM } = process.env
  return process.stdout.isTTY === true && NO_COLOR === '' && TERM !== 'dumb'
}
