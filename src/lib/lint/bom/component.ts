/**
 * One part of a piece of software, in the terms that SPDX and CycloneDX share. Readers of lockfiles, binaries and
 * documents make these; writers, scores, comparisons and rules use them.
 */

/** Kinds that both families of formats know; what else a document names becomes `library`. */
export const COMPONENT_TYPES = [
  'application',
  'framework',
  'library',
  'container',
  'platform',
  'operating-system',
  'device',
  'firmware',
  'file',
  'data',
] as const
export type ComponentType = (typeof COMPONENT_TYPES)[number]

/** Why a component is there: `required` at run time, `optional` where it works without, `dev` for making it only. */
export const SCOPES = ['required', 'optional', 'dev'] as const
export type Scope = (typeof SCOPES)[number]

/**
 * Where the lockfile says that a component comes from. `workspace` and `path` lie in the project itself and have no
 * package URL of a registry, unless their manifest says that they are published.
 */
export const ORIGINS = [
  'registry',
  'git',
  'url',
  'path',
  'workspace',
  'bundled',
  'binary',
  'document',
] as const
export type Origin = (typeof ORIGINS)[number]

/** {@link Component.ref} of what lies at the top of the scanned folder. */
export const TOP_REF = 'path:.'

/**
 * Name of a project whose files give it none. Its folder's name would make the same project differ from folder to
 * folder.
 */
export const NAMELESS = 'project'

export const HASH_ALGORITHMS = [
  'md5',
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha3-256',
  'sha3-384',
  'sha3-512',
  'blake2b-256',
  'blake2b-384',
  'blake2b-512',
  'blake3',
] as const
export type HashAlgorithm = (typeof HASH_ALGORITHMS)[number]

export interface Hash {
  readonly algorithm: HashAlgorithm
  /** Lower-case hex. */
  readonly value: string
}

export interface Party {
  readonly kind: 'person' | 'organization'
  readonly name: string
  readonly email?: string | undefined
  readonly url?: string | undefined
}

/** A file whose text was found to be that of a license. Without one of these nothing is concluded. */
export interface LicenseEvidence {
  /** Relative to the project, with forward slashes. */
  readonly path: string
  /** SPDX identifier of the text. */
  readonly license: string
  /** 0 to 1: how much of the text is that license's. */
  readonly similarity: number
}

export interface Licenses {
  /** What the maker says, as written: an SPDX expression, a name, or `SEE LICENSE IN …`. */
  readonly declared?: string | undefined
  /** SPDX expression that follows from {@link evidence}, or that another tool's document gives. */
  readonly concluded?: string | undefined
  readonly evidence?: readonly LicenseEvidence[] | undefined
}

/** Where a component was found. */
export interface Occurrence {
  /** Of the lockfile, binary or document; relative to the project, with forward slashes. */
  readonly path: string
  /** 1 and up; absent where the format has no lines. */
  readonly line?: number | undefined
}

/** Code of the component in version control. */
export interface SourceCode {
  /** A URI without user, password or scp form; `https:` where the host speaks it. */
  readonly url: string
  /** Commit. */
  readonly revision?: string | undefined
}

export interface Component {
  /**
   * Unique in its inventory, and the same in every run: the package URL where there is one, else
   * `path:FOLDER` for what lies in the project, else what its reader makes unique.
   */
  readonly ref: string
  readonly type: ComponentType
  /** As the ecosystem writes it in full: `@scope/name`, `group:artifact`, `github.com/owner/module`. */
  readonly name: string
  readonly version?: string | undefined
  /** Canonical package URL, made by `formatPurl`. */
  readonly purl?: string | undefined
  readonly cpes?: readonly string[] | undefined
  readonly origin: Origin
  readonly scope: Scope
  /** Of the archive that the lockfile pins. */
  readonly hashes?: readonly Hash[] | undefined
  readonly downloadUrl?: string | undefined
  readonly source?: SourceCode | undefined
  readonly homepage?: string | undefined
  readonly description?: string | undefined
  readonly supplier?: Party | undefined
  /** Who wrote it, where that is someone else than who supplies it. */
  readonly author?: Party | undefined
  readonly copyright?: string | undefined
  readonly licenses?: Licenses | undefined
  readonly occurrences?: readonly Occurrence[] | undefined
  /** What has no other place, by a name such as `aiv:npm:alias`; written to CycloneDX properties and SPDX comments. */
  readonly properties?: Readonly<Record<string, string>> | undefined
}
