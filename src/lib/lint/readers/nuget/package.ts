/** Components of NuGet, the registry of .NET. */
import { AivError } from '../../../core/index.ts'
import type { Component, Occurrence, Scope } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'

export interface NugetPackage {
  readonly name: string
  readonly version: string | undefined
  readonly scope?: Scope | undefined
  /**
   * Base64 of a SHA-512 over the package without its signature (NuGet/Home wiki, "Nupkg Metadata File"). Registries
   * sign what they hand out, so this is not the hash of the archive, and is kept as a property.
   */
  readonly contentHash?: string | undefined
  readonly place: Occurrence
}

/** @throws AivError `E_MALFORMED` */
export function nugetComponent({ name, version, scope, contentHash, place }: NugetPackage): Component {
  const purl = formatPurl({ type: 'nuget', name, version })
  return {
    ref: purl,
    type: 'library',
    name,
    version,
    purl,
    origin: 'registry',
    scope: scope ?? 'required',
    occurrences: [place],
    properties: contentHash === undefined ? undefined : { 'aiv:nuget:content-hash': contentHash },
  }
}

/** A project of the same solution; its folder where that is known. */
export function projectComponent(
  name: string,
  version: string | undefined,
  folder: string | undefined,
  place: Occurrence,
): Component {
  if (name === '') throw new AivError('E_MALFORMED', 'a project has no name')
  return {
    ref: folder === undefined ? `nuget-project:${name}` : `path:${folder}`,
    type: 'library',
    name,
    version,
    origin: 'workspace',
    scope: 'required',
    occurrences: [place],
  }
}
