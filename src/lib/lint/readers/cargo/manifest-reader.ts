/** Cargo.toml without Cargo.lock, as libraries have it: it says what is wanted, not what is there. */
import type { Component } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  attempt,
  folderOf,
  gitLocation,
  inFolder,
  manifestFields,
  readBeside,
  readLockfile,
  resolveInside,
  rootComponent,
  vcsUrl,
} from '../lock/index.ts'
import { field, parseToml, string, strings } from '../parse/index.ts'
import type { ProjectFiles, Reader, ReadProblem, ReadResult } from '../reader.ts'
import { propagateScopes, type ScopedEdge } from '../scopes.ts'
import { type CrateNeed, type LocalCrate, readWorkspace } from './workspace.ts'

export const cargoManifestReader: Reader = {
  id: 'cargo-toml',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      // What does not parse is an error here, and only a warning beside a lockfile.
      parseToml(text)
      return readUnlocked(path, files)
    }),
}

function readUnlocked(path: string, files: ProjectFiles): ReadResult {
  const folder = folderOf(path)
  if (isCovered(folder, files)) return { projects: [], problems: [] }
  const problems: ReadProblem[] = []
  const workspace = readWorkspace(folder, files, problems)
  const builder = new ProjectBuilder(
    rootComponent(folder, { occurrences: [{ path }], ...manifestFields(workspace?.root ?? {}) }),
  )
  const root = builder.root.ref
  const edges: ScopedEdge[] = []
  const link = (edge: ScopedEdge) => {
    builder.depend(edge[0], edge[1])
    edges.push(edge)
  }
  for (const crate of workspace?.others ?? []) link([root, builder.add(memberOf(crate)), 'required'])
  for (const crate of [workspace?.root, ...(workspace?.others ?? [])])
    for (const [name, need] of crate?.needs ?? []) {
      const at = crate?.folder ?? folder
      const ref = attempt(builder, { path }, () =>
        builder.add(wanted(name, need, inFolder(at, 'Cargo.toml'))),
      )
      if (ref === undefined) continue
      if (ref.startsWith('path:..'))
        builder.warn(`${name} lies outside the scanned folder`, { path: inFolder(at, 'Cargo.toml') })
      if (!ref.startsWith('path:')) builder.incomplete(ref, 'unknown')
      link([`path:${at}`, ref, need.scope])
    }
  if (builder.build().components.some(({ origin }) => origin === 'registry'))
    builder.warn(
      'there is no Cargo.lock beside it: which versions are built, and what those need, is not known',
      {
        path,
      },
    )
  const project = builder.build()
  const direct = new Map(
    edges.flatMap(([from, to, scope = 'required']) => (from === root ? [[to, scope] as const] : [])),
  )
  const components = propagateScopes(project.components, direct, edges)
  return { projects: [{ ...project, components }], problems: [...problems, ...builder.problems] }
}

/** Below a workspace, a crate is one of its members unless it is left out by name. */
function isCovered(folder: string, files: ProjectFiles): boolean {
  for (let at = folder; at !== '.'; ) {
    at = folderOf(at)
    const path = inFolder(at, 'Cargo.toml')
    const unused: ReadProblem[] = []
    const workspace = readBeside(path, unused, () => {
      const text = files.text(path)
      return text === undefined ? undefined : field(parseToml(text), 'workspace')
    })
    if (workspace === undefined) continue
    const excluded = strings(field(workspace, 'exclude')).map((one) => resolveInside(at, one).path)
    return !excluded.some((one) => folder === one || folder.startsWith(`${one}/`))
  }
  return false
}

function memberOf({ folder, ...facts }: LocalCrate): Component {
  return {
    ref: `path:${folder}`,
    type: 'library',
    name: facts.name,
    origin: 'workspace',
    scope: 'required',
    occurrences: [{ path: inFolder(folder, 'Cargo.toml') }],
    ...manifestFields(facts),
  }
}

function wanted(name: string, { scope, declared, folder }: CrateNeed, path: string): Component {
  const base = { type: 'library', name, scope, occurrences: [{ path }] } as const
  const local = string(field(declared, 'path'))
  if (local !== undefined)
    return { ...base, ref: `path:${resolveInside(folder, local).path}`, origin: 'path' }
  const range = string(declared) ?? string(field(declared, 'version')) ?? ''
  const [, version] = /^=\s*(\d+\.\d+\.\d+(?:[-+][\w.+-]+)?)$/.exec(range.trim()) ?? []
  const git = gitLocation(string(field(declared, 'git')) ?? '')
  const revision = ['rev', 'tag', 'branch']
    .map((key) => string(field(declared, key)))
    .find((one) => one !== undefined)
  const purl = formatPurl({
    type: 'cargo',
    name,
    version,
    qualifiers: git === undefined ? undefined : { vcs_url: vcsUrl(git, revision) },
  })
  return {
    ...base,
    ref: purl,
    version,
    purl,
    origin: git === undefined ? 'registry' : 'git',
    source: git === undefined ? undefined : { url: git.url, revision },
    properties: version === undefined && range !== '' ? { 'aiv:cargo:range': range } : undefined,
  }
}
