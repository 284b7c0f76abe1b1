/** Each attack as a repository can bring it: git keeps links to anywhere, and to nothing. */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { refuseLinkOut } from '../../../src/lib/cli/lint/output-links.ts'
import { aiv, temporaryFolder } from '../../support/aiv.ts'

/** A project in a folder that holds a file of somebody else beside it. */
function project(): { readonly folder: string; readonly foreign: string } {
  const home = temporaryFolder()
  const folder = join(home, 'project')
  mkdirSync(join(folder, '.git', 'hooks'), { recursive: true })
  mkdirSync(join(folder, 'reports'))
  writeFileSync(join(folder, 'package.json'), '{"name":"a","version":"1.0.0"}')
  writeFileSync(join(home, 'profile'), 'export A=1\n')
  return { folder, foreign: join(home, 'profile') }
}

describe('a document that is written over a link of the repository', () => {
  it.each([
    ['to a file outside', '../profile', 'sbom.json', 'sbom.json'],
    ['to a file that is not there yet', '../new', 'sbom.json', 'sbom.json'],
    ['to a folder outside', '..', 'out', 'out/profile'],
    ['into the files of git', '.git/hooks', 'hooks', 'hooks/pre-commit'],
  ])('is refused where the link leads %s', async (_, target, link, file) => {
    const { folder, foreign } = project()
    symlinkSync(target, join(folder, link))
    await expect(refuseLinkOut(file, folder)).rejects.toMatchObject({ code: 'E_INPUT' })
    const made = await aiv(['lint', 'sbom', '.', '--output', `spdx-json=${file}`], { cwd: folder })
    expect(made.code).toBe(2)
    const linted = await aiv(['lint', '.', '--output', `sarif=${file}`], { cwd: folder })
    expect(linted.code).toBe(2)
    const cached = await aiv(['lint', '.', '--cache', file], { cwd: folder })
    expect(cached.code).toBe(2)
    expect(readFileSync(foreign, 'utf8')).toBe('export A=1\n')
    for (const path of ['../new', '.git/hooks/pre-commit']) expect(existsSync(join(folder, path))).toBe(false)
  })

  it('is written where the link stays in the folder, and where the user names a place outside', async () => {
    const { folder, foreign } = project()
    symlinkSync('reports', join(folder, 'out'))
    await expect(refuseLinkOut('out/a.json', folder)).resolves.toBeUndefined()
    const args = ['lint', 'sbom', '.', '--output', 'spdx-json=out/a.json', '--output', `cdx-json=${foreign}`]
    expect((await aiv(args, { cwd: folder })).code).toBe(0)
    expect(readFileSync(join(folder, 'reports', 'a.json'), 'utf8')).toContain('SPDX-2.3')
    expect(readFileSync(foreign, 'utf8')).toContain('CycloneDX')
  })
})

describe('settings that are a link of the repository', () => {
  it('are none where it leads out: neither a device nor a secret of the machine is read', async () => {
    const { folder, foreign } = project()
    writeFileSync(foreign, 'secret-of-the-machine: 1\n')
    for (const target of [foreign, '/dev/zero']) {
      symlinkSync(target, join(folder, '.aiv-lint.yaml'))
      const { code, stdout, stderr } = await aiv(['lint', '.'], { cwd: folder })
      expect(stdout + stderr).not.toContain('secret-of')
      expect(code).toBe(0)
      rmSync(join(folder, '.aiv-lint.yaml'))
    }
    symlinkSync('/dev/zero', join(folder, 'known.json'))
    writeFileSync(join(folder, '.aiv-lint.yaml'), 'version: 1\nbaseline: known.json\n')
    expect((await aiv(['lint', '.'], { cwd: folder })).code).toBe(2)
  })
})
