/** Runs the rules over texts, without files. */
import { systemClock } from '../../src/lib/core/index.ts'
import { NO_CONFIG } from '../../src/lib/lint/config/index.ts'
import { type LintOptions, type LintRun, lint } from '../../src/lib/lint/run/index.ts'

/** 2026-06-01: after the documents of the tests were made. */
const NOW_MS = Date.UTC(2026, 5, 1)

export const LINT_DEFAULTS: LintOptions = {
  paths: [],
  folder: '/nonexistent',
  config: NO_CONFIG,
  toolVersion: '0.1.0',
  clock: { ...systemClock, wallMs: () => NOW_MS },
}

/** @param texts by name; what is no text is written as JSON */
export async function lintTexts(
  texts: Readonly<Record<string, unknown>>,
  options: Partial<LintOptions> = {},
): Promise<LintRun> {
  return await lint({
    ...LINT_DEFAULTS,
    ...options,
    texts: Object.entries(texts).map(([name, value]) => ({
      name,
      text: typeof value === 'string' ? value : JSON.stringify(value, undefined, 2),
    })),
  })
}
