import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isPrivate } from '../../src/lib/cli/compile-cache.ts'
import { EXECUTABLE, temporaryFolder } from '../support/aiv.ts'

const user = process.getuid?.() as number

/** A command that ends well, with nothing of the environment but a home. */
function runIn(home: string, env: Record<string, string> = {}): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [EXECUTABLE, '--version'], {
    encoding: 'utf8',
    env: { HOME: home, ...env },
    timeout: 20_000,
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^aivillage\/\d/)
}

function homeWithCaches(): { readonly home: string; readonly own: string } {
  const home = temporaryFolder()
  mkdirSync(join(home, '.cache'))
  return { home, own: join(home, '.cache', 'aiv') }
}

it('keeps compiled code in a folder that only the user can read', () => {
  const { home, own } = homeWithCaches()
  runIn(home)
  expect(statSync(own).mode & 0o777).toBe(0o700)
  expect(readdirSync(own)).toHaveLength(1)
  runIn(home)
})

it('keeps it beside the state that AIV_HOME names', () => {
  const { home, own } = homeWithCaches()
  const state = temporaryFolder()
  runIn(home, { AIV_HOME: state })
  expect(readdirSync(state)).toEqual(['cache'])
  expect(existsSync(own)).toBe(false)
})

it('makes no folders but its own', () => {
  const home = temporaryFolder()
  runIn(home)
  expect(readdirSync(home)).toEqual([])
  runIn(home, { AIV_HOME: join(home, 'none') })
  expect(readdirSync(home)).toEqual([])
})

it('is off when Node is told so', () => {
  const { home, own } = homeWithCaches()
  runIn(home, { NODE_DISABLE_COMPILE_CACHE: '1' })
  expect(readdirSync(own)).toEqual([])
})

it('takes no code from where others can write', () => {
  const { home, own } = homeWithCaches()
  mkdirSync(own)
  chmodSync(own, 0o777)
  runIn(home)
  expect(readdirSync(own)).toEqual([])

  chmodSync(own, 0o700)
  chmodSync(join(home, '.cache'), 0o777)
  runIn(home)
  expect(readdirSync(own)).toEqual([])
})

it('follows links to where the folder really is', () => {
  const { home, own } = homeWithCaches()
  const elsewhere = temporaryFolder()
  chmodSync(elsewhere, 0o770)
  symlinkSync(elsewhere, own)
  runIn(home)
  expect(readdirSync(elsewhere)).toEqual([])
})

it('trusts the user and the administrator alone', () => {
  const folder = temporaryFolder()
  expect(isPrivate(folder, user)).toBe(true)
  expect(isPrivate(folder, user + 1)).toBe(false)
})
