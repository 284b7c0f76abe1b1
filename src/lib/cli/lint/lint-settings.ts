/** What flags and `.aiv-lint.yaml` together say of a run. */
import { readFile } from 'node:fs/promises'
import { AivError } from '../../core/index.ts'
import {
  type BaselineEntry,
  type LintConfig,
  loadLintConfig,
  SEVERITIES,
  type Severity,
} from '../../lint/index.ts'
import type { LintFlags } from './flags.ts'

export interface LintSettings {
  readonly config: LintConfig
  /** Shown from here on. */
  readonly severity: Severity
  readonly failOn: Severity | 'never'
  readonly baselineFile?: string | undefined
  /** Findings that are known; none while a baseline is made. */
  readonly baseline: readonly BaselineEntry[]
}

/** A baseline of a hundred thousand findings has 40 MB. */
const MAX_PROJECT_FILE_BYTES = 64 * 1024 * 1024

/** A flag goes before the file, and the file before the default. @throws AivError `E_USAGE`, `E_MALFORMED`, `E_INPUT` */
export async function lintSettings(flags: LintFlags): Promise<LintSettings> {
  const { parseBaseline } = await loadLintConfig()
  const config = await readConfig(flags)
  const baselineFile = flags.baseline ?? config.baseline
  const writes = flags['baseline-create'] || flags['baseline-update'] || flags['baseline-prune']
  if (writes && baselineFile === undefined)
    throw new AivError('E_USAGE', 'no file is named for the baseline', { hint: 'Add --baseline FILE' })
  const text = await textOfBaseline(flags.baseline, config.baseline)
  if (baselineFile !== undefined && text === undefined && !flags['baseline-create'])
    throw new AivError('E_INPUT', `there is no ${baselineFile}`, { hint: 'Make it with --baseline-create' })
  if (flags['baseline-create'] && text !== undefined)
    throw new AivError('E_USAGE', `${baselineFile} is there already`, { hint: 'Use --baseline-update' })
  return {
    config,
    severity: severityNamed(flags.severity) ?? config.severity ?? 'warning',
    failOn:
      flags['fail-on'] === 'never' ? 'never' : (severityNamed(flags['fail-on']) ?? config.failOn ?? 'error'),
    baselineFile,
    baseline: text === undefined ? [] : parseBaseline(text, baselineFile ?? ''),
  }
}

async function readConfig(flags: LintFlags): Promise<LintConfig> {
  const { CONFIG_FILE, NO_CONFIG, parseConfig } = await loadLintConfig()
  if (flags['no-config']) return NO_CONFIG
  const path = flags.config ?? CONFIG_FILE
  const text = await (flags.config === undefined ? readOfProject(path) : readIfThere(path))
  if (text !== undefined) return parseConfig(text, path)
  if (flags.config === undefined) return NO_CONFIG
  throw new AivError('E_INPUT', `there is no ${path}`)
}

async function textOfBaseline(
  ofUser: string | undefined,
  ofProject: string | undefined,
): Promise<string | undefined> {
  if (ofUser !== undefined) return await readIfThere(ofUser)
  return ofProject === undefined ? undefined : await readOfProject(ofProject)
}

/** What the project names, and not the user, is no device and no secret elsewhere, whatever links say. */
async function readOfProject(path: string): Promise<string | undefined> {
  const { FolderFiles } = await import('../../lint/readers/index.ts')
  return new FolderFiles(process.cwd(), { maxFileBytes: MAX_PROJECT_FILE_BYTES }).text(path)
}

function severityNamed(word: string | undefined): Severity | undefined {
  return SEVERITIES.find((severity) => severity === word)
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ENOENT') return undefined
    throw new AivError('E_INPUT', `cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}
