/** Runs demo steps one after the other and counts their checks. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, type DemoCheck, type DemoStep, systemClock } from '../../core/index.ts'

export interface StepReport {
  readonly step: string
  readonly durationMs: number
  readonly checks: readonly DemoCheck[]
}

export interface DemoOptions {
  readonly signal: AbortSignal
  readonly clock?: Clock
  /** Called before each step. */
  readonly onStart?: (step: DemoStep) => void
  /** Called after each step. */
  readonly onReport?: (report: StepReport) => void
}

export interface DemoTotals {
  readonly passed: number
  readonly failed: number
  readonly steps: readonly StepReport[]
}

/** A step that throws, or that checks nothing, counts as one failed check; the others still run. */
export async function runDemo(
  steps: readonly (() => Promise<DemoStep>)[],
  options: DemoOptions,
): Promise<DemoTotals> {
  const clock = options.clock ?? systemClock
  const reports: StepReport[] = []
  for (const load of steps) {
    options.signal.throwIfAborted()
    const step = await load()
    options.onStart?.(step)
    const startedAt = clock.now()
    const checks = await runStep(step, options.signal)
    const report = { step: step.name, durationMs: Math.round(clock.now() - startedAt), checks }
    reports.push(report)
    options.onReport?.(report)
  }
  const all = reports.flatMap(({ checks }) => checks)
  const passed = all.filter((check) => check.passed).length
  return { passed, failed: all.length - passed, steps: reports }
}

async function runStep(step: DemoStep, signal: AbortSignal): Promise<readonly DemoCheck[]> {
  const folder = await mkdtemp(join(tmpdir(), 'aiv-demo-'))
  try {
    const checks = await step.run({ folder, signal })
    return checks.length > 0 ? checks : [{ name: `${step.name} checks something`, passed: false }]
  } catch (error) {
    if (signal.aborted) throw error
    const detail = error instanceof Error ? error.message : String(error)
    return [{ name: `${step.name} runs to its end`, passed: false, detail }]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
