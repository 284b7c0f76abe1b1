/** Runs `children/half-transfer.ts`, and the file that it is about. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { content } from '../../../support/file-exchange.ts'

export const HALF = 1_048_576
export const FILE = content(4 * HALF, 13)
/** What the peer of the second process goes on with. */
export const OTHER = new Uint8Array(HALF).fill(0xee)

export interface SecondProcess {
  readonly process: ChildProcess
  /** Resolves when its peer's other bytes are in what it holds open. */
  goOn(): Promise<void>
  kill(): Promise<void>
}

/** Resolves when it has half of the file; rejects when it ended before. */
export async function startHalf(
  direction: 'get' | 'put',
  into: string,
  restart = 'restart',
): Promise<SecondProcess> {
  const script = fileURLToPath(new URL('./children/half-transfer.ts', import.meta.url))
  const child = spawn(process.execPath, ['--no-warnings', script, direction, into, restart], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  const said = async (): Promise<void> => {
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('the second process has ended')))
    await Promise.race([once(child.stdout, 'data'), ended])
  }
  await said()
  return {
    process: child,
    goOn: async () => {
      child.stdin.write('\n')
      await said()
    },
    kill: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}
