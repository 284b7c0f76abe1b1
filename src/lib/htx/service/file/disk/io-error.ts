/** Errors of the file system as typed errors whose text may go to a peer: it names no local path. */
import { AivError, type ErrorCode } from '../../../../core/index.ts'

interface Reason {
  readonly code: ErrorCode
  readonly text: string
}

const REASONS: Readonly<Record<string, Reason>> = {
  ENOENT: { code: 'E_NOT_FOUND', text: 'not found' },
  EACCES: { code: 'E_PERMISSION', text: 'no permission' },
  EPERM: { code: 'E_PERMISSION', text: 'no permission' },
  EROFS: { code: 'E_PERMISSION', text: 'the file system is read-only' },
  ENOSPC: { code: 'E_IO', text: 'no space left' },
  EDQUOT: { code: 'E_IO', text: 'no space left in the quota' },
  EFBIG: { code: 'E_IO', text: 'larger than the system allows' },
  EMFILE: { code: 'E_IO', text: 'too many open files' },
  ENFILE: { code: 'E_IO', text: 'too many open files' },
  EEXIST: { code: 'E_FILE_EXISTS', text: 'exists' },
  ENOTEMPTY: { code: 'E_FILE_EXISTS', text: 'exists' },
  EISDIR: { code: 'E_FILE_PATH', text: 'a directory, not a file' },
  ENOTDIR: { code: 'E_FILE_PATH', text: 'not a directory' },
  ELOOP: { code: 'E_FILE_PATH', text: 'a symbolic link' },
  ENAMETOOLONG: { code: 'E_FILE_PATH', text: 'too long a name' },
}

/**
 * @param subject what was worked on, in the words of whoever asked
 * @returns an AivError for an error of the file system; anything else unchanged, because it is a defect
 */
export function ioError(error: unknown, subject: string): unknown {
  if (error instanceof AivError || !isSystemError(error)) return error
  const { code, text } = REASONS[error.code] ?? { code: 'E_IO', text: `input/output error ${error.code}` }
  return new AivError(code, `${subject}: ${text}`, { cause: error })
}

/** True for an error of the file system with one of these codes. */
export function hasErrno(error: unknown, ...codes: readonly string[]): boolean {
  return isSystemError(error) && codes.includes(error.code)
}

function isSystemError(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^E[A-Z0-9]+$/.test(error.code)
  )
}
