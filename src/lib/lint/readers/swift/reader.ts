/** `Package.resolved` of the Swift package manager, versions 1 to 3. `Package.swift` is a program and is not run. */
import { AivError } from '../../../core/index.ts'
import type { Component } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  attempt,
  folderOf,
  gitLocation,
  isOutside,
  oneProject,
  readLockfile,
  resolveInside,
  rootComponent,
} from '../lock/index.ts'
import { field, isTable, parseJson, string, type Table, tables, UnreadableText } from '../parse/index.ts'
import type { Reader } from '../reader.ts'

/** Where Xcode keeps the file: some folders below the one that holds the project. */
const XCODE_FOLDERS =
  /(?:^|\/)(?:[^/]+\.xcodeproj\/project\.xcworkspace|[^/]+\.xcworkspace)\/xcshareddata\/swiftpm$/

export const swiftReader: Reader = {
  id: 'swift',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      const builder = new ProjectBuilder(rootComponent(projectFolder(path)))
      for (const pin of pinsOf(parseJson(text))) {
        const component = attempt(builder, { path }, () => componentOf(pin, path))
        if (component === undefined) continue
        if (isOutside(component.ref)) builder.warn(`${component.name} lies outside the project`, { path })
        const ref = builder.add(component)
        // The file is a list: what needs what stands in the manifests of the packages.
        builder.depend(builder.root.ref, ref)
        builder.incomplete(ref, 'unknown')
      }
      return oneProject(builder)
    }),
}

function projectFolder(path: string): string {
  const folder = folderOf(path).replace(XCODE_FOLDERS, '')
  return folder === '' ? '.' : folder
}

function pinsOf(lock: unknown): readonly Table[] {
  const version = field(lock, 'version')
  const pins = version === 1 ? field(field(lock, 'object'), 'pins') : field(lock, 'pins')
  if (!isTable(lock) || (version !== 1 && version !== 2 && version !== 3))
    throw new UnreadableText(`it has version ${JSON.stringify(version)}; versions 1, 2 and 3 are known`, {
      line: 1,
      column: 1,
    })
  return tables(pins)
}

/** A pin to a branch or a commit has no version: the commit is what the package is. */
function componentOf(pin: Table, path: string): Component {
  const state = field(pin, 'state')
  const revision = string(field(state, 'revision'))
  const branch = string(field(state, 'branch'))
  const version = string(field(state, 'version')) ?? revision
  const location = string(field(pin, 'location')) ?? string(field(pin, 'repositoryURL')) ?? ''
  const identity = string(field(pin, 'identity')) ?? string(field(pin, 'package')) ?? location
  if (identity === '') throw new AivError('E_MALFORMED', 'a pin has neither identity nor location')
  const shared = {
    type: 'library',
    version,
    scope: 'required',
    occurrences: [{ path }],
    properties: branch === undefined ? undefined : { 'aiv:swift:branch': branch },
  } as const
  if (field(pin, 'kind') === 'registry') return { ...shared, ...registryPackage(identity, version) }
  const git = field(pin, 'kind') === 'localSourceControl' ? undefined : gitLocation(location)
  if (git === undefined)
    return {
      ...shared,
      ref: `path:${resolveInside(projectFolder(path), location).path}`,
      name: identity,
      origin: 'path',
    }
  const slash = git.path.lastIndexOf('/')
  const purl = formatPurl({
    type: 'swift',
    namespace: slash === -1 ? git.host : `${git.host}/${git.path.slice(0, slash)}`,
    name: git.path.slice(slash + 1),
    version,
  })
  return {
    ...shared,
    ref: purl,
    name: `${git.host}/${git.path}`,
    purl,
    origin: 'git',
    source: { url: git.url, revision },
  }
}

/** Registries name packages `scope.name` (SE-0292). */
function registryPackage(
  identity: string,
  version: string | undefined,
): Pick<Component, 'ref' | 'name' | 'purl' | 'origin'> {
  const [scope = '', ...rest] = identity.split('.')
  const purl = formatPurl({ type: 'swift', namespace: scope, name: rest.join('.'), version })
  return { ref: purl, name: identity, purl, origin: 'registry' }
}
