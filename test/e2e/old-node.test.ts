import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXECUTABLE } from '../support/aiv.ts'

/** A Node of the system that is older than the product allows, if there is one. */
function findOldNode(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path))
    .find((path) => {
      const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 })
      return Number(/^v(\d+)/.exec(stdout)?.[1]) < 24
    })
}

const oldNode = findOldNode()
if (oldNode === undefined) process.stdout.write('skipped: no Node older than 24 on PATH to be refused\n')

describe.skipIf(oldNode === undefined)('on a Node that is too old', () => {
  const run = (...args: string[]) =>
    spawnSync(oldNode as string, [EXECUTABLE, ...args], { encoding: 'utf8', timeout: 10_000 })

  it('aiv says in one line what to do and exits with 3', () => {
    const { status, stdout, stderr } = run('--version')
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
    expect(stderr).toMatch(
      /^error: aiv needs Node\.js 24 or newer\. This is v\d+\.\d+\.\d+\. Install [^\n]+\n$/,
    )
  })

  it('says it as JSON with --json', () => {
    const { status, stdout } = run('doctor', '--json')
    expect(status).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({ v: 1, error: { code: 'E_NODE_VERSION' } })
  })
})
