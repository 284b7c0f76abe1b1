/** What a run is told. */
import type { Clock } from '../../core/index.ts'
import type { BaselineEntry, LintConfig } from '../config/index.ts'
import type { LintReport } from '../findings/index.ts'
import type { RuleInfo, Selection } from '../rules/index.ts'

/** Text that is in no file of the project, such as what stdin held. */
export interface GivenText {
  /** Also says what it is: `package-lock.json`, `sbom.cdx.json`. */
  readonly name: string
  readonly text: string
}

export interface LintOptions extends Selection {
  /** Files and folders, relative to {@link folder} or absolute. */
  readonly paths: readonly string[]
  readonly texts?: readonly GivenText[] | undefined
  /** Paths in the report are relative to it; absolute. */
  readonly folder: string
  /** Every document is compared with the lockfiles of this folder. Default: those that are named alike. */
  readonly project?: string | undefined
  readonly config: LintConfig
  readonly baseline?: readonly BaselineEntry[] | undefined
  /** Only files that differ from those of this commit. */
  readonly changedSince?: string | undefined
  /** File that keeps what documents were found to be. */
  readonly cache?: string | undefined
  /** Threads; default 1. The report is the same. */
  readonly jobs?: number | undefined
  readonly clock?: Clock | undefined
  /** Goes into the keys of the cache. */
  readonly toolVersion: string
}

export interface LintRun {
  readonly report: LintReport
  /** Those that ran, sorted by id. */
  readonly rules: readonly RuleInfo[]
}
