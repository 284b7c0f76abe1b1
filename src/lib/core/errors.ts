/**
 * The one error type of the project. Every failure that a caller can meet is an {@link AivError} with a
 * stable `code` from {@link ERROR_CODES}; anything else that is thrown is a defect.
 */
import { type ErrorCode, exitCodeOf } from './error-codes.ts'

export interface AivErrorOptions {
  /** What the user can do next, one short sentence. */
  readonly hint?: string
  readonly cause?: unknown
}

export class AivError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: AivErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AivError'
    this.code = code
    this.hint = options.hint
  }

  /** Process exit code for this error (DESIGN of the command line: 1 "no", 2 usage or unreadable, 3 environment). */
  get exitCode(): number {
    return exitCodeOf(this.code)
  }
}

/** True when `error` is an {@link AivError}, with the given code if one is given. */
export function isAivError(error: unknown, code?: ErrorCode): error is AivError {
  return error instanceof AivError && (code === undefined || error.code === code)
}
