/** Programs of the system that judge what we produce. A test without its judge says so and does nothing. */
import { spawnSync } from 'node:child_process'

/** Where the program is, or undefined, with a line that says so. */
export function judge(program: string): string | undefined {
  const { status, stdout } = spawnSync('sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin command -v "$0"', program], {
    encoding: 'utf8',
  })
  if (status === 0) return stdout.trim()
  process.stdout.write(`skipped: this machine has no ${program}\n`)
  return undefined
}
