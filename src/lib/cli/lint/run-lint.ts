/** One run of `aiv lint`, from the words of the command line to its reports. */
import { statSync } from 'node:fs'
import {
  exitCodeFor,
  type GivenText,
  type LintReport,
  loadLintConfig,
  loadLintRun,
  loadReporters,
  type ReportInput,
} from '../../lint/index.ts'
import { readInput } from '../io/input.ts'
import { writeDocument } from './document-outputs.ts'
import type { LintFlags } from './flags.ts'
import { type LintSettings, lintSettings } from './lint-settings.ts'
import { refuseLinkOut } from './output-links.ts'
import { parseReportOutputs, type ReportOutput } from './report-outputs.ts'

export interface FinishedLint {
  readonly input: ReportInput
  readonly exitCode: 0 | 1 | 3
  /** What stdout is to hold; undefined with `--quiet`. */
  readonly stdout?: string | undefined
}

/**
 * @param paths as typed; `-` is stdin
 * @param stdoutText false when stdout holds the JSON of `--json`
 */
export async function runLint(
  paths: readonly string[],
  flags: LintFlags,
  toolVersion: string,
  { color, stdoutText }: { readonly color: boolean; readonly stdoutText: boolean },
): Promise<FinishedLint> {
  const outputs = parseReportOutputs(flags.output ?? [])
  const settings = await lintSettings(flags)
  if (flags.cache !== undefined) await refuseLinkOut(flags.cache)
  const { lint } = await loadLintRun()
  const texts = await givenTexts(paths, flags['stdin-filename'])
  const { report, rules } = await lint({
    paths: paths.filter((path) => path !== '-' && !isStream(path)),
    texts,
    folder: process.cwd(),
    rules: flags.rule,
    select: flags.select,
    skip: flags.skip,
    project: flags.project,
    config: settings.config,
    baseline: flags['baseline-create'] ? [] : settings.baseline,
    changedSince: flags['changed-since'],
    cache: flags.cache,
    jobs: flags.jobs,
    toolVersion,
  })
  const wroteBaseline = await writeBaseline(flags, settings, report)
  // What was just written into the baseline is known.
  const exitCode = wroteBaseline && report.unfinished.length === 0 ? 0 : exitCodeFor(report, settings.failOn)
  const { severity, failOn } = settings
  const input: ReportInput = { report, rules, severity, failOn, exitCode, toolVersion, color }
  return { input, exitCode, stdout: await writeReports(outputs, input, flags.quiet || !stdoutText) }
}

async function givenTexts(
  paths: readonly string[],
  stdinName: string | undefined,
): Promise<readonly GivenText[]> {
  const texts: GivenText[] = []
  for (const path of paths) {
    if (path !== '-' && !isStream(path)) continue
    const bytes = await readInput(path)
    texts.push({ name: path === '-' ? (stdinName ?? 'stdin') : path, text: new TextDecoder().decode(bytes) })
  }
  return texts
}

/** What a shell makes of `<(command)`: it can be read once, and has no size. */
function isStream(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat !== undefined && !stat.isFile() && !stat.isDirectory()
}

async function writeBaseline(flags: LintFlags, settings: LintSettings, report: LintReport): Promise<boolean> {
  const { baselineFile } = settings
  if (baselineFile === undefined) return false
  const { baselineOf, formatBaseline, pruned } = await loadLintConfig()
  if (flags['baseline-create'] || flags['baseline-update']) {
    await writeDocument(baselineFile, formatBaseline(baselineOf(report.findings)))
    return true
  }
  if (flags['baseline-prune'])
    await writeDocument(baselineFile, formatBaseline(pruned(settings.baseline, report.findings)))
  return false
}

async function writeReports(
  outputs: readonly ReportOutput[],
  input: ReportInput,
  isQuiet: boolean,
): Promise<string | undefined> {
  const { renderReport } = await loadReporters()
  for (const { format, file } of outputs)
    if (file !== undefined) await writeDocument(file, await renderReport(format, { ...input, color: false }))
  if (isQuiet) return undefined
  const { format = 'text' } = outputs.find(({ file }) => file === undefined) ?? {}
  return await renderReport(format, input)
}
