/** Runs one of this folder's scripts in a process of its own and reads its output line by line. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Child {
  readonly process: ChildProcess
  /** The next line of its standard output; rejects when it has ended. */
  line(): Promise<string>
}

export interface ChildOptions {
  /** Most open files (`ulimit -n`). */
  readonly openFiles?: number
}

export async function runChild(
  script: string,
  args: readonly string[] = [],
  { openFiles = 1024 }: ChildOptions = {},
): Promise<Child> {
  const path = fileURLToPath(new URL(`./children/${script}`, import.meta.url))
  const child = spawn(
    'sh',
    ['-c', `ulimit -n ${openFiles}; exec "$0" "$@"`, process.execPath, path, ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    process: child,
    async line() {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`${script} ended`)
      return value
    },
  }
}
