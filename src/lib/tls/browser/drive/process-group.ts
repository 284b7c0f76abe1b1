/** A program with all that it starts, which ends with us. */
import { type ChildProcess, spawn } from 'node:child_process'
import { AivError } from '../../../core/index.ts'

/** What is kept of its words, characters. */
const WORDS_MOST = 4096

export interface ProcessGroupOptions {
  readonly env: NodeJS.ProcessEnv
  /** Gives it pipes as file descriptors 3 and 4, which close when this process ends, however it does. */
  readonly withControlPipes?: boolean
}

export class ProcessGroup {
  /** The program and its pipes have ended. @throws AivError `E_IO` when it did not start */
  readonly closed: Promise<void>
  readonly #child: ChildProcess
  readonly #onExit = (): void => this.kill()
  #printed = ''
  #complained = ''

  static start(path: string, args: readonly string[], options: ProcessGroupOptions): ProcessGroup {
    return new ProcessGroup(path, args, options)
  }

  private constructor(path: string, args: readonly string[], { env, withControlPipes }: ProcessGroupOptions) {
    const pipes = withControlPipes === true ? (['pipe', 'pipe'] as const) : []
    this.#child = spawn(path, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe', ...pipes] })
    // Nobody writes to the pipes; what comes from them is of no interest, and must not fill them.
    for (const pipe of this.#child.stdio.slice(3)) {
      pipe?.on('error', () => {})
      if (pipe !== null && pipe !== undefined && 'resume' in pipe) pipe.resume()
    }
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#printed = (this.#printed + chunk).slice(0, WORDS_MOST)
    })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#complained = (this.#complained + chunk).slice(-WORDS_MOST)
    })
    this.closed = new Promise((resolve, reject) => {
      this.#child.once('error', (cause) =>
        reject(new AivError('E_IO', `${path} does not start: ${cause.message}`, { cause })),
      )
      this.#child.once('close', () => resolve())
    })
    // Whoever waits for it is told; nobody has to.
    this.closed.catch(() => {})
    process.once('exit', this.#onExit)
  }

  /** The beginning of its standard output. */
  get printed(): string {
    return this.#printed
  }

  /** The last line of its standard error. */
  get lastComplaint(): string {
    return this.#complained.trimEnd().split('\n').at(-1)?.trim() ?? ''
  }

  /** Ends the whole group at once. */
  kill(): void {
    process.off('exit', this.#onExit)
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }
}
