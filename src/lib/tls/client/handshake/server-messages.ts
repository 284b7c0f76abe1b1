/**
 * What a server says in a handshake (RFC 8446 section 4). All of it throws AivError `E_MALFORMED` on wrong bytes, and
 * TlsError where there is another alert for them than decode_error.
 */
import { AivError } from '../../../core/index.ts'
import { ALERT, TlsError } from '../../alert.ts'
import { ByteReader } from '../../hello/byte-reader.ts'
import { type Extension, parseExtensions } from '../../hello/client-hello.ts'
import { isRetryRandom } from '../../hello/server-hello.ts'

const RANDOM_BYTES = 32
/** Certificates of one chain. */
const CHAIN_MOST = 32

export const MESSAGE = {
  serverHello: 2,
  newSessionTicket: 4,
  encryptedExtensions: 8,
  certificate: 11,
  certificateRequest: 13,
  certificateVerify: 15,
  finished: 20,
  keyUpdate: 24,
  compressedCertificate: 25,
} as const

export interface NegotiatedHello {
  /** `legacy_version`. */
  readonly version: number
  readonly random: Uint8Array
  readonly isRetryRequest: boolean
  readonly sessionId: Uint8Array
  readonly cipherSuite: number
  readonly compression: number
  readonly extensions: readonly Extension[]
}

export function parseNegotiatedHello(body: Uint8Array): NegotiatedHello {
  const reader = new ByteReader(body)
  const version = reader.u16()
  const random = reader.take(RANDOM_BYTES)
  const sessionId = reader.vector8()
  const cipherSuite = reader.u16()
  const compression = reader.u8()
  // A server of TLS 1.2 may say nothing more.
  const extensions = reader.left === 0 ? [] : onlyOnce(parseExtensions(reader.vector16()))
  reader.end()
  const isRetryRequest = isRetryRandom(random)
  return { version, random, isRetryRequest, sessionId, cipherSuite, compression, extensions }
}

export function parseEncryptedExtensions(body: Uint8Array): readonly Extension[] {
  const reader = new ByteReader(body)
  const extensions = onlyOnce(parseExtensions(reader.vector16()), ALERT.decodeError)
  reader.end()
  return extensions
}

export interface CertificateRequest {
  readonly context: Uint8Array
  readonly extensions: readonly Extension[]
}

export function parseCertificateRequest(body: Uint8Array): CertificateRequest {
  const reader = new ByteReader(body)
  const context = reader.vector8()
  const extensions = onlyOnce(parseExtensions(reader.vector16()))
  reader.end()
  return { context, extensions }
}

export interface CertificateEntry {
  /** DER. */
  readonly certificate: Uint8Array
  readonly extensions: readonly Extension[]
}

export interface CertificateMessage {
  readonly context: Uint8Array
  readonly entries: readonly CertificateEntry[]
}

export function parseCertificate(body: Uint8Array): CertificateMessage {
  const reader = new ByteReader(body)
  const context = reader.vector8()
  const list = new ByteReader(reader.take(reader.u24()))
  reader.end()
  const entries: CertificateEntry[] = []
  while (list.left > 0) {
    if (entries.length === CHAIN_MOST) throw new AivError('E_MALFORMED', 'a chain of too many certificates')
    const certificate = list.take(list.u24())
    entries.push({ certificate, extensions: onlyOnce(parseExtensions(list.vector16())) })
  }
  return { context, entries }
}

export interface CompressedCertificate {
  readonly algorithm: number
  readonly length: number
  readonly compressed: Uint8Array
}

/** RFC 8879 section 4. */
export function parseCompressedCertificate(body: Uint8Array): CompressedCertificate {
  const reader = new ByteReader(body)
  const algorithm = reader.u16()
  const length = reader.u24()
  const compressed = reader.take(reader.u24())
  reader.end()
  return { algorithm, length, compressed }
}

export interface CertificateVerify {
  /** SignatureScheme. */
  readonly scheme: number
  readonly signature: Uint8Array
}

export function parseCertificateVerify(body: Uint8Array): CertificateVerify {
  const reader = new ByteReader(body)
  const verify = { scheme: reader.u16(), signature: reader.vector16() }
  reader.end()
  return verify
}

export interface NewSessionTicket {
  /** Seconds. */
  readonly lifetime: number
  readonly ageAdd: number
  readonly nonce: Uint8Array
  readonly ticket: Uint8Array
}

export function parseNewSessionTicket(body: Uint8Array): NewSessionTicket {
  const reader = new ByteReader(body)
  const u32 = (): number => reader.u16() * 0x10000 + reader.u16()
  const message = { lifetime: u32(), ageAdd: u32(), nonce: reader.vector8(), ticket: reader.vector16() }
  onlyOnce(parseExtensions(reader.vector16()))
  reader.end()
  if (message.ticket.length === 0) throw new AivError('E_MALFORMED', 'a ticket of no bytes')
  return message
}

/** @returns true when the other side wants an update in return */
export function parseKeyUpdate(body: Uint8Array): boolean {
  const reader = new ByteReader(body)
  const request = reader.u8()
  reader.end()
  // RFC 8446 section 4.6.3 asks for this alert.
  if (request > 1) throw new TlsError(ALERT.illegalParameter, 'a KeyUpdate that says neither yes nor no')
  return request === 1
}

/** RFC 8446 section 4.2: no more than one extension of a type. @param alert of Chrome, which has two of them */
function onlyOnce(
  extensions: readonly Extension[],
  alert: number = ALERT.illegalParameter,
): readonly Extension[] {
  if (new Set(extensions.map(({ type }) => type)).size !== extensions.length)
    throw new TlsError(alert, 'the server sent an extension twice')
  return extensions
}
