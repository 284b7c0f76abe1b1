import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scanProject } from '../../../src/lib/lint/scan/index.ts'
import { conformancePath } from '../../support/conformance.ts'

const LOCKFILES = conformancePath('lint', 'lockfiles')

/** Trivy leaves out what is there for development only. */
async function purlsOf(path: string): Promise<readonly string[]> {
  const { bom, problems } = await scanProject(path, { installed: false, omit: ['dev'] })
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return bom.components
    .filter(({ ref }) => ref !== bom.primary)
    .flatMap(({ purl }) => (purl === undefined ? [] : [purl]))
    .sort()
}

/** Of the table that was counted from the locks by others: the column `unique`. */
function truth(): readonly (readonly [path: string, unique: number])[] {
  if (LOCKFILES === undefined) return []
  return readFileSync(join(LOCKFILES, 'GROUNDTRUTH.tsv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => {
      const [path = '', , , unique = ''] = row.split('\t')
      return [path, Number.parseInt(unique, 10)] as const
    })
}

/** Entries of the lock that are the project's own folders, which are counted there and come from no registry. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  'real/ripgrep/Cargo.lock': [
    'globset',
    'grep',
    'grep-cli',
    'grep-index',
    'grep-matcher',
    'grep-pcre2',
    'grep-printer',
    'grep-regex',
    'grep-searcher',
    'ignore',
    'ripgrep',
  ],
  'real/ripgrep/fuzz/Cargo.lock': ['fuzz', 'globset'],
  'real/pydantic/uv.lock': ['pydantic', 'pydantic-core'],
}

describe.runIf(LOCKFILES !== undefined)('the packages of real projects', () => {
  it.each(truth())('%s are the %i that were counted', async (path, unique) => {
    const { bom } = await scanProject(join(LOCKFILES as string, path), { installed: false })
    const own = bom.components.filter(({ origin }) => origin === 'workspace' || origin === 'path')
    const foreign = bom.components.filter((component) => !own.includes(component))
    expect(new Set(foreign.map(({ purl }) => purl)).size).toBe(foreign.length)
    const counted = OWN[path] ?? []
    expect(own.map(({ name }) => name)).toEqual(expect.arrayContaining([...counted]))
    expect(foreign.length + counted.length).toBe(unique)
  })

  const goldens = LOCKFILES === undefined ? [] : readdirSync(join(LOCKFILES, 'trivy')).sort()
  it.each(goldens)('trivy/%s are those that Trivy names, one by one', async (folder) => {
    const path = join(LOCKFILES as string, 'trivy', folder)
    const [golden = ''] = readdirSync(path).filter((name) => name.startsWith('EXPECTED'))
    const { Results } = JSON.parse(readFileSync(join(path, golden), 'utf8')) as Golden
    const ours = await purlsOf(path)
    const packages = Results.flatMap(({ Packages = [] }) => Packages)
    // The project itself is no package that it depends on.
    const named = packages
      .filter(({ Relationship }) => Relationship !== 'root')
      .map(({ Identifier }) => Identifier.PURL)
    if (packages.length > 0) expect(ours).toEqual([...new Set(named)].sort())
    // Where Trivy's list has no packages, it still names those with vulnerabilities.
    for (const { Vulnerabilities = [] } of Results)
      for (const { PkgIdentifier } of Vulnerabilities) expect(ours).toContain(PkgIdentifier.PURL)
  })
})

interface Golden {
  readonly Results: readonly {
    readonly Packages?: readonly {
      readonly Relationship?: string
      readonly Identifier: { readonly PURL: string }
    }[]
    readonly Vulnerabilities?: readonly { readonly PkgIdentifier: { readonly PURL: string } }[]
  }[]
}

it('the corpus is read where it is set', () => {
  if (LOCKFILES !== undefined) expect(existsSync(join(LOCKFILES, 'GROUNDTRUTH.tsv'))).toBe(true)
})
