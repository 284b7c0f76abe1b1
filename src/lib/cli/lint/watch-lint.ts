/** `aiv lint --watch`: a report whenever a file changes, until it is interrupted. */
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { AivError, isAivError } from '../../core/index.ts'
import { loadReporters } from '../../lint/index.ts'
import { unfinishedFile } from '../io/write-out.ts'
import { FolderChanges } from './folder-changes.ts'
import { type LintCall, runLintCall } from './print-lint.ts'
import { parseReportOutputs } from './report-outputs.ts'
import type { FinishedLint } from './run-lint.ts'

/** @throws AivError `E_USAGE` for stdin or wrong flags, `E_IO` when the folders cannot be watched */
export async function watchLint(call: LintCall, signal: AbortSignal): Promise<void> {
  if (call.paths.includes('-')) throw new AivError('E_USAGE', 'stdin cannot be watched')
  const changes = new FolderChanges(signal, ownFiles(call))
  try {
    changes.watch(call.paths.map(folderOf))
    const first = await runLintCall(call)
    changes.watch(foldersOf(first))
    // Only now: a change in any folder that was looked into leads to a report from here on.
    call.out.event('ready', {}, 'ready: waiting for changes')
    await report(call, first)
    while (await changes.next()) {
      try {
        const next = await runLintCall(call)
        changes.watch(foldersOf(next))
        await report(call, next)
      } catch (error) {
        // A file that was named is away while it is being written anew.
        if (!isAivError(error, 'E_INPUT')) throw error
        call.out.note(`note: ${error.message}`)
      }
    }
  } finally {
    changes.close()
  }
}

async function report({ out, flags }: LintCall, { input, stdout }: FinishedLint): Promise<void> {
  if (stdout !== undefined) process.stdout.write(stdout)
  if (out.isJson && !flags.quiet) out.event('report', (await loadReporters()).reportDocument(input))
  for (const remark of input.report.remarks) out.note(`note: ${remark}`)
}

/** What a run writes itself must not lead to the next one. */
function ownFiles({ flags }: LintCall): ReadonlySet<string> {
  const files = [
    ...parseReportOutputs(flags.output ?? []).map(({ file }) => file),
    flags.cache,
    flags.cache === undefined ? undefined : `${flags.cache}.new`,
    flags.baseline,
  ]
  return new Set(
    files.flatMap((file) => (file === undefined ? [] : [resolve(file), unfinishedFile(resolve(file))])),
  )
}

function foldersOf({ input }: FinishedLint): readonly string[] {
  return [...new Set(input.report.files.map((file) => dirname(resolve(file))))]
}

function folderOf(path: string): string {
  const absolute = resolve(path)
  const stat = statSync(absolute, { throwIfNoEntry: false })
  if (stat === undefined) throw new AivError('E_INPUT', `there is no ${path}`)
  return stat.isDirectory() ? absolute : dirname(absolute)
}
