/**
 * What every reader of a lockfile, manifest or binary shares. A reader is a pure function of files: it runs nothing,
 * asks no network, and never sees a path outside the project.
 */
import type { Completeness, Component, ExtractedLicense, Occurrence } from '../bom/index.ts'

/** The files of a project, bounded and inside its folder whatever links say. Paths are relative with `/`. */
export interface ProjectFiles {
  /**
   * @returns the text; undefined when there is no such file
   * @throws AivError `E_TOO_LARGE` above the limit, `E_MALFORMED` when it is not UTF-8, `E_IO`
   */
  text(path: string): string | undefined
  /** As {@link text}, with any bytes. */
  bytes(path: string): Uint8Array | undefined
  /** Names in a folder, sorted; folders end with `/`. Empty when there is no such folder. */
  list(folder: string): readonly string[]
}

/**
 * Something a reader could not use. `error`: the inventory would be wrong without it, such as a lockfile that does
 * not parse. `warning`: one entry was left out or is known in part, such as an unresolved Maven parent.
 */
export interface ReadProblem extends Occurrence {
  readonly severity: 'error' | 'warning'
  /** Says what happened and why, one sentence. */
  readonly message: string
  /** 1 and up, in UTF-16 code units. */
  readonly column?: number | undefined
}

/** One project: what a lockfile, a workspace member or a binary is about, and what that is made of. */
export interface ReadProject {
  /** The component that the others are dependencies of. Its `ref` is `path:FOLDER` (`path:.` at the top). */
  readonly root: Component
  /** Unique by `ref`, without {@link root}; members of a workspace are among them. In any order. */
  readonly components: readonly Component[]
  /** Pairs of refs, from a component to one that it needs directly. In any order; repetition is allowed. */
  readonly edges: readonly (readonly [from: string, to: string])[]
  /** Refs whose dependencies are not known in full, as in a list without edges. Default for all others: complete. */
  readonly incomplete?: ReadonlyMap<string, Exclude<Completeness, 'complete'>> | undefined
  readonly extractedLicenses?: readonly ExtractedLicense[] | undefined
}

export interface ReadResult {
  readonly projects: readonly ReadProject[]
  readonly problems: readonly ReadProblem[]
}

export interface Reader {
  /** Word for messages and `--ecosystem`, such as `npm`, `cargo`, `maven`. */
  readonly id: string
  /**
   * Reads the file and what lies beside it.
   * @param path of a file that {@link ReaderEntry.claims} is true for
   * @throws AivError for nothing that the file holds: that is a {@link ReadProblem}
   */
  read(path: string, files: ProjectFiles): ReadResult
}

/** One line of the registry: cheap to load, so that only the readers that a project needs are. */
export interface ReaderEntry {
  readonly id: string
  /** What it reads, for people: `package-lock.json (versions 1 to 3), npm-shrinkwrap.json`. */
  readonly files: string
  /** @param path relative to the project, with `/` */
  claims(path: string): boolean
  /**
   * Other files of the same folder that this one stands in for, such as the manifest beside a lockfile: they are not
   * read on their own.
   */
  readonly replaces?: readonly string[]
  load(): Promise<Reader>
}
