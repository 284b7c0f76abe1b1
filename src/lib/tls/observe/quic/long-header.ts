/** The long header of QUIC packets (RFC 9000 section 17.2, RFC 9369 section 3.2). */
import { readU32 } from '../../../core/index.ts'
import { ByteCursor } from './byte-cursor.ts'
import { MAX_CONNECTION_ID_BYTES, QUIC_VERSIONS, type QuicVersion } from './constants.ts'

const LONG_FORM = 0x80

/** An Initial packet whose header is still protected. */
export interface ProtectedInitial {
  readonly version: QuicVersion
  readonly destinationId: Uint8Array
  readonly sourceId: Uint8Array
  /** From the first byte of the header to the last one of the payload. */
  readonly packet: Uint8Array
  /** Where the packet number begins in `packet`. */
  readonly packetNumberAt: number
}

export type LongHeader =
  | { readonly kind: 'initial'; readonly initial: ProtectedInitial; readonly next: number }
  /** Another packet with a length: 0-RTT or Handshake. */
  | { readonly kind: 'other'; readonly next: number }
  /** What fills the rest of the datagram: short header, Retry, Version Negotiation, or no QUIC at all. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'unsupported-version' }
  | { readonly kind: 'malformed' }

const REST: LongHeader = { kind: 'rest' }
const MALFORMED: LongHeader = { kind: 'malformed' }
const UNSUPPORTED: LongHeader = { kind: 'unsupported-version' }

/** Reads the header of the packet that begins at `at`. */
export function readLongHeader(datagram: Uint8Array, at: number): LongHeader {
  const first = datagram[at]
  // The second bit is not looked at: clients may change it (RFC 9287), and the tag says what is QUIC.
  if (first === undefined || (first & LONG_FORM) === 0 || datagram.length - at < 5) return REST
  const wire = readU32(datagram, at + 1)
  const version = QUIC_VERSIONS.find((known) => known.wire === wire)
  if (version === undefined) return isOtherQuicVersion(wire) ? UNSUPPORTED : REST
  const type = (first >>> 4) & 0b11
  if (type === version.retryType) return REST

  const cursor = new ByteCursor(datagram, at + 5)
  const destinationId = readConnectionId(cursor)
  const sourceId = readConnectionId(cursor)
  if (destinationId === undefined || sourceId === undefined) return MALFORMED
  if (type === version.initialType) {
    const tokenLength = cursor.varint()
    if (tokenLength === undefined || cursor.bytes(tokenLength) === undefined) return MALFORMED
  }
  const length = cursor.varint()
  const packetNumberAt = cursor.at - at
  if (length === undefined || cursor.bytes(length) === undefined) return MALFORMED
  const next = cursor.at
  if (type !== version.initialType) return { kind: 'other', next }
  const packet = datagram.subarray(at, next)
  return { kind: 'initial', initial: { version, destinationId, sourceId, packet, packetNumberAt }, next }
}

function readConnectionId(cursor: ByteCursor): Uint8Array | undefined {
  const length = cursor.u8()
  return length === undefined || length > MAX_CONNECTION_ID_BYTES ? undefined : cursor.bytes(length)
}

/** Drafts, and the numbers that force a negotiation (RFC 9000 section 15). Other protocols set the first bit too. */
function isOtherQuicVersion(wire: number): boolean {
  return wire >>> 8 === 0xff0000 || (wire & 0x0f0f0f0f) === 0x0a0a0a0a
}
