/** What is read from a document of any format, and what is wrong with it. */
import type { Bom } from '../bom/index.ts'

/** What `--format` takes: SPDX 2.3 in two encodings, SPDX 3.0.1, CycloneDX 1.6 and 1.7. */
export const BOM_FORMATS = ['spdx-json', 'spdx-tv', 'spdx3-json', 'cdx-json', 'cdx-json@1.7'] as const
export type BomFormat = (typeof BOM_FORMATS)[number]

/** Kinds of defects that reading finds; each is a rule of `aiv lint rules`. */
export type DefectKind =
  | 'dangling-reference'
  | 'duplicate-identifier'
  | 'duplicate-component'
  | 'bad-purl'
  | 'bad-hash'
  | 'bad-value'
  | 'unknown-field'

export interface DocumentDefect {
  readonly kind: DefectKind
  /** Says what is wrong, one sentence. */
  readonly message: string
  /** JSON pointer (RFC 6901) to the place; absent in tag-value. */
  readonly pointer?: string | undefined
  /** 1 and up, where it is known. */
  readonly line?: number | undefined
}

/** What a {@link Bom} does not keep, because it belongs to the format; scores and rules ask for it. */
export interface DocumentFacts {
  readonly family: 'spdx' | 'cyclonedx'
  /** `2.3`, `3.0.1`, `1.6` */
  readonly version: string
  readonly encoding: 'json' | 'tag-value'
  /** Of the signature that is embedded (JSF); which of its three parts are there. It is not verified here. */
  readonly signature?:
    | { readonly algorithm: boolean; readonly value: boolean; readonly key: boolean }
    | undefined
  /** {@link Component.ref} of those whose purpose or type the document itself gives. */
  readonly typed: ReadonlySet<string>
  /** The document says of itself as a whole that it is complete (CycloneDX compositions without assemblies). */
  readonly complete: boolean
  /** Refs with a `packageVerificationCode` or other format-only fields are not kept: they are of no use to others. */
  readonly specVersionGiven: boolean
}

export interface ReadDocument {
  readonly bom: Bom
  readonly facts: DocumentFacts
  readonly defects: readonly DocumentDefect[]
  /** The parsed JSON, for judging it by its schema; undefined for tag-value. */
  readonly json?: unknown
}
