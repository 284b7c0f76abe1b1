/** What the finders of all ecosystems give: where a package lies, and what its own manifest says of it. */
import type { Party, SourceCode } from '../bom/index.ts'
import type { ProjectFiles } from '../readers/reader.ts'

/** What a manifest says; nothing here is inferred. */
export interface ManifestFacts {
  /** The license as the manifest writes it. */
  readonly license?: string | undefined
  readonly author?: Party | undefined
  readonly maintainer?: Party | undefined
  readonly homepage?: string | undefined
  readonly description?: string | undefined
  readonly source?: SourceCode | undefined
}

export interface InstalledPackage {
  readonly facts: ManifestFacts
  /** Of its license texts; relative to the project, with `/`, sorted. */
  readonly licenseFiles: readonly string[]
}

/** Finds the packages of one ecosystem below the folders of a project. Looks at the disk when first asked. */
export interface PackageFinder {
  /** @returns what is installed under that very name and version */
  find(name: string, version: string): InstalledPackage | undefined
}

export type PackageFinderFactory = (files: ProjectFiles, folders: readonly string[]) => PackageFinder

/** Packages that one ecosystem may have installed; more is an attack on memory. */
export const MAX_INSTALLED = 200_000

/** Joins folders of a project; `.` and nothing are its top. */
export function below(folder: string, ...parts: readonly string[]): string {
  return [folder === '.' ? '' : folder, ...parts].filter((part) => part !== '').join('/')
}

/** Names of the folders in a folder, without the final `/`. */
export function foldersIn(names: readonly string[]): readonly string[] {
  return names.filter((name) => name.endsWith('/')).map((name) => name.slice(0, -1))
}
