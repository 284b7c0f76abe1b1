/**
 * Runs the steps of a GitHub workflow and of a composite action on this machine: as much of the format as ours use,
 * and an error for what is beyond it.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

interface Step {
  readonly name?: string
  readonly id?: string
  readonly if?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, string | number | boolean>>
  readonly env?: Readonly<Record<string, string>>
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly outputs?: Readonly<Record<string, { readonly value: string }>>
  readonly runs: { readonly using: string; readonly steps: readonly Step[] }
}

export interface StepResult {
  readonly name: string
  readonly code: number
  readonly text: string
}

export interface WorkflowRun {
  readonly steps: readonly StepResult[]
  /** What was appended to the summary of the job. */
  readonly summary: string
}

type Values = Readonly<Record<string, string>>

export interface Runner {
  /** Where the checkout lies. */
  readonly workspace: string
  /** A folder for the runner's own files. */
  readonly temp: string
  /** The folder of the action, by the `uses:` that names it. */
  readonly actions: Readonly<Record<string, string>>
  /** Stands in for actions of others. @throws Error when what it is given would not do */
  readonly others: (uses: string, inputs: Values) => void
  readonly environment: NodeJS.ProcessEnv
}

/** @param workflow YAML of a workflow with one job */
export function runWorkflow(workflow: string, runner: Runner): WorkflowRun {
  const { jobs } = parse(workflow) as { jobs: Record<string, { steps: readonly Step[] }> }
  const [job] = Object.values(jobs)
  mkdirSync(runner.temp, { recursive: true })
  const summaryFile = join(runner.temp, 'summary.md')
  writeFileSync(summaryFile, '')
  const steps = runSteps(
    job?.steps ?? [],
    {},
    { ...runner.environment, GITHUB_STEP_SUMMARY: summaryFile },
    runner,
  )
  return { steps: steps.results, summary: readFileSync(summaryFile, 'utf8') }
}

interface Ran {
  readonly results: readonly StepResult[]
  readonly outputs: Readonly<Record<string, Values>>
}

function runSteps(
  steps: readonly Step[],
  inputs: Values,
  environment: NodeJS.ProcessEnv,
  runner: Runner,
): Ran {
  const results: StepResult[] = []
  const outputs: Record<string, Values> = {}
  for (const [i, step] of steps.entries()) {
    const name = step.name ?? step.uses ?? `step ${i + 1}`
    const fill = (text: string): string => filled(text, inputs, outputs)
    const failed = results.some(({ code }) => code !== 0)
    if (!isDue(step.if, failed, fill)) continue
    const given = Object.fromEntries(
      Object.entries(step.with ?? {}).map(([key, value]) => [key, fill(String(value))]),
    )
    const env = Object.fromEntries(Object.entries(step.env ?? {}).map(([key, value]) => [key, fill(value)]))
    const action = step.uses === undefined ? undefined : runner.actions[step.uses]
    if (step.run !== undefined) {
      const file = join(runner.temp, `output-${i}-${Object.keys(inputs).length}`)
      writeFileSync(file, '')
      // The shell of `shell: bash`, as GitHub documents it.
      const { status, stdout, stderr } = spawnSync(
        'bash',
        ['--noprofile', '--norc', '-eo', 'pipefail', '-c', fill(step.run)],
        {
          cwd: runner.workspace,
          env: { ...environment, ...env, GITHUB_OUTPUT: file, RUNNER_TEMP: runner.temp },
          encoding: 'utf8',
          timeout: 60_000,
        },
      )
      results.push({ name, code: status ?? -1, text: stdout + stderr })
      if (step.id !== undefined) outputs[step.id] = readOutputs(readFileSync(file, 'utf8'))
    } else if (action !== undefined) {
      const ran = runAction(action, given, environment, runner)
      results.push(...ran.results.map((result) => ({ ...result, name: `${name}: ${result.name}` })))
      if (step.id !== undefined) outputs[step.id] = ran.outputs
    } else runner.others(step.uses ?? '', given)
  }
  return { results, outputs }
}

function runAction(folder: string, given: Values, environment: NodeJS.ProcessEnv, runner: Runner) {
  const action = parse(readFileSync(join(folder, 'action.yml'), 'utf8')) as Action
  for (const key of Object.keys(given))
    if (!(key in action.inputs)) throw new Error(`the action has no input ${key}`)
  const inputs = Object.fromEntries(
    Object.entries(action.inputs).map(([key, { default: usual = '' }]) => [key, given[key] ?? usual]),
  )
  const { results, outputs } = runSteps(
    action.runs.steps,
    inputs,
    { ...environment, GITHUB_ACTION_PATH: folder },
    runner,
  )
  return {
    results,
    outputs: Object.fromEntries(
      Object.entries(action.outputs ?? {}).map(([key, { value }]) => [key, filled(value, {}, outputs)]),
    ),
  }
}

/** Expressions of the form `${{ inputs.x }}` and `${{ steps.x.outputs.y }}`. */
function filled(text: string, inputs: Values, outputs: Readonly<Record<string, Values>>): string {
  return text.replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_, path: string) => {
    const [kind, a = '', between, b = ''] = path.split('.')
    if (kind === 'inputs') return inputs[a] ?? ''
    if (kind === 'steps' && between === 'outputs') return outputs[a]?.[b] ?? ''
    throw new Error(`${path} is beyond this runner`)
  })
}

/** `always()`, and comparisons with the empty text joined by `||`. */
function isDue(condition: string | undefined, failed: boolean, fill: (text: string) => string): boolean {
  if (condition === undefined) return !failed
  if (condition === 'always()') return true
  const parts = condition.split('||').map((part) => {
    const [, path] = /^\s*([\w.-]+)\s*!=\s*''\s*$/.exec(part) ?? []
    if (path === undefined) throw new Error(`if: ${condition} is beyond this runner`)
    return fill(`\${{ ${path} }}`) !== ''
  })
  return !failed && parts.some(Boolean)
}

/** Lines `key=value`, and values of several lines between marks. */
function readOutputs(text: string): Values {
  const outputs: Record<string, string> = {}
  const lines = text.split('\n')
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const [, key, mark] = /^([\w-]+)<<(.+)$/.exec(line) ?? []
    if (key !== undefined)
      outputs[key] = lines
        .splice(0, lines.indexOf(mark as string) + 1)
        .slice(0, -1)
        .join('\n')
    else if (line.includes('=')) outputs[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1)
  }
  return outputs
}
