/** npm's own bill of materials is the judge: its resolver and ours share no code. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import {
  entries,
  field,
  isTable,
  parseJson,
  string,
  strings,
  tables,
} from '../../../../src/lib/lint/readers/parse/index.ts'
import { corpusFolder, corpusProject, edgesOf, purlsOf } from '../javascript/corpus.ts'

const PROJECTS = [
  // Counts of the table of known truths; the edges were looked up in the lockfile by hand.
  {
    folder: 'real/axios',
    places: 2115,
    packages: 1672,
    lostByNpm: ['pkg:npm/jsonfile@6.1.0 > pkg:npm/universalify@2.0.0'],
  },
  {
    folder: 'real/phoenix',
    places: 726,
    packages: 634,
    lostByNpm: ['pkg:npm/minimatch@3.1.5 > pkg:npm/brace-expansion@1.1.15'],
  },
]

it.each(PROJECTS)('reads every package of $folder once', async ({ folder, places, packages }) => {
  const project = await corpusProject('npm', `${folder}/package-lock.json`)
  const path = corpusFolder(folder, 'package-lock.json')
  if (project === undefined || path === undefined) return
  const written = entries(field(parseJson(readFileSync(path, 'utf8')), 'packages')).filter(
    ([place]) => place !== '',
  )
  expect(written).toHaveLength(places)
  const distinct = new Set(
    written.map(([place, entry]) => {
      const name = string(field(entry, 'name')) ?? place.slice(place.lastIndexOf('node_modules/') + 13)
      return `pkg:npm/${name.replace('@', '%40')}@${string(field(entry, 'version'))?.replaceAll('+', '%2B')}`
    }),
  )
  expect(purlsOf(project)).toEqual([...distinct].sort())
  expect(project.components).toHaveLength(packages)
  expect(project.components.filter(({ hashes }) => hashes !== undefined)).toHaveLength(packages)
})

it.each(PROJECTS)(
  'finds the dependencies of $folder that npm finds',
  async ({ folder, lostByNpm }) => {
    const project = await corpusProject('npm', `${folder}/package-lock.json`)
    const source = corpusFolder(folder)
    if (project === undefined || source === undefined) return
    const judged = npmSbom(source)
    if (judged === undefined) return
    const ours = edgesOf(project).map(withoutEncoding)
    const theirs = [...judged].sort()
    expect(theirs.length).toBeGreaterThan(1000)
    expect(theirs.filter((edge) => !ours.includes(edge))).toEqual([])
    // npm writes a package once, with what it needs at the first of its places; at another it has another version.
    expect(ours.filter((edge) => !judged.has(edge))).toEqual(lostByNpm)
  },
  60_000,
)

/** The edges that `npm sbom` writes from the lockfile alone; undefined, with a printed reason, without npm. */
function npmSbom(source: string): ReadonlySet<string> | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'aiv-npm-'))
  try {
    for (const name of ['package.json', 'package-lock.json']) cpSync(join(source, name), join(folder, name))
    const command = ['sbom', '--package-lock-only', '--offline', '--sbom-format', 'cyclonedx']
    const text = execFileSync('npm', command, {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return edgesOfCycloneDx(parseJson(text))
  } catch (error) {
    if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'ENOENT') throw error
    process.stdout.write('skipped: npm is not installed\n')
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function edgesOfCycloneDx(bom: unknown): ReadonlySet<string> {
  const root = string(field(field(field(bom, 'metadata'), 'component'), 'bom-ref'))
  const purls = new Map<string, string>([[root ?? '', 'root']])
  for (const component of tables(field(bom, 'components')))
    purls.set(
      string(field(component, 'bom-ref')) ?? '',
      withoutEncoding(string(field(component, 'purl')) ?? ''),
    )
  return new Set(
    tables(field(bom, 'dependencies'))
      .filter(isTable)
      .flatMap((entry) =>
        strings(field(entry, 'dependsOn')).map(
          (to) => `${purls.get(string(field(entry, 'ref')) ?? '')} > ${purls.get(to)}`,
        ),
      ),
  )
}

function withoutEncoding(text: string): string {
  return text.replaceAll('%40', '@').replaceAll('%2B', '+')
}
