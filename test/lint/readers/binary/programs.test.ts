/** Programs of others. The judge reads their bytes by itself, in Python; readelf says what sections they have. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readImages } from '../../../../src/lib/lint/readers/binary/image/read-images.ts'
import { binaryReader } from '../../../../src/lib/lint/readers/binary/reader.ts'
import { FolderFiles, type ReadResult } from '../../../../src/lib/lint/readers/index.ts'
import { REPOSITORY } from '../../../support/aiv.ts'
import { judge } from '../../../support/judge.ts'
import { judgePackage } from '../../../support/judges.ts'

const PYTHON = judge('python3')
const READELF = judge('readelf')

/** Prints `path version` for each line of a module, or of what replaces it, and the sums, as the linker wrote them. */
const SCRIPT = `import re, sys
data = open(sys.argv[1], 'rb').read()
lines = re.findall(rb'\\n(dep|=>)\\t([^\\t\\n]+)\\t([^\\t\\n]+)\\t(h1:[A-Za-z0-9+/=]{44})', data)
# The text is there a second time, for the program itself.
for kind, path, version, sum in set(lines): print(path.decode(), version.decode(), sum.decode())`

function read(path: string): ReadResult {
  return binaryReader.read(basename(path), new FolderFiles(dirname(path)))
}

describe('a Go program', () => {
  // The counts are those of the reference, taken with other tools.
  it.each([
    ['lefthook-linux-x64', 'bin/lefthook', 51],
    ['lefthook-windows-x64', 'bin/lefthook.exe', 50],
    ['lefthook-darwin-arm64', 'bin/lefthook', 51],
    ['@bufbuild/buf-linux-x64', 'bin/buf', 85],
  ])('is made of the modules that are written into it: %s', (name, path, count) => {
    const folder = judgePackage(name)
    if (folder === undefined || PYTHON === undefined) return
    const program = join(folder, path)
    const { projects, problems } = read(program)
    const [project] = projects
    expect(problems).toEqual([])
    const modules = (project?.components ?? []).filter((component) => component.name !== 'stdlib')
    const told = execFileSync(PYTHON, ['-c', SCRIPT, program], { encoding: 'utf8' }).trim().split('\n')
    expect(told).toHaveLength(count)
    expect(
      modules
        .map((module) => `${module.name} ${module.version} ${module.properties?.['aiv:go:h1']}`)
        .toSorted(),
    ).toEqual(told.toSorted())
    const direct = project?.edges.filter(([from]) => from === project.root.ref).map(([, to]) => to)
    expect(direct).toHaveLength(count + 1)
  })

  it('says what it is, of which release and commit, and with which library', () => {
    const folder = judgePackage('lefthook-linux-x64')
    if (folder === undefined) return
    const version = `v${(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version}`
    const { projects } = read(join(folder, 'bin/lefthook'))
    expect(projects[0]?.root).toMatchObject({
      ref: 'path:lefthook',
      name: 'github.com/evilmartians/lefthook/v2',
      version,
      purl: `pkg:golang/github.com/evilmartians/lefthook/v2@${version}`,
      source: { url: 'https://github.com/evilmartians/lefthook' },
      properties: { 'aiv:go:GOOS': 'linux', 'aiv:go:GOARCH': 'amd64', 'aiv:go:vcs.modified': 'false' },
    })
    expect(projects[0]?.components.find(({ name }) => name === 'stdlib')?.purl).toBe(
      'pkg:golang/stdlib@1.27.0',
    )
  })

  it('has the hash of its file', () => {
    const folder = judgePackage('lefthook-linux-x64')
    const sum = judge('sha256sum')
    if (folder === undefined || sum === undefined) return
    const program = join(folder, 'bin/lefthook')
    const [value] = execFileSync(sum, [program], { encoding: 'utf8' }).split(' ')
    expect(read(program).projects[0]?.root.hashes).toEqual([{ algorithm: 'sha256', value }])
  })
})

describe('a program that does not say what it is made of', () => {
  it.each([
    [
      'of Go without build information',
      () => judgePackage('@esbuild/linux-x64'),
      'bin/esbuild',
      /Go program/,
    ],
    [
      'of Rust without cargo auditable',
      () => join(REPOSITORY, 'node_modules/@biomejs/cli-linux-x64'),
      'biome',
      /Rust program/,
    ],
  ])('%s is inconclusive and has no components', (_, folder, path, words) => {
    const at = folder()
    if (at === undefined) return
    const { projects, problems } = read(join(at, path))
    const [project] = projects
    expect(project?.components).toEqual([])
    expect(project?.incomplete?.get(`path:${basename(path)}`)).toBe('unknown')
    expect(problems).toMatchObject([{ severity: 'warning', path: basename(path) }])
    expect(problems[0]?.message).toMatch(words)
    expect(problems[0]?.message).toMatch(/inconclusive/)
  })
})

describe.skipIf(READELF === undefined)('the sections of an ELF program', () => {
  it.each([
    ['@esbuild/linux-x64', 'bin/esbuild'],
    ['lefthook-linux-x64', 'bin/lefthook'],
  ])('are those that readelf lists: %s', (name, path) => {
    const folder = judgePackage(name)
    if (folder === undefined) return
    const listed = execFileSync(READELF as string, ['--sections', '--wide', join(folder, path)], {
      encoding: 'utf8',
    })
    const told = [
      ...listed.matchAll(/^ +\[ *\d+\] (\S*) +(\S+) +([0-9a-f]{16}) ([0-9a-f]{6,}) ([0-9a-f]{6,}) /gm),
    ]
      .filter(([, , type]) => type !== 'NULL')
      .map(([, section, type, address, , size]) => [
        section,
        Number.parseInt(address as string, 16),
        type === 'NOBITS' ? 0 : Number.parseInt(size as string, 16),
      ])
    const [image] = readImages(readFileSync(join(folder, path)))
    const ours = image?.sections.slice(1).map(({ name, address, data }) => [name, address, data.length])
    expect(told.length).toBeGreaterThan(5)
    expect(ours).toEqual(told)
  })
})
