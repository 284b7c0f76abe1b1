/** `pnpm-lock.yaml`, lockfileVersion 5 to 9; newer ones begin with a document about pnpm itself. */
import { ProjectBuilder } from '../builder.ts'
import {
  folderComponent,
  type LockContext,
  NeedsGraph,
  readLock,
  readManifest,
  unusable,
} from '../javascript/index.ts'
import { parseLockYaml } from '../parse/plain-yaml.ts'
import { field, isTable, scalarText, type Table } from '../parse/shape.ts'
import type { Reader, ReadProject } from '../reader.ts'
import { LockDocument } from './lock-document.ts'

const KNOWN_MAJORS = new Set([5, 6, 7, 9])

export const pnpmReader: Reader = {
  id: 'pnpm',
  read: (path, files) => readLock(path, files, parseLockYaml, readPnpmLock),
}

function readPnpmLock(documents: readonly unknown[], context: LockContext): readonly ReadProject[] {
  // A document without content is null.
  const written = documents.filter((document) => document !== null)
  const locks = written.map((document) => {
    if (!isTable(document)) throw unusable('it is no lockfile of pnpm: there is no mapping in it')
    return { document, major: majorOf(document) }
  })
  const root = folderComponent(context.folder, readManifest(context.folder, context), {
    origin: 'workspace',
    scope: 'required',
    type: 'application',
    path: context.path,
  })
  const builder = new ProjectBuilder(root)
  const graph = new NeedsGraph(builder)
  for (const { document, major } of locks)
    new LockDocument(document, major, { builder, graph, context }).read()
  return [graph.project(context)]
}

/** `5.4`, `'6.0'`, `5.4-inlineSpecifiers`. */
function majorOf(document: Table): number {
  const version = scalarText(field(document, 'lockfileVersion'))
  const major = Number.parseInt(version, 10)
  if (KNOWN_MAJORS.has(major)) return major
  throw unusable(
    `lockfileVersion ${JSON.stringify(version.slice(0, 20))} of pnpm is not known; 5, 6, 7 and 9 are`,
  )
}
