/** Why a target was not reached, in words that both sides know: a SOCKS client gets a number for them. */
import { AivError } from '../../../core/index.ts'
import { refusal } from '../accept-service.ts'

export const REASON = {
  denied: 'not permitted',
  refused: 'connection refused',
  hostUnreachable: 'host unreachable',
  networkUnreachable: 'network unreachable',
  unknownName: 'the name does not exist',
  unresolved: 'the name cannot be resolved',
  timedOut: 'timed out',
  inUse: 'the address is in use',
} as const

const BY_SYSTEM_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: REASON.refused,
  ECONNRESET: REASON.refused,
  ENOENT: REASON.refused,
  EHOSTUNREACH: REASON.hostUnreachable,
  EHOSTDOWN: REASON.hostUnreachable,
  EADDRNOTAVAIL: REASON.hostUnreachable,
  ENETUNREACH: REASON.networkUnreachable,
  ENETDOWN: REASON.networkUnreachable,
  ETIMEDOUT: REASON.timedOut,
  EACCES: REASON.denied,
  EADDRINUSE: REASON.inUse,
}

const BY_RESOLVER_CODE: Readonly<Record<string, string>> = {
  ENOTFOUND: REASON.unknownName,
  ENODATA: REASON.unknownName,
  EBADNAME: REASON.unknownName,
  ETIMEOUT: REASON.timedOut,
  ETIMEDOUT: REASON.timedOut,
}

export function denied(): AivError {
  return refusal(REASON.denied)
}

/** What the peer is told; messages of the system name our own addresses and paths. */
export function unreachable(error: unknown): AivError {
  if (error instanceof AivError) return error
  const { code } = error as NodeJS.ErrnoException
  return refusal(BY_SYSTEM_CODE[code ?? ''] ?? 'the target cannot be reached')
}

/** Apart from the above: a name server that refuses connections is no target that does. */
export function unresolved(error: unknown): AivError {
  if (error instanceof AivError) return error
  const { code } = error as NodeJS.ErrnoException
  return refusal(BY_RESOLVER_CODE[code ?? ''] ?? REASON.unresolved)
}

export function unknownName(): AivError {
  return refusal(REASON.unknownName)
}
