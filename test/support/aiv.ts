/** Runs the built executable as a user does, always bounded in time. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))
/** Small commands that behave in ways no product command should. */
export const FIXTURE_CLI = join(REPOSITORY, 'test', 'support', 'fixture-cli', 'run.js')

export const EXECUTABLE = join(REPOSITORY, 'bin', 'run.js')

const DEFAULT_TIMEOUT_MS = 20_000

export interface AivOptions {
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly timeoutMs?: number
  /** The script to run in place of the product's executable. */
  readonly script?: string
}

export interface AivResult {
  /** Exit code, or null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface AivProcess {
  readonly child: ChildProcessWithoutNullStreams
  /** The next JSON line of stdout, or of stderr where stdout carries data. */
  nextEvent(): Promise<Record<string, unknown>>
  /** Waits for the end; what was printed in all. */
  result(): Promise<AivResult>
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aiv-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Environment of a user who has no settings, in `home`. */
export function cleanEnvironment(home: string): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:AIV_|XDG_|FORCE_COLOR|NODE_|CI$|CI_|CONTINUOUS_)/.test(name),
  )
  return {
    ...(Object.fromEntries(inherited) as Record<string, string>),
    AIV_HOME: home,
    HOME: home,
    NO_COLOR: '1',
    // Only what a test is about may be in its home; a new home has nothing to take from anyway.
    NODE_DISABLE_COMPILE_CACHE: '1',
  }
}

/** Runs `aiv` to its end. */
export async function aiv(args: readonly string[], options: AivOptions = {}): Promise<AivResult> {
  const running = startAiv(args, options)
  running.child.stdin.end(options.input ?? '')
  return running.result()
}

/** Starts `aiv` and leaves it running; it is killed when the test ends or its time is over. */
export function startAiv(args: readonly string[], options: AivOptions = {}): AivProcess {
  const home = options.env?.AIV_HOME ?? temporaryFolder()
  const child = spawn(process.execPath, [options.script ?? EXECUTABLE, ...args], {
    cwd: options.cwd ?? REPOSITORY,
    env: { ...cleanEnvironment(home), ...options.env },
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
  onTestFinished(() => void child.kill('SIGKILL'))
  // A command may end before it has read its input.
  child.stdin.on('error', () => {})
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  const ended = once(child, 'close').finally(() => clearTimeout(timer))
  const events = jsonLines(child)
  return {
    child,
    async nextEvent() {
      const next = await events.next()
      if (next.done !== true) return next.value
      throw new Error(`aiv ended without an event: ${Buffer.concat(stderr)}`)
    },
    async result() {
      const [code] = (await ended) as [number | null]
      return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
    },
  }
}

async function* jsonLines(child: ChildProcessWithoutNullStreams): AsyncGenerator<Record<string, unknown>> {
  const waiting: Record<string, unknown>[] = []
  let wake = (): void => {}
  let open = 2
  for (const stream of [child.stdout, child.stderr]) {
    const lines = createInterface({ input: stream })
    lines.on('line', (line) => {
      if (line.startsWith('{')) waiting.push(JSON.parse(line) as Record<string, unknown>)
      wake()
    })
    lines.on('close', () => {
      open--
      wake()
    })
  }
  for (;;) {
    const event = waiting.shift()
    if (event !== undefined) yield event
    else if (open === 0) return
    else
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
}
