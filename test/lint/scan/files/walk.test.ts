import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { walk } from '../../../../src/lib/lint/scan/files/walk.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aiv-walk-'))
})
// The program and not Node's own function, which cannot remove paths that are too long.
afterEach(() => {
  spawnSync('rm', ['-rf', root])
})

function put(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), '')
  }
}

describe('the files of a project', () => {
  it('come sorted by code units, whatever order the disk has them in', () => {
    put('b', 'a', 'B', 'ä', 'a/../c/d', 'c-d')
    expect(walk(root).files).toEqual(['B', 'a', 'b', 'c-d', 'c/d', 'ä'])
  })

  it('are not those of installed packages, of version control or of virtual environments', () => {
    put(
      'package-lock.json',
      'node_modules/x/package-lock.json',
      '.git/config',
      '.venv/a',
      'sub/node_modules/y',
    )
    expect(walk(root).files).toEqual(['package-lock.json'])
  })

  it('are not those that a package manager vendored, but a folder called vendor alone is the project’s own', () => {
    put('php/composer.json', 'php/vendor/a/composer.lock', 'other/vendor/a/composer.lock')
    expect(walk(root).files).toEqual(['other/vendor/a/composer.lock', 'php/composer.json'])
  })

  it('are not built output beside the manifest that builds it, but a folder called target alone is', () => {
    put('a/Cargo.toml', 'a/target/Cargo.lock', 'b/target/Cargo.lock')
    expect(walk(root).files).toEqual(['a/Cargo.toml', 'b/target/Cargo.lock'])
  })

  it('are left out by a glob of their path, and a folder that matches is not entered', () => {
    put('a/package-lock.json', 'test/x/yarn.lock', 'test/y', 'z')
    expect(walk(root, { exclude: ['test', '**/package-lock.json'] }).files).toEqual(['z'])
  })

  it('are found once where a link leads back to the top', () => {
    put('a/b')
    symlinkSync('..', join(root, 'a/up'))
    expect(walk(root).files).toEqual(['a/b', 'a/up'])
  })

  it('are too many beyond the limit', () => {
    put('a', 'b', 'c/d')
    expect(() => walk(root, { maxEntries: 3 })).toThrow(
      expect.objectContaining({ code: 'E_TOO_LARGE' }) as Error,
    )
    expect(walk(root, { maxEntries: 4 }).files).toHaveLength(3)
  })

  it('are missed below a folder that lies deeper than any checkout, and this is said', () => {
    put(`${'d/'.repeat(101)}file`, `${'e/'.repeat(99)}file`)
    const { files, problems } = walk(root)
    expect(files).toEqual([`${'e/'.repeat(99)}file`])
    expect(problems).toEqual([
      { path: 'd/'.repeat(101).slice(0, -1), message: 'the folder lies more than 100 deep' },
    ])
  })

  it('are missed in a folder whose path is longer than the system reads, and this is said', () => {
    // Made from inside, step by step, as an attacker would.
    const script = 'for i in $(seq 20); do mkdir "$1" && cd "$1"; done; touch hidden'
    expect(spawnSync('bash', ['-c', script, 'bash', 'd'.repeat(250)], { cwd: root }).status).toBe(0)
    put('open')
    const { files, problems } = walk(root)
    expect(files).toEqual(['open'])
    expect(problems).toMatchObject([{ message: 'the folder cannot be read' }])
  })
})
