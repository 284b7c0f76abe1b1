/** Broken documents give an inventory that holds together, with defects, or an error of ours. */
import { isAivError, SeededRandom } from '../../../src/lib/core/index.ts'
import type { Bom } from '../../../src/lib/lint/bom/index.ts'
import { BOM_FORMATS, readBom, writeBom } from '../../../src/lib/lint/documents/index.ts'
import { pickOne } from '../session-mutation.ts'
import { corpusFiles } from './corpus.ts'
import { mutateText } from './mutate-text.ts'

/** What there is of everything in a document, written here so that the corpus is not needed. */
const BOM: Bom = {
  document: {
    name: 'shop@1.0.0',
    created: '2023-11-14T22:13:20Z',
    authors: [{ kind: 'person', name: 'Ada', email: 'ada@example.com' }],
    tools: [{ name: 'aiv', version: '0.1.0', vendor: 'aivillage' }],
    supplier: { kind: 'organization', name: 'Example Ltd' },
    lifecycles: ['pre-build'],
    dataLicense: 'CC0-1.0',
  },
  primary: 'path:.',
  components: [
    {
      ref: 'path:.',
      type: 'application',
      name: 'shop',
      version: '1.0.0',
      origin: 'workspace',
      scope: 'required',
    },
    {
      ref: 'pkg:npm/%40a/b@1.0.0',
      purl: 'pkg:npm/%40a/b@1.0.0',
      type: 'library',
      name: '@a/b',
      version: '1.0.0',
      origin: 'registry',
      scope: 'dev',
      hashes: [{ algorithm: 'sha256', value: 'ab'.repeat(32) }],
      licenses: { declared: 'SEE LICENSE IN X', concluded: 'MIT' },
      source: { url: 'https://example.com/a/b', revision: 'c'.repeat(40) },
      occurrences: [{ path: 'package-lock.json', line: 3 }],
      properties: { 'aiv:npm:alias': 'c' },
    },
  ],
  dependencies: new Map([
    ['path:.', { on: ['pkg:npm/%40a/b@1.0.0'], completeness: 'complete' }],
    ['pkg:npm/%40a/b@1.0.0', { on: [], completeness: 'unknown' }],
  ]),
  extractedLicenses: [{ id: 'LicenseRef-x', text: 'Do what you must.' }],
}

let texts: readonly string[] | undefined

async function documents(): Promise<readonly string[]> {
  texts ??= [
    ...(await Promise.all(BOM_FORMATS.map((format) => writeBom(BOM, format)))),
    ...corpusFiles('examples')
      .filter(({ path }) => !path.endsWith('.yaml'))
      .map(({ text }) => text),
  ]
  return texts
}

export async function fuzzDocuments(seed: number): Promise<void> {
  const random = new SeededRandom(seed)
  const text = mutateText(random, pickOne(random, await documents()))
  const read = await readBom(text).catch((error: unknown) => {
    if (isAivError(error)) return undefined
    throw error
  })
  if (read === undefined) return
  const refs = new Set(read.bom.components.map(({ ref }) => ref))
  if (refs.size !== read.bom.components.length) throw new Error('two components have one ref')
  for (const [ref, { on }] of read.bom.dependencies)
    for (const other of [ref, ...on])
      if (!refs.has(other)) throw new Error(`${other} is needed and not there`)
  // What was read can be written, in any format, and is then sound.
  const again = await readBom(await writeBom(read.bom, pickOne(random, BOM_FORMATS)))
  const dangling = again.defects.filter(({ kind }) => kind === 'dangling-reference')
  if (dangling.length > 0) throw new Error(`written anew: ${dangling[0]?.message}`)
}
