/**
 * Every error code of the project with the exit code it leads to. Codes are stable: scripts match on them.
 *
 * Exit codes: 1 the answer is no; 2 wrong usage or unreadable input; 3 the environment failed.
 */
export const ERROR_CODES = {
  // usage and input
  E_USAGE: 2,
  E_INPUT: 2,
  E_MALFORMED: 2,
  E_TOO_LARGE: 2,
  E_UNSUPPORTED: 2,
  // environment
  E_IO: 3,
  E_NOT_FOUND: 3,
  E_PERMISSION: 3,
  E_TIMEOUT: 3,
  E_ABORTED: 3,
  E_UNREACHABLE: 3,
  E_ADDRESS_IN_USE: 3,
  E_NODE_VERSION: 3,
  E_DEPENDENCY_MISSING: 3,
  E_INTERNAL: 3,
  // crypto and identity
  E_CRYPTO: 1,
  E_AUTHENTICATION: 1,
  E_KEY_FILE: 2,
  E_PASSPHRASE_REQUIRED: 2,
  E_PASSPHRASE_WRONG: 1,
  E_CERTIFICATE: 1,
  E_ECH_REJECTED: 1,
  // storage
  E_STORE: 3,
  E_STORE_BUSY: 3,
  E_STORE_FULL: 3,
  E_STORE_CORRUPT: 3,
  E_STORE_SCHEMA: 3,
  E_STORE_CLOSED: 3,
  // links
  E_LINK: 3,
  E_LINK_CLOSED: 3,
  E_LINK_LOST: 3,
  E_PROXY: 3,
  // htx
  E_ADDRESS: 2,
  E_PEER_KEY_UNKNOWN: 2,
  E_PEER_MISMATCH: 1,
  E_TICKET_EXPIRED: 1,
  E_CLASSICAL_REFUSED: 1,
  E_HANDSHAKE: 1,
  E_HANDSHAKE_TIMEOUT: 3,
  E_CALIBRATION: 1,
  E_SESSION_CLOSED: 3,
  E_SESSION_ERROR: 1,
  E_STREAM_RESET: 1,
  E_STREAM_LIMIT: 3,
  E_FLOW_CONTROL: 1,
  E_SERVICE_REFUSED: 1,
  E_RESUME_UNKNOWN: 3,
  E_FILE_PATH: 1,
  E_FILE_EXISTS: 1,
  E_FILE_MISMATCH: 1,
  // lint
  E_VECTORS_FAILED: 1,
} as const satisfies Record<string, 1 | 2 | 3>

export type ErrorCode = keyof typeof ERROR_CODES

export function exitCodeOf(code: ErrorCode): number {
  return ERROR_CODES[code]
}
