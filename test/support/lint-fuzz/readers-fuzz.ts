/** Broken lockfiles give an inventory that holds together, or a problem that says where. */
import { SeededRandom } from '../../../src/lib/core/index.ts'
import type { Bom } from '../../../src/lib/lint/bom/index.ts'
import { parsePurl } from '../../../src/lib/lint/purl/index.ts'
import { MemoryFiles, READERS, type ReadResult } from '../../../src/lib/lint/readers/index.ts'
import { assemble } from '../../../src/lib/lint/scan/assemble.ts'
import { pickOne } from '../session-mutation.ts'
import { type CorpusFile, corpusFiles, usualName } from './corpus.ts'
import { mutateText } from './mutate-text.ts'

/** By the reader that claims them: small ecosystems get as many inputs as large ones. */
let claimed: ReadonlyMap<string, readonly CorpusFile[]> | undefined

function claimedFiles(): ReadonlyMap<string, readonly CorpusFile[]> {
  if (claimed !== undefined) return claimed
  const files = corpusFiles('lockfiles')
  claimed = new Map(
    READERS.map(({ id, claims }): [string, readonly CorpusFile[]] => [
      id,
      files.flatMap(({ path, text }) => {
        const name = usualName(path)
        return claims(name) ? [{ path: name, text }] : []
      }),
    ]).filter(([, list]) => list.length > 0),
  )
  return claimed
}

export async function fuzzReaders(seed: number): Promise<void> {
  const random = new SeededRandom(seed)
  const files = claimedFiles()
  const ids = [...files.keys()]
  if (ids.length === 0) return
  const id = pickOne(random, ids)
  const { path, text } = pickOne(random, files.get(id) as readonly CorpusFile[])
  const reader = await READERS.find((entry) => entry.id === id)?.load()
  const result = reader?.read(path, new MemoryFiles({ [path]: mutateText(random, text) }))
  if (result === undefined) throw new Error(`no reader ${id}`)
  checkResult(result, path)
  checkBom(assemble(result.projects, {}, { name: 'x', authors: [], tools: [], lifecycles: [] }))
}

function checkResult({ projects, problems }: ReadResult, path: string): void {
  if (projects.length === 0 && problems.length === 0)
    throw new Error(`${path} gave nothing, and said nothing`)
  for (const problem of problems) {
    if (problem.path === '' || problem.message === '') throw new Error('a problem says nothing')
    if (problem.line !== undefined && !(Number.isInteger(problem.line) && problem.line >= 1))
      throw new Error(`a problem in line ${problem.line}`)
    if (problem.column !== undefined && !(problem.column >= 1))
      throw new Error(`a problem in column ${problem.column}`)
  }
  for (const { root, components, edges } of projects) {
    const refs = new Set([root.ref, ...components.map(({ ref }) => ref)])
    if (refs.size !== components.length + 1) throw new Error('two components have one ref')
    for (const edge of edges)
      for (const ref of edge) if (!refs.has(ref)) throw new Error(`an edge names ${ref}, which is not there`)
  }
}

/** What every inventory has to keep to, wherever it comes from. */
function checkBom({ components, dependencies, primary }: Bom): void {
  const refs = new Set(components.map(({ ref }) => ref))
  if (primary !== undefined && !refs.has(primary)) throw new Error('the primary component is not there')
  for (const { ref, name, purl, hashes = [], downloadUrl, source } of components) {
    if (typeof ref !== 'string' || ref === '' || typeof name !== 'string' || name === '')
      throw new Error(`a component without ref or name: ${JSON.stringify({ ref, name })}`)
    if (purl !== undefined) parsePurl(purl)
    for (const { value } of hashes)
      if (!/^(?:[0-9a-f]{2})+$/.test(value)) throw new Error(`the hash ${value}`)
    for (const url of [downloadUrl, source?.url])
      if (url !== undefined && /^[a-z+]+:\/\/[^/@]*:[^/@]*@/i.test(url))
        throw new Error(`a password in ${url}`)
  }
  for (const [ref, { on }] of dependencies)
    for (const other of [ref, ...on])
      if (!refs.has(other)) throw new Error(`${other} is needed and not there`)
}
