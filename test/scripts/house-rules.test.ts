import { describe, expect, it } from 'vitest'
import { houseRuleProblems } from '../../scripts/check-house-rules.ts'
import { REPOSITORY } from '../support/aiv.ts'
import { fixtureTree } from './fixture-tree.ts'

const LOCKFILE = { 'package-lock.json': '{}\n' }

/** Split so that the check does not find its own examples here. */
const MACHINE_PATH = ['/wor', 'k/main/x'].join('')
const HOST = ['https://registry.npm', 'js.org/x.tgz'].join('')
const ONLY = ['it.on', "ly('x')"].join('')

describe('the house rules refuse', () => {
  it.each([
    ['weak randomness', 'src/lib/htx/a.ts', 'const x = Math.random()', 'RandomSource'],
    ['the wall clock', 'src/lib/noise/a.ts', 'const x = Date.now()', 'Clock'],
    ['the monotonic clock', 'src/commands/a.ts', 'const x = performance.now()', 'Clock'],
    ['a date of now', 'src/lib/htx/a.ts', 'const x = new Date()', 'Clock'],
    ['printing from the library', 'src/lib/htx/a.ts', "console.log('x')", 'Output'],
    ['the global crypto object', 'src/lib/htx/a.ts', 'crypto.getRandomValues(x)', 'src/lib/crypto'],
    ['any', 'src/lib/htx/a.ts', 'const x: any = 1', 'type checker'],
    ['a silenced compiler', 'src/lib/htx/a.ts', '// @ts-ignore', 'type checker'],
    ['a test that shuts out the others', 'test/a.test.ts', ONLY, 'does not run'],
    ['a grab-bag', 'src/lib/htx/utils.ts', 'const x = 1', 'named for its subject'],
    ['a path of one machine', 'docs/a.md', `see ${MACHINE_PATH}`, 'one machine'],
    ['a registry host', 'package-lock.json', `"resolved": "${HOST}"`, 'registry host'],
  ])('%s', (_name, path, code, reason) => {
    const problems = houseRuleProblems(fixtureTree({ ...LOCKFILE, [path]: `${code}\n` }))
    expect(problems).toEqual([expect.stringContaining(reason)])
  })

  it('a missing lockfile', () => {
    expect(houseRuleProblems(fixtureTree({}))).toEqual(['package-lock.json is missing'])
  })
})

describe('the house rules allow', () => {
  it.each([
    ['the clock where it is wrapped', 'src/lib/core/clock.ts', 'const x = Date.now()'],
    ['words about them in a comment', 'src/lib/htx/a.ts', '// not Math.random() and not Date.now()'],
    ['a date from a number', 'src/lib/htx/a.ts', 'const x = new Date(0)'],
    ['a path inside the project', 'docs/a.md', 'src/lib/core and ./work/x'],
  ])('%s', (_name, path, code) => {
    expect(houseRuleProblems(fixtureTree({ ...LOCKFILE, [path]: `${code}\n` }))).toEqual([])
  })
})

it('this repository keeps them', () => {
  expect(houseRuleProblems(REPOSITORY)).toEqual([])
})
