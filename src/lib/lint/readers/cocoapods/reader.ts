/** `Podfile.lock` of CocoaPods. */
import { AivError } from '../../../core/index.ts'
import type { Component } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  attempt,
  folderOf,
  gitLocation,
  isOutside,
  keyLines,
  oneProject,
  publicUrl,
  readLockfile,
  resolveInside,
  rootComponent,
  vcsUrl,
} from '../lock/index.ts'
import { field, string } from '../parse/index.ts'
import type { Reader } from '../reader.ts'
import { type LockedPod, type PodLock, parsePodLock } from './pod-lock.ts'

/** Names of the one public repository of specifications. */
const PUBLIC_REPOSITORY =
  /^(?:trunk|https:\/\/(?:cdn\.cocoapods\.org\/?|github\.com\/CocoaPods\/Specs(?:\.git)?))$/i

export const cocoapodsReader: Reader = {
  id: 'cocoapods',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      const lock = parsePodLock(text)
      const builder = new ProjectBuilder(rootComponent(folderOf(path)))
      const lines = keyLines(text)
      const folders = sharedFolders(lock, path)
      const refs = new Map<string, string>()
      for (const pod of lock.pods) {
        const place = { path, line: lines.get(pod.name) }
        const component = attempt(builder, place, () => componentOf(pod, lock, path, folders))
        if (component === undefined) continue
        if (isOutside(component.ref)) builder.warn(`${pod.name} lies outside the project`, place)
        refs.set(pod.name, builder.add({ ...component, occurrences: [place] }))
      }
      const depend = (from: string, names: readonly string[]) => {
        for (const name of names) {
          const to = refs.get(name)
          if (to !== undefined) builder.depend(from, to)
        }
      }
      depend(builder.root.ref, lock.dependencies)
      for (const { name, needs } of lock.pods) {
        const from = refs.get(name)
        if (from !== undefined) depend(from, needs)
      }
      return oneProject(builder)
    }),
}

/** Folders in which several pods lie, as below `node_modules` in a React Native project. */
function sharedFolders({ external }: PodLock, path: string): ReadonlySet<string> {
  const seen = new Set<string>()
  const shared = new Set<string>()
  for (const source of external.values()) {
    const folder = localFolder(source, path)
    if (folder === undefined) continue
    if (seen.has(folder)) shared.add(folder)
    seen.add(folder)
  }
  return shared
}

function localFolder(source: unknown, path: string): string | undefined {
  const written = string(field(source, ':path'))
  if (written === undefined) return undefined
  const { path: local } = resolveInside(folderOf(path), written)
  return local.endsWith('.podspec') ? folderOf(local) : local
}

function componentOf(pod: LockedPod, lock: PodLock, path: string, shared: ReadonlySet<string>): Component {
  const [name = '', ...subspecs] = pod.name.split('/')
  if (name === '') throw new AivError('E_MALFORMED', 'a pod has no name')
  const external = lock.external.get(name)
  const checksum = lock.checksums.get(name)
  const base = {
    type: 'library',
    name: pod.name,
    version: pod.version,
    scope: 'required',
    properties: checksum === undefined ? undefined : { 'aiv:cocoapods:spec-sha1': checksum },
  } as const
  const folder = localFolder(external, path)
  if (folder !== undefined)
    return {
      ...base,
      // The subspecs of a local pod are the same folder again.
      name,
      ref: shared.has(folder) ? `path:${folder}#${name}` : `path:${folder}`,
      origin: 'path',
    }
  const { qualifiers, ...origin } = originOf(name, lock, external)
  const purl = formatPurl({
    type: 'cocoapods',
    name,
    version: pod.version,
    qualifiers,
    subpath: subspecs.join('/'),
  })
  return { ...base, ...origin, ref: purl, purl }
}

interface PodOrigin extends Pick<Component, 'origin' | 'source' | 'downloadUrl'> {
  readonly qualifiers: Record<string, string>
}

function originOf(name: string, lock: PodLock, external: unknown): PodOrigin {
  const checkout = lock.checkouts.get(name) ?? external
  const git = gitLocation(string(field(checkout, ':git')) ?? string(field(external, ':git')) ?? '')
  if (git !== undefined) {
    const revision = string(field(checkout, ':commit')) ?? string(field(checkout, ':tag'))
    return {
      qualifiers: { vcs_url: vcsUrl(git, revision) },
      origin: 'git',
      source: { url: git.url, revision },
    }
  }
  const archive = publicUrl(string(field(external, ':http')) ?? '')
  if (archive !== undefined)
    return { qualifiers: { download_url: archive }, origin: 'url', downloadUrl: archive }
  const repository = lock.repositories.get(name)
  const address =
    repository === undefined || PUBLIC_REPOSITORY.test(repository)
      ? undefined
      : (publicUrl(repository) ?? gitLocation(repository)?.url)
  return { qualifiers: address === undefined ? {} : { repository_url: address }, origin: 'registry' }
}
