/** Commands as processes of their own, as a user would start them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { AivError, type DemoContext } from '../../../core/index.ts'

const EXECUTABLE = fileURLToPath(new URL('../../../../../bin/run.js', import.meta.url))
const READY_MS = 30_000

export type Listener = AsyncIterator<Record<string, unknown>>

export function start(args: readonly string[], { folder, signal }: DemoContext): ChildProcess {
  return spawn(process.execPath, [EXECUTABLE, ...args], {
    cwd: folder,
    env: { ...process.env, AIV_HOME: join(folder, 'home') },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
}

/** Runs a command to its end. @throws AivError when its exit code is not 0 */
export async function aiv(args: readonly string[], context: DemoContext): Promise<string> {
  const child = start(args, context)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  const code = await ended(child)
  if (code === 0) return stdout
  throw new AivError(
    'E_INTERNAL',
    `aiv ${args.slice(0, 2).join(' ')} ended with exit code ${code}: ${stderr.trim()}`,
  )
}

export async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  return await new Promise((resolve, reject) => {
    child.once('close', resolve)
    child.once('error', reject)
  })
}

export async function withListener<T>(
  args: readonly string[],
  context: DemoContext,
  work: (address: string, events: Listener, ready: Readonly<Record<string, unknown>>) => Promise<T>,
): Promise<T> {
  const child = start(['htx', ...args, '--json'], context)
  try {
    const events = eventsOf(child.stdout)
    const ready = await waitForEvent(events, 'ready')
    return await work(String(ready.address), events, ready)
  } finally {
    child.kill('SIGTERM')
    await ended(child)
  }
}

export async function* eventsOf(input: Readable | null): AsyncGenerator<Record<string, unknown>> {
  if (input === null) return
  for await (const line of createInterface({ input })) {
    yield JSON.parse(line) as Record<string, unknown>
  }
}

export async function waitForEvent(events: Listener, name: string): Promise<Record<string, unknown>> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new AivError('E_TIMEOUT', `no event ${name}`)), READY_MS)
  try {
    for (;;) {
      const next = await Promise.race([events.next(), late.promise])
      if (next.done === true) throw new AivError('E_INTERNAL', `the listener ended before event ${name}`)
      if (next.value.event === name) return next.value
    }
  } finally {
    clearTimeout(timer)
  }
}
