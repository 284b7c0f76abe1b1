/** Records of DTLS (RFC 6347 section 4.1) and the handshake fragments in them (section 4.2.2). */
import { readU16, readU24 } from '../../../core/index.ts'
import {
  CONTENT_TYPE_HANDSHAKE,
  FRAGMENT_HEADER_BYTES,
  MAX_PLAINTEXT_BYTES,
  RECORD_HEADER_BYTES,
  VERSION_MAJOR,
  VERSION_MINORS,
} from './constants.ts'

/** change_cipher_spec to tls12_cid; 24 is the heartbeat of RFC 6520. */
const MIN_CONTENT_TYPE = 20
const MAX_CONTENT_TYPE = 26

export interface HandshakeFragment {
  readonly type: number
  /** Length of the whole message without header. */
  readonly length: number
  readonly messageSeq: number
  readonly offset: number
  readonly data: Uint8Array
}

export type DtlsRecord =
  | { readonly kind: 'handshake'; readonly content: Uint8Array; readonly next: number }
  /** Encrypted, or another content type. */
  | { readonly kind: 'other'; readonly next: number }
  /** No DTLS record with a header that can be read. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'malformed' }

const REST: DtlsRecord = { kind: 'rest' }
const MALFORMED: DtlsRecord = { kind: 'malformed' }

/** Reads the record that begins at `at`. */
export function readRecord(datagram: Uint8Array, at: number): DtlsRecord {
  const type = datagram[at] as number
  if (type < MIN_CONTENT_TYPE || type > MAX_CONTENT_TYPE || datagram[at + 1] !== VERSION_MAJOR) return REST
  if (!VERSION_MINORS.includes(datagram[at + 2] as number)) return REST
  if (datagram.length - at < RECORD_HEADER_BYTES) return MALFORMED
  const epoch = readU16(datagram, at + 3)
  const length = readU16(datagram, at + 11)
  const contentAt = at + RECORD_HEADER_BYTES
  const next = contentAt + length
  if (next > datagram.length) return MALFORMED
  if (type !== CONTENT_TYPE_HANDSHAKE || epoch !== 0) return { kind: 'other', next }
  if (length > MAX_PLAINTEXT_BYTES) return MALFORMED
  return { kind: 'handshake', content: datagram.subarray(contentAt, next), next }
}

/** The fragments of a record's content, or undefined when one is cut or reaches beyond its message. */
export function readFragments(content: Uint8Array): readonly HandshakeFragment[] | undefined {
  const fragments: HandshakeFragment[] = []
  let at = 0
  while (at < content.length) {
    if (content.length - at < FRAGMENT_HEADER_BYTES) return undefined
    const type = content[at] as number
    const length = readU24(content, at + 1)
    const messageSeq = readU16(content, at + 4)
    const offset = readU24(content, at + 6)
    const dataAt = at + FRAGMENT_HEADER_BYTES
    at = dataAt + readU24(content, at + 9)
    if (at > content.length || offset + (at - dataAt) > length) return undefined
    fragments.push({ type, length, messageSeq, offset, data: content.subarray(dataAt, at) })
  }
  return fragments
}
