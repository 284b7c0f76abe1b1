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

/** A flag goes before the file, and the file before the default. @throws AivError `E_USAGE`, `E_MALFORMED`, `E_INPUT` */
export async function lintSettings(flags: LintFlags): Promise<LintSettings> {
  const { parseBaseline } = await loadLintConfig()
  const config = await readConfig(flags)
  const baselineFile = flags.baseline ?? config.baseline
  const writes = flags['baseline-create'] || flags['baseline-update'] || flags['baseline-prune']
  if (writes && baselineFile === undefined)
    throw new AivError('E_USAGE', 'no file is named for the baseline', { hint: 'Add --baseline FILE' })
  const text = baselineFile === undefined ? undefined : await readIfThere(baselineFile)
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
  const text = await readIfThere(path)
  if (text !== undefined) return parseConfig(text, path)
  if (flags.config === undefined) return NO_CONFIG
  throw new AivError('E_INPUT', `there is no ${path}`)
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
