/** Prints a failure where and how the user asked for it. */

import { processInterrupt } from '../interrupt.ts'
import { isStdoutBroken } from '../process-output.ts'
import { failureJson, failureOf, failureText, stackText } from './failure.ts'

export interface ReportOptions {
  readonly json: boolean
  /** True when stdout carries the user's bytes: the JSON form then goes to stderr. */
  readonly dataOnStdout: boolean
  /** Also print the stack. */
  readonly debug: boolean
  /** The words after `aiv`, for the hint. */
  readonly command?: string
}

/** True when `--json` stands among the flags, even if the rest of the line cannot be parsed. */
export function wantsJson(argv: readonly string[]): boolean {
  return hasFlag(argv, '--json')
}

export function wantsDebug(argv: readonly string[], env = process.env): boolean {
  const variable = env.AIV_DEBUG
  return hasFlag(argv, '--debug') || (variable !== undefined && variable !== '' && variable !== '0')
}

/** True when `flag`, or `flag=value`, stands before `--`. */
export function hasFlag(argv: readonly string[], flag: string): boolean {
  const end = argv.indexOf('--')
  const flags = end === -1 ? argv : argv.slice(0, end)
  return flags.some((word) => word === flag || word.startsWith(`${flag}=`))
}

/** Writes the failure and returns the exit code it leads to. */
export function reportFailure(error: unknown, options: ReportOptions): number {
  const failure = failureOf(error, options.command)
  if (failure === undefined) return exitCodeCarried(error)
  // Who pressed the key or closed the pipe knows why the command ended; a script still gets the JSON.
  const { exitCode } = processInterrupt
  if (options.json) {
    const stream = options.dataOnStdout || isStdoutBroken() ? process.stderr : process.stdout
    stream.write(`${failureJson(failure)}\n`)
  } else if (exitCode === undefined || failure.code !== 'E_ABORTED')
    process.stderr.write(`${failureText(failure)}\n`)
  if (options.debug) process.stderr.write(`${stackText(error)}\n`)
  return exitCode ?? failure.exitCode
}

/** The code inside oclif's exit error, which `this.exit(n)` and `--help` throw. */
function exitCodeCarried(error: unknown): number {
  const details: unknown = error instanceof Error ? Reflect.get(error, 'oclif') : undefined
  const code: unknown =
    typeof details === 'object' && details !== null ? Reflect.get(details, 'exit') : undefined
  return typeof code === 'number' ? code : 0
}
