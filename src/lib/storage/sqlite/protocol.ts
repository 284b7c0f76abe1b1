/** What the store and its writer thread say to each other. Requests are answered in order, one reply each. */
import { AivError, ERROR_CODES, type ErrorCode } from '../../core/index.ts'
import type { Bounds } from '../range.ts'
import type { StoredSchema } from '../schema.ts'
import type { WriterSettings } from './database.ts'
import { isRecoverable, storeError } from './errors.ts'

export interface WriterStart {
  readonly role: 'writer'
  readonly settings: WriterSettings
  readonly schema: StoredSchema
}

export interface VerifierStart {
  readonly role: 'verifier'
  readonly path: string
  readonly name: string
}

export type WorkerStart = WriterStart | VerifierStart

export interface WorkerData {
  readonly start: WorkerStart
  /** One Int32: not 0 = a walk gives up. */
  readonly stop: SharedArrayBuffer
}

export type WriterRequest =
  | { readonly kind: 'group'; readonly group: Uint8Array }
  | { readonly kind: 'deleteRange'; readonly bounds: Bounds }
  | { readonly kind: 'compact' }
  | { readonly kind: 'beginMigration' }
  | { readonly kind: 'writeMigration'; readonly group: Uint8Array }
  | { readonly kind: 'commitMigration'; readonly version: number }
  | { readonly kind: 'abortMigration' }
  | { readonly kind: 'close' }

/** An AivError as it crosses between threads: structured clone would lose its class. */
export interface ErrorMessage {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string | undefined
}

export type WorkerReply =
  | { readonly kind: 'done'; readonly value: unknown }
  /** `fatal`: the writer will not write again. */
  | { readonly kind: 'failed'; readonly error: ErrorMessage; readonly fatal: boolean }

/** Outcome of one batch of a group. */
export type OutcomeMessage = boolean | ErrorMessage

export function errorMessage(error: AivError): ErrorMessage {
  return { code: error.code, message: error.message, hint: error.hint }
}

export function failedReply(error: unknown, doing: string): WorkerReply {
  const failure = storeError(error, doing)
  return { kind: 'failed', error: errorMessage(failure), fatal: !isRecoverable(failure) }
}

export function errorFromMessage({ code, message, hint }: ErrorMessage): AivError {
  return new AivError(code in ERROR_CODES ? code : 'E_STORE', message, hint === undefined ? {} : { hint })
}
