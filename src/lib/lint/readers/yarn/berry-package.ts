/** One entry of a berry lockfile, by the protocol of its resolution. */

import type { ProjectBuilder } from '../builder.ts'
import { addLocalArchive, addLocalFolder, type LockContext, npmComponent } from '../javascript/index.ts'
import { inFolder } from '../lock/index.ts'
import { field, string, type Table } from '../parse/shape.ts'
import { type Descriptor, parseDescriptor } from './descriptor.ts'

export interface BerryPackage {
  readonly name: string
  /** Of the resolution: `npm:1.2.3`, `workspace:packages/a`, `patch:…`, an address. */
  readonly range: string
  readonly version: string | undefined
  readonly alias: string
  readonly entry: Table
}

/** @returns the ref of the component */
export function addBerryPackage(builder: ProjectBuilder, context: LockContext, found: BerryPackage): string {
  const { version, alias, entry } = found
  const [written = ''] = found.range.split('::')
  const parameters = parametersOf(found.range)
  const patch = written.startsWith('patch:') ? written : undefined
  const { name, range } = patch === undefined ? { name: found.name, range: written } : patchedPackage(patch)
  const local = /^(workspace|link|portal|file|exec):([^#]*)/.exec(range)
  if (local !== null) {
    const [, protocol, target = ''] = local
    if (protocol === 'file' && /\.(?:tgz|tar\.gz|tar)$/.test(target))
      return addLocalArchive(builder, context, inFolder(locatorFolder(parameters), target), {
        name,
        version,
        scope: 'required',
        hashes: [],
      })
    const isMember = protocol === 'workspace'
    return addLocalFolder(builder, context, isMember ? target : inFolder(locatorFolder(parameters), target), {
      origin: isMember ? 'workspace' : 'path',
      scope: 'required',
      name,
      // What yarn writes for a member, whatever its manifest says.
      version: version === '0.0.0-use.local' ? undefined : version,
    })
  }
  const checksum = string(field(entry, 'checksum'))
  return builder.add(
    npmComponent({
      name,
      version,
      resolved: range.startsWith('npm:') ? parameters.get('__archiveUrl') : remoteAddress(range),
      // The checksum is of the archive that yarn makes for its own cache: nobody else has that file.
      hashes: [],
      scope: 'required',
      alias,
      path: context.path,
      properties: {
        ...(checksum === undefined ? {} : { 'aiv:yarn:checksum': checksum }),
        ...(patch === undefined ? {} : { 'aiv:npm:patch': patch.slice(0, 500) }),
      },
    }),
  )
}

/** `patch:name@npm%3A1.2.3#./fix.patch` is about `npm:1.2.3` of `name`, which may be installed as another. */
function patchedPackage(patch: string): Descriptor {
  const [inner = ''] = patch.slice('patch:'.length).split('#')
  const { name, range } = parseDescriptor(inner)
  return { name: decoded(name), range: decoded(range) }
}

/** Web addresses of repositories carry the commit in the fragment; those of archives do not. */
function remoteAddress(range: string): string {
  const hash = range.indexOf('#')
  const fragment = hash === -1 ? '' : range.slice(hash)
  return /^https?:/.test(range) && /commit[=:]/.test(fragment) ? `git+${range}` : range
}

function parametersOf(range: string): ReadonlyMap<string, string> {
  const at = range.indexOf('::')
  return new Map(
    (at === -1 ? '' : range.slice(at + 2)).split('&').map((pair) => {
      const equals = pair.indexOf('=')
      return [pair.slice(0, Math.max(equals, 0)), decoded(pair.slice(equals + 1))]
    }),
  )
}

/** The folder of the member that a relative path was written in: `locator=name%40workspace%3Apackages%2Fa`. */
function locatorFolder(parameters: ReadonlyMap<string, string>): string {
  const { range } = parseDescriptor(parameters.get('locator') ?? '')
  return range.startsWith('workspace:') ? range.slice('workspace:'.length) : '.'
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
