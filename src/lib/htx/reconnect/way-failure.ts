/** Failures of the way to a peer: another link may succeed. Everything else would happen again. */
import { type AivError, type ErrorCode, isAivError } from '../../core/index.ts'

const WAY: readonly ErrorCode[] = [
  'E_LINK_LOST',
  'E_LINK',
  'E_UNREACHABLE',
  'E_TIMEOUT',
  'E_HANDSHAKE_TIMEOUT',
  'E_SESSION_CLOSED',
]

export function isWayFailure(error: unknown): error is AivError {
  return isAivError(error) && WAY.includes(error.code)
}
