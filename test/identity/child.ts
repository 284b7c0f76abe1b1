/** Small programs of their own process for the tests of locks, crashes and shared files. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { REPOSITORY } from '../support/aiv.ts'

const LIBRARY = join(REPOSITORY, 'src', 'lib')

export interface Child {
  readonly process: ChildProcess
  /** Resolves at the first output. */
  started(): Promise<unknown>
  /** All output, once the process has ended. */
  output(): Promise<string>
}

/**
 * Runs a module that has `core`, `crypto`, `identity` and `lock` in scope; it is killed when the test ends or after
 * 30 s.
 */
export function startChild(body: string): Child {
  const load = (path: string): string => `await import(${JSON.stringify(join(LIBRARY, path))})`
  const script = `
    const core = ${load('core/index.ts')}, crypto = ${load('crypto/index.ts')}
    const identity = ${load('identity/index.ts')}, lock = ${load('identity/files/file-lock.ts')}
    ${body}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk
  })
  const ended = once(child, 'close')
  const first = Promise.race([once(child.stdout, 'data'), ended])
  return {
    process: child,
    started: () => first,
    output: async () => {
      await ended
      return text
    },
  }
}
