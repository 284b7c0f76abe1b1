/** From the system's errors to the project's. Messages name the address, never a credential. */
import { AivError, type ErrorCode } from '../../core/index.ts'

const CODES: Readonly<Record<string, ErrorCode>> = {
  EADDRINUSE: 'E_ADDRESS_IN_USE',
  EACCES: 'E_PERMISSION',
  EPERM: 'E_PERMISSION',
  ECONNREFUSED: 'E_UNREACHABLE',
  EHOSTUNREACH: 'E_UNREACHABLE',
  EHOSTDOWN: 'E_UNREACHABLE',
  ENETUNREACH: 'E_UNREACHABLE',
  ENETDOWN: 'E_UNREACHABLE',
  ENOTFOUND: 'E_UNREACHABLE',
  EAI_AGAIN: 'E_UNREACHABLE',
  ENODATA: 'E_UNREACHABLE',
  ETIMEDOUT: 'E_TIMEOUT',
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'not permitted',
  EPERM: 'not permitted',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  EHOSTDOWN: 'host down',
  ENETUNREACH: 'network unreachable',
  ENETDOWN: 'network down',
  ENOTFOUND: 'the name does not exist',
  ENODATA: 'the name has no address',
  EAI_AGAIN: 'the name could not be resolved',
  ETIMEDOUT: 'timed out',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
}

const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'choose another port, or 0 for a free one',
  EACCES: 'ports below 1024 need privileges',
  EMFILE: 'raise the limit of open files (ulimit -n)',
  ENFILE: 'raise the limit of open files',
}

/** The system's code of `error`, looking into the first of several attempts ("happy eyeballs"). */
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (error instanceof AggregateError && error.errors.length > 0) return systemCode(error.errors[0])
  const { code } = error as Error & { readonly code?: unknown }
  return typeof code === 'string' ? code : undefined
}

/** What happened, in words. */
export function reasonOf(error: unknown): string {
  const code = systemCode(error)
  if (code !== undefined && REASONS[code] !== undefined) return REASONS[code]
  const message = error instanceof Error ? error.message : String(error)
  return message === '' ? (code ?? 'unknown') : message
}

/**
 * Error of an attempt to dial, listen or accept. `doing` starts the message, such as `cannot reach host:1`.
 * Unknown errors become `E_LINK`.
 */
export function socketError(doing: string, error: unknown): AivError {
  if (error instanceof AivError) return error
  const code = systemCode(error) ?? ''
  const hint = HINTS[code]
  return new AivError(CODES[code] ?? 'E_LINK', `${doing}: ${reasonOf(error)}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  })
}

/** Error of an established link that broke. */
export function linkLost(remoteAddress: string, cause?: unknown): AivError {
  const reason = cause === undefined ? 'the peer is gone' : reasonOf(cause)
  return new AivError(
    'E_LINK_LOST',
    `link to ${remoteAddress} lost: ${reason}`,
    cause === undefined ? {} : { cause },
  )
}
