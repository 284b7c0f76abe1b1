/** `deno.lock`, versions 1 to 5: packages of JSR and npm, and modules that are imported by their address. */
import { ProjectBuilder } from '../builder.ts'
import {
  folderComponent,
  type LockContext,
  NeedsGraph,
  readLock,
  readManifest,
  scopesOf,
  unusable,
} from '../javascript/index.ts'
import { inFolder, problemOf } from '../lock/index.ts'
import { parseJson, parseJsonWithComments } from '../parse/json.ts'
import { field, isTable, string, type Table } from '../parse/shape.ts'
import type { Reader, ReadProject } from '../reader.ts'
import { DenoPackages, type DenoSections } from './deno-packages.ts'

export const denoReader: Reader = {
  id: 'deno',
  read: (path, files) => readLock(path, files, parseJson, readDenoLock),
}

function readDenoLock(lock: unknown, context: LockContext): readonly ReadProject[] {
  if (!isTable(lock)) throw unusable('it is no lockfile of deno: there is no object in it')
  const manifest = readManifest(context.folder, context)
  const configuration = readConfiguration(context)
  const root = folderComponent(context.folder, manifest, {
    origin: 'workspace',
    scope: 'required',
    type: 'application',
    path: context.path,
    name: string(field(configuration, 'name')),
    version: string(field(configuration, 'version')),
  })
  const builder = new ProjectBuilder(root)
  const graph = new NeedsGraph(builder)
  const scopes = scopesOf(manifest)
  new DenoPackages(sectionsOf(lock), { builder, graph, context, scopes }).read()
  return [graph.project(context)]
}

/** Where each version keeps the same things. */
function sectionsOf(lock: Table): DenoSections {
  const version = field(lock, 'version')
  // The first version is nothing but addresses and their digests.
  if (version === undefined) return { specifiers: {}, jsr: {}, npm: {}, remote: lock, workspace: {} }
  const remote = field(lock, 'remote')
  const workspace = field(lock, 'workspace')
  if (version === '2') {
    const npm = field(lock, 'npm')
    return { specifiers: field(npm, 'specifiers'), jsr: {}, npm: field(npm, 'packages'), remote, workspace }
  }
  if (version === '3') {
    const packages = field(lock, 'packages')
    const specifiers = field(packages, 'specifiers')
    return { specifiers, jsr: field(packages, 'jsr'), npm: field(packages, 'npm'), remote, workspace }
  }
  if (version === '4' || version === '5') {
    const [specifiers, jsr, npm] = [field(lock, 'specifiers'), field(lock, 'jsr'), field(lock, 'npm')]
    return { specifiers, jsr, npm, remote, workspace }
  }
  throw unusable(
    `version ${JSON.stringify(version)?.slice(0, 20)} of deno's lockfile is not known; 1 to 5 are`,
  )
}

/** `deno.json` or `deno.jsonc`, for the name of the project. */
function readConfiguration({ folder, files, problems }: LockContext): unknown {
  for (const name of ['deno.json', 'deno.jsonc']) {
    const path = inFolder(folder, name)
    try {
      const text = files.text(path)
      if (text !== undefined) return parseJsonWithComments(text)
    } catch (error) {
      problems.push({ ...problemOf(path, error), severity: 'warning' })
    }
  }
  return undefined
}
