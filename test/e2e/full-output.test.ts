/** A command whose output cannot be written says so once, and ends. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/lib/core/index.ts'
import { HelloBuilder, templateOfVersion } from '../../src/lib/tls/index.ts'
import { REPOSITORY } from '../support/aiv.ts'

/** Takes nothing, as a full disk does. */
const FULL = '/dev/full'
const { record } = new HelloBuilder(templateOfVersion('chrome', 'latest')).build({ host: 'example.test' })

describe.runIf(existsSync(FULL))('a command that prints to a full disk', () => {
  it.each([
    ['with JSON', ['--json'], /"code":/],
    ['for people', [], /^error: .*no space left/],
  ])('%s ends at once with exit code 3 and one error on stderr', (_what, flags, said) => {
    const command = [
      process.execPath,
      join(REPOSITORY, 'bin', 'run.js'),
      'utls',
      'fingerprint',
      '-',
      ...flags,
    ]
    const startedAt = systemClock.now()
    const { status, stderr } = spawnSync('sh', ['-c', `"$@" >${FULL}`, 'sh', ...command], {
      input: record,
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect([status, stderr.trim().split('\n').length]).toEqual([3, 1])
    expect(stderr).toMatch(said)
    expect(systemClock.now() - startedAt).toBeLessThan(15_000)
  })
})
