import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REPOSITORY } from '../support/aiv.ts'
import { createWorkplace, runShell } from '../support/shell.ts'

const SCRIPT = join(REPOSITORY, 'test', 'e2e', 'scripts', 'htx-pipes.sh')

describe('HTX in a shell script', () => {
  it.each(['htx+tcp://127.0.0.1:0', 'htx+ws://127.0.0.1:0', 'htx+quic://127.0.0.1:0'])(
    'pipes, half-close, access list and wrong peers over %s',
    { timeout: 170_000 },
    async (link) => {
      const { code, stdout, stderr } = await runShell(`${SCRIPT} '${link}'`, createWorkplace(), {
        timeoutMs: 160_000,
      })
      expect(code, stdout + stderr).toBe(0)
      expect(stdout.trim().split('\n')).toHaveLength(6)
    },
  )
})
