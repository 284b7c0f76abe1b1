/** SQLite's result codes as typed errors (https://sqlite.org/rescode.html). */
import { AivError, type ErrorCode } from '../../core/index.ts'

const PRIMARY_MASK = 0xff

/** By primary result code; whatever is missing is `E_STORE`. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  3: 'E_PERMISSION', // SQLITE_PERM
  5: 'E_STORE_BUSY', // SQLITE_BUSY
  6: 'E_STORE_BUSY', // SQLITE_LOCKED
  8: 'E_PERMISSION', // SQLITE_READONLY
  11: 'E_STORE_CORRUPT', // SQLITE_CORRUPT
  13: 'E_STORE_FULL', // SQLITE_FULL
  23: 'E_PERMISSION', // SQLITE_AUTH
  26: 'E_STORE_CORRUPT', // SQLITE_NOTADB
}

/** Of the system calls around SQLite's. */
const SYSTEM_CODES: Readonly<Record<string, ErrorCode>> = {
  EACCES: 'E_PERMISSION',
  EPERM: 'E_PERMISSION',
  EROFS: 'E_PERMISSION',
  ENOSPC: 'E_STORE_FULL',
  EDQUOT: 'E_STORE_FULL',
}

const HINTS: Partial<Record<ErrorCode, string>> = {
  E_PERMISSION: 'Check that this user may write the file and its folder.',
  E_STORE_BUSY: 'Another process holds the store; try again.',
  E_STORE_FULL: 'Free space on the disk, or raise the limit of the store.',
  E_STORE_CORRUPT: 'Keep the file and restore from a copy.',
}

/** The typed form of whatever a database call threw. */
export function storeError(error: unknown, doing: string): AivError {
  if (error instanceof AivError) return error
  const code = codeFor(error)
  const why = error instanceof Error ? error.message : String(error)
  const hint = HINTS[code]
  return new AivError(code, `${doing}: ${why}`, { cause: error, ...(hint === undefined ? {} : { hint }) })
}

function codeFor(error: unknown): ErrorCode {
  if (!(error instanceof Error)) return 'E_STORE'
  if ('errcode' in error && typeof error.errcode === 'number')
    return CODES[error.errcode & PRIMARY_MASK] ?? 'E_STORE'
  if ('code' in error && typeof error.code === 'string') return SYSTEM_CODES[error.code] ?? 'E_STORE'
  return 'E_STORE'
}

/**
 * Whether a store can go on after the error. After anything else, such as a failed fsync, what the disk holds is
 * not known any more: going on could acknowledge a write that is lost.
 */
export function isRecoverable(error: AivError): boolean {
  return error.code === 'E_STORE_FULL' || error.code === 'E_STORE_BUSY'
}
