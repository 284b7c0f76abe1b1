/** Runs a program at a pseudo-terminal, as `script` of util-linux makes one. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'
import { cleanEnvironment, REPOSITORY, temporaryFolder } from './aiv.ts'

const TIMEOUT_MS = 20_000

/** False, with a printed reason, on a machine without `script`. */
export function hasTerminal(): boolean {
  const { status } = spawnSync('script', ['--version'])
  if (status === 0) return true
  process.stdout.write('skipped: no program "script" to make a terminal with\n')
  return false
}

export interface TerminalSession {
  /** Resolves when what is on the screen matches. */
  shows(text: RegExp): Promise<void>
  types(keys: string): void
  /** Waits for the end: exit code, and all that was shown, without control sequences. */
  result(): Promise<{ readonly code: number | null; readonly screen: string }>
}

export function atTerminal(script: string, args: readonly string[]): TerminalSession {
  const words = [process.execPath, script, ...args].map((word) => `'${word}'`).join(' ')
  const child: ChildProcessWithoutNullStreams = spawn('script', ['-qec', words, '/dev/null'], {
    cwd: REPOSITORY,
    env: { ...cleanEnvironment(temporaryFolder()), TERM: 'xterm', COLUMNS: '100', LINES: '24' },
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
  onTestFinished(() => void child.kill('SIGKILL'))
  let screen = ''
  let wake = (): void => {}
  child.stdout.on('data', (chunk: Buffer) => {
    screen += stripVTControlCharacters(chunk.toString())
    wake()
  })
  const ended = once(child, 'close').finally(() => {
    clearTimeout(timer)
    wake()
  })
  return {
    async shows(text) {
      while (!text.test(screen)) {
        if (child.exitCode !== null) throw new Error(`it ended and showed: ${screen}`)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    types(keys) {
      child.stdin.write(keys)
    },
    async result() {
      const [code] = (await ended) as [number | null]
      return { code, screen }
    },
  }
}
