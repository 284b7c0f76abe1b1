/** Runs lines of shell as a user would type them, with `aiv` on the PATH and a bound in time. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { cleanEnvironment, EXECUTABLE, temporaryFolder } from './aiv.ts'

export interface Workplace {
  /** Where the lines run; empty at first. */
  readonly folder: string
  readonly env: Record<string, string>
}

export interface ShellResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A new folder to work in and an environment with `aiv` and no settings. */
export function createWorkplace(): Workplace {
  const root = temporaryFolder()
  const folder = join(root, 'work')
  const bin = join(root, 'bin')
  mkdirSync(folder)
  mkdirSync(bin)
  writeFileSync(join(bin, 'aiv'), `#!/bin/sh\nexec "${process.execPath}" "${EXECUTABLE}" "$@"\n`)
  chmodSync(join(bin, 'aiv'), 0o755)
  const env = cleanEnvironment(join(root, 'home'))
  return { folder, env: { ...env, PATH: `${bin}:${dirname(process.execPath)}:${env.PATH ?? ''}` } }
}

/**
 * Runs a script with `sh -eu`; whatever it left running is ended with it.
 * @param until ends the script with SIGINT as soon as its output matches, as a user would end a listener
 */
export async function runShell(
  script: string,
  { folder, env }: Workplace,
  { timeoutMs = 60_000, until }: { readonly timeoutMs?: number; readonly until?: RegExp } = {},
): Promise<ShellResult> {
  // A group of its own, so that background processes of the script end too.
  const shell = spawn('sh', ['-euc', script], { cwd: folder, env, detached: true })
  const signalGroup = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-(shell.pid as number), signal)
    } catch {
      // The group is gone already.
    }
  }
  const timer = setTimeout(() => signalGroup('SIGKILL'), timeoutMs)
  shell.stdin.end()
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    shell[name].on('data', (chunk: Buffer) => {
      printed[name] += chunk
      if (until?.test(printed[name])) signalGroup('SIGINT')
    })
  }
  const [exit, signal] = (await once(shell, 'exit')) as [number | null, NodeJS.Signals | null]
  clearTimeout(timer)
  signalGroup('SIGKILL')
  // As a shell reports a program that a signal ended.
  const code = signal === null ? exit : 128 + constants.signals[signal]
  return { code, ...printed }
}
