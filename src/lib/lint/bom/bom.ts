/** A bill of materials apart from its format: what a project is made of, and who says so, when, and how. */
import type { Component, Party } from './component.ts'

/**
 * What is known of the dependencies of one component: `complete` all of them, `incomplete` some, `unknown` nothing
 * is promised.
 */
export type Completeness = 'complete' | 'incomplete' | 'unknown'

export interface Dependencies {
  /** {@link Component.ref} of each component it needs directly; sorted, without repetition. */
  readonly on: readonly string[]
  readonly completeness: Completeness
}

/** At which point of a product's life the document was made (CycloneDX phases, CISA generation context). */
export const LIFECYCLES = [
  'design',
  'pre-build',
  'build',
  'post-build',
  'operations',
  'discovery',
  'decommission',
] as const
export type Lifecycle = (typeof LIFECYCLES)[number]

export interface Tool {
  readonly name: string
  readonly version?: string | undefined
  readonly vendor?: string | undefined
}

/** The text of a license that SPDX does not list. */
export interface ExtractedLicense {
  /** `LicenseRef-…` */
  readonly id: string
  readonly name?: string | undefined
  readonly text: string
}

export interface BomDocument {
  readonly name: string
  /** RFC 3339, UTC, whole seconds; absent where a foreign document has none. */
  readonly created?: string | undefined
  readonly authors: readonly Party[]
  readonly tools: readonly Tool[]
  /** Who supplies the described software (CycloneDX `metadata.supplier`). */
  readonly supplier?: Party | undefined
  readonly lifecycles: readonly Lifecycle[]
  /** SPDX `documentNamespace`, or the `urn:uuid:` of a CycloneDX serial number; writers derive one where absent. */
  readonly namespace?: string | undefined
  /** License of the document itself, such as `CC0-1.0`. */
  readonly dataLicense?: string | undefined
  readonly comment?: string | undefined
}

export interface Bom {
  readonly document: BomDocument
  /** {@link Component.ref} of the component that the document is about. */
  readonly primary?: string | undefined
  /** Sorted by `ref`, the primary one among them. */
  readonly components: readonly Component[]
  /** By {@link Component.ref}. A component without an entry has `unknown` dependencies. */
  readonly dependencies: ReadonlyMap<string, Dependencies>
  readonly extractedLicenses: readonly ExtractedLicense[]
}
