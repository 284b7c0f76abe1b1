/**
 * Error codes on the wire (u16). 0x0000..0x000a are the Betanet 1.2 names; 0x8000 and up its private range.
 * Session codes travel in CLOSE, stream codes in RESET and STOP.
 */
export const CODE = {
  OK: 0x0000,
  VERSION_NEGOTIATION_FAILED: 0x0001,
  AUTH_FAILED: 0x0002,
  PATH_INVALID: 0x0003,
  REPLAY: 0x0004,
  FLOW_CONTROL_VIOLATION: 0x0005,
  OLD_KEY_FRAME: 0x0006,
  MALFORMED_FRAME: 0x0007,
  INTERNAL_ERROR: 0x0008,
  POLICY_REJECTED: 0x0009,
  UNSUPPORTED_FEATURE: 0x000a,
  DRAIN: 0x8001,
  ENHANCE_CALM: 0x8002,
  IDLE_TIMEOUT: 0x8003,
  KEEPALIVE_TIMEOUT: 0x8004,
  STREAM_STATE_ERROR: 0x8005,
  GOING_AWAY: 0x8006,
  CANCELLED: 0x8101,
  STREAM_REFUSED: 0x8102,
  CONNECT_FAILED: 0x8103,
  DENIED: 0x8104,
  IDLE: 0x8105,
} as const

export type CodeName = keyof typeof CODE

const NAMES = new Map<number, CodeName>(Object.entries(CODE).map(([name, code]) => [code, name as CodeName]))

/** `MALFORMED_FRAME`, or `0x1234` for a code without a name. */
export function codeName(code: number): string {
  return NAMES.get(code) ?? `0x${code.toString(16).padStart(4, '0')}`
}

/** Why a session ended, seen from this side. */
export type SessionEndCause =
  /** A CLOSE was sent or received; `code` says which. */
  | 'closed'
  /** The link ended or broke without a CLOSE. */
  | 'link-lost'
  /** A frame did not authenticate. Nothing is sent; the link closes after a random delay. */
  | 'unauthenticated'

export interface SessionEnd {
  readonly cause: SessionEndCause
  /** Wire code for `closed`; meaningless otherwise. */
  readonly code: number
  readonly reason: string
  /** True when the other side closed first. */
  readonly byPeer: boolean
}

/**
 * A violation of the protocol that ends the session with a CLOSE of `closeCode`. Thrown by parsers and caught by the
 * session; it never leaves this area.
 */
export class ProtocolViolation extends Error {
  readonly closeCode: number

  constructor(closeCode: number, message: string) {
    super(message)
    this.name = 'ProtocolViolation'
    this.closeCode = closeCode
  }
}

export function malformed(message: string): ProtocolViolation {
  return new ProtocolViolation(CODE.MALFORMED_FRAME, message)
}
