/**
 * A server's certificate that is signed by itself: X.509 version 3 (RFC 5280) with ECDSA over P-256, which browsers take
 * and Ed25519 they do not.
 */
import { AivError, type Clock, fromHex, utf8 } from '../../core/index.ts'
import { generateEcdsaP256, systemRandom } from '../../crypto/index.ts'
import { bitString, pem, sequence, TAG, time, tlv } from './der.ts'
import { ipBytes } from './ip-address.ts'

/** Object identifiers with tag and length. */
const OID = {
  ecdsaWithSha256: fromHex('06082a8648ce3d040302'),
  commonName: fromHex('0603550403'),
  basicConstraints: fromHex('0603551d13'),
  keyUsage: fromHex('0603551d0f'),
  extendedKeyUsage: fromHex('0603551d25'),
  subjectAltName: fromHex('0603551d11'),
  serverAuth: fromHex('06082b06010505070301'),
}
/** Context-specific tags. */
const VERSION = 0xa0
const EXTENSIONS = 0xa3
const DNS_NAME = 0x82
const IP_ADDRESS = 0x87

const TRUE = tlv(TAG.BOOLEAN, Uint8Array.of(0xff))
const VERSION_3 = tlv(VERSION, tlv(TAG.INTEGER, Uint8Array.of(2)))
/** Bit 0 of eight, so seven are unused: signatures only, as TLS 1.3 and ECDHE want it. */
const DIGITAL_SIGNATURE = tlv(TAG.BIT_STRING, Uint8Array.of(7, 0x80))

const HOUR_MS = 3_600_000
const DEFAULT_LIFETIME_MS = 7 * 24 * HOUR_MS
/** Clients whose clock is behind take it too. */
const BACKDATED_MS = 24 * HOUR_MS
const SERIAL_BYTES = 16
const COMMON_NAME_MOST = 64
const DNS_NAME_MOST = 253
const DNS_LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i

export interface SelfSignedOptions {
  /** DNS names and IP addresses that it is for; the first one is also its subject. */
  readonly names: readonly [string, ...string[]]
  readonly clock: Clock
  /** Milliseconds from now on; default a week. */
  readonly lifetimeMs?: number
}

/** Certificate and key as PEM. */
export interface SelfSigned {
  readonly cert: string
  readonly key: string
}

/** @throws AivError `E_USAGE` for what is neither a DNS name nor an address */
export function selfSigned(options: SelfSignedOptions): SelfSigned {
  const { names, clock, lifetimeMs = DEFAULT_LIFETIME_MS } = options
  const pair = generateEcdsaP256()
  const subject = distinguishedName(names[0])
  const now = clock.wallMs()
  const algorithm = sequence(OID.ecdsaWithSha256)
  const body = sequence(
    VERSION_3,
    serialNumber(),
    algorithm,
    subject,
    sequence(time(now - BACKDATED_MS), time(now + lifetimeMs)),
    subject,
    pair.spki,
    tlv(EXTENSIONS, extensions(names)),
  )
  return {
    cert: pem('CERTIFICATE', sequence(body, algorithm, bitString(pair.sign(body)))),
    key: pair.exportPem(),
  }
}

/** Positive whatever was drawn: the first byte is 1. */
function serialNumber(): Uint8Array {
  return tlv(TAG.INTEGER, Uint8Array.of(1), systemRandom.bytes(SERIAL_BYTES - 1))
}

function distinguishedName(name: string): Uint8Array {
  const text = utf8(name.slice(0, COMMON_NAME_MOST))
  return sequence(tlv(TAG.SET, sequence(OID.commonName, tlv(TAG.UTF8_STRING, text))))
}

function extensions(names: readonly string[]): Uint8Array {
  return sequence(
    // Whoever trusts it trusts this server and nothing that it signs.
    extension(OID.basicConstraints, sequence(), TRUE),
    extension(OID.keyUsage, DIGITAL_SIGNATURE, TRUE),
    extension(OID.extendedKeyUsage, sequence(OID.serverAuth)),
    extension(OID.subjectAltName, sequence(...names.map(generalName))),
  )
}

function extension(id: Uint8Array, value: Uint8Array, critical: Uint8Array = new Uint8Array(0)): Uint8Array {
  return sequence(id, critical, tlv(TAG.OCTET_STRING, value))
}

function generalName(name: string): Uint8Array {
  const address = ipBytes(name)
  if (address !== undefined) return tlv(IP_ADDRESS, address)
  if (name.length > DNS_NAME_MOST || !name.split('.').every((label) => DNS_LABEL.test(label)))
    throw new AivError('E_USAGE', `"${name}" is neither a DNS name nor an IP address`)
  return tlv(DNS_NAME, utf8(name))
}
