/** The packages that another scanner's tests expect, in each lockfile that came with those tests. */
import { expect, it } from 'vitest'
import { readCorpus } from './corpus.ts'
import { SCALIBR_PACKAGES } from './scalibr-packages.ts'

const READER_OF: Readonly<Record<string, string>> = {
  packagelockjson: 'npm',
  pnpmlock: 'pnpm',
  yarnlock: 'yarn',
}

/** Where we say something else, and why. */
const OTHERWISE: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
  // The same folder under two names is one component here.
  'pnpmlock/files.yaml': { 'one-up-with-peer@1.0.0': undefined },
  // yarn writes this in place of a version for every member of the workspace: it is none.
  'yarnlock/exclude-root.v2.lock': { '@ws/ansi-regex@0.0.0-use.local': '@ws/ansi-regex@' },
}

it.each(Object.entries(SCALIBR_PACKAGES))(
  '%s holds the packages that scalibr finds',
  async (path, expected) => {
    const [folder = ''] = path.split('/')
    const result = await readCorpus(READER_OF[folder] ?? '', `scalibr/javascript/${path}`)
    if (result === undefined) return
    expect(result.problems.filter(({ severity }) => severity === 'error')).toEqual([])
    const found = result.projects.flatMap(({ components }) =>
      components.map(({ name, version, source }) => {
        const commit = source?.revision === undefined ? '' : `#${source.revision}`
        return `${name}@${version ?? ''}${commit}`
      }),
    )
    const otherwise = OTHERWISE[path] ?? {}
    const wanted = expected.flatMap((one) => (Object.hasOwn(otherwise, one) ? (otherwise[one] ?? []) : one))
    expect([...new Set(found)].sort()).toEqual(wanted)
  },
)
