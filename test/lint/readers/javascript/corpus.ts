/** Reads lockfiles of the public corpus, and texts of tests, with the readers of the registry. */
import { basename, dirname, join } from 'node:path'
import {
  FolderFiles,
  MemoryFiles,
  READERS,
  type ReadProject,
  type ReadResult,
} from '../../../../src/lib/lint/readers/index.ts'
import { conformancePath } from '../../../support/conformance.ts'

/** @returns undefined, with a printed reason, where the corpus is not there */
export async function readCorpus(id: string, path: string): Promise<ReadResult | undefined> {
  const file = conformancePath('lint', 'lockfiles', path)
  if (file === undefined) return undefined
  return (await readerOf(id)).read(basename(file), new FolderFiles(dirname(file)))
}

/** As {@link readCorpus}, of which one project is expected and no error. */
export async function corpusProject(id: string, path: string): Promise<ReadProject | undefined> {
  const result = await readCorpus(id, path)
  return result === undefined ? undefined : onlyProject(result)
}

export async function readText(
  id: string,
  path: string,
  files: Readonly<Record<string, string | object>>,
): Promise<ReadResult> {
  const texts = Object.fromEntries(
    Object.entries(files).map(([name, content]) => [
      name,
      typeof content === 'string' ? content : JSON.stringify(content),
    ]),
  )
  return (await readerOf(id)).read(path, new MemoryFiles(texts))
}

export function onlyProject({ projects, problems }: ReadResult): ReadProject {
  const [project, ...others] = projects
  if (project === undefined || others.length > 0)
    throw new Error(`${projects.length} projects; ${problems.map(({ message }) => message).join('; ')}`)
  return project
}

/** Package URLs of the components, sorted. */
export function purlsOf({ components }: ReadProject): readonly string[] {
  return components.flatMap(({ purl }) => purl ?? []).sort()
}

/** `from > to`, sorted, each once; the root is `root`. */
export function edgesOf({ root, edges }: ReadProject): readonly string[] {
  const name = (ref: string): string => (ref === root.ref ? 'root' : ref)
  return [...new Set(edges.map(([from, to]) => `${name(from)} > ${name(to)}`))].sort()
}

export function corpusFolder(...parts: readonly string[]): string | undefined {
  const folder = conformancePath('lint', 'lockfiles')
  return folder === undefined ? undefined : join(folder, ...parts)
}

/** The address of an archive in the default registry. */
export function archive(name: string, version: string): string {
  return `https://registry.${'npmjs'}.org/${name}/-/${name.slice(name.indexOf('/') + 1)}-${version}.tgz`
}

async function readerOf(id: string): ReturnType<(typeof READERS)[number]['load']> {
  const entry = READERS.find((candidate) => candidate.id === id)
  if (entry === undefined) throw new Error(`no reader ${id}`)
  return await entry.load()
}
