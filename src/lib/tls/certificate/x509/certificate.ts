/**
 * X.509 certificates (RFC 5280 section 4.1) as far as every one of them is read: who signed whom, when, with which key.
 * What the extensions say is read only of those that are used.
 */
import { equal } from '../../../core/index.ts'
import { importVerifyingKey, type VerifyingKey } from '../../../crypto/index.ts'
import { TAG } from '../der.ts'
import { bitsOf, booleanOf, DerReader, malformed, smallIntegerOf } from './der-reader.ts'
import { nameParts } from './distinguished-name.ts'
import { readTime } from './validity-time.ts'

export interface CertificateExtension {
  readonly isCritical: boolean
  readonly value: Uint8Array
}

/** All bytes are views of `der`. */
export interface Certificate {
  readonly der: Uint8Array
  /** What is signed. */
  readonly signed: Uint8Array
  /** Content of the AlgorithmIdentifier. */
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
  /** Contents of the names, and keys under which equal names are the same. */
  readonly issuer: Uint8Array
  readonly issuerKey: string
  readonly subject: Uint8Array
  readonly subjectParts: readonly string[]
  readonly subjectKey: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  /** By the content of the object identifier in hex. */
  readonly extensions: ReadonlyMap<string, CertificateExtension>
  /**
   * Imported once.
   * @throws AivError as `importVerifyingKey`
   */
  publicKey(): VerifyingKey
}

/** Context-specific tags of TBSCertificate. */
const VERSION = 0xa0
const ISSUER_UNIQUE_ID = 0x81
const SUBJECT_UNIQUE_ID = 0x82
const EXTENSIONS = 0xa3

const VERSION_3 = 2

/** @throws AivError `E_MALFORMED` when the bytes are not exactly one certificate in DER */
export function parseCertificate(der: Uint8Array): Certificate {
  const outer = new DerReader(der)
  const whole = outer.enter(TAG.SEQUENCE)
  outer.end()
  const signed = whole.takeWhole(TAG.SEQUENCE)
  const signatureAlgorithm = whole.take(TAG.SEQUENCE)
  const signature = bitsOf(whole.take(TAG.BIT_STRING))
  whole.end()
  if (signature.unused > 0) throw malformed('the signature is not of whole bytes')
  const body = readBody(new DerReader(signed).enter(TAG.SEQUENCE))
  // The unsigned one must not be able to say anything else (section 4.1.1.2).
  if (!equal(body.signatureAlgorithm, signatureAlgorithm))
    throw malformed('it names two signature algorithms')
  let key: VerifyingKey | undefined
  return {
    der,
    signed,
    signature: signature.bytes,
    ...body,
    publicKey: () => {
      key ??= importVerifyingKey(body.spki)
      return key
    },
  }
}

function readBody(reader: DerReader) {
  const version = readVersion(reader)
  reader.take(TAG.INTEGER)
  const signatureAlgorithm = reader.take(TAG.SEQUENCE)
  const issuer = reader.take(TAG.SEQUENCE)
  const validity = reader.enter(TAG.SEQUENCE)
  const [notBeforeMs, notAfterMs] = [readTime(validity), readTime(validity)]
  validity.end()
  const subject = reader.take(TAG.SEQUENCE)
  const spki = reader.takeWhole(TAG.SEQUENCE)
  reader.takeOptional(ISSUER_UNIQUE_ID)
  reader.takeOptional(SUBJECT_UNIQUE_ID)
  const extensions = readExtensions(reader.takeOptional(EXTENSIONS))
  reader.end()
  if (extensions.size > 0 && version !== VERSION_3)
    throw malformed('it has extensions that its version has not')
  const subjectParts = nameParts(subject)
  const [issuerKey, subjectKey] = [nameParts(issuer).join(), subjectParts.join()]
  return {
    signatureAlgorithm,
    issuer,
    issuerKey,
    notBeforeMs,
    notAfterMs,
    subject,
    subjectParts,
    subjectKey,
    spki,
    extensions,
  }
}

function readVersion(reader: DerReader): number {
  const content = reader.takeOptional(VERSION)
  if (content === undefined) return 0
  const inner = new DerReader(content)
  const version = smallIntegerOf(inner.take(TAG.INTEGER))
  inner.end()
  if (version > VERSION_3) throw malformed('it has a version that does not exist')
  return version
}

function readExtensions(content: Uint8Array | undefined): ReadonlyMap<string, CertificateExtension> {
  const extensions = new Map<string, CertificateExtension>()
  if (content === undefined) return extensions
  const outer = new DerReader(content)
  const list = outer.enter(TAG.SEQUENCE)
  outer.end()
  do {
    const reader = list.enter(TAG.SEQUENCE)
    const id = reader.takeIdentifier()
    const critical = reader.takeOptional(TAG.BOOLEAN)
    const value = reader.take(TAG.OCTET_STRING)
    reader.end()
    // Two readers could each believe another one of them.
    if (extensions.has(id)) throw malformed('an extension comes twice')
    extensions.set(id, { isCritical: critical !== undefined && booleanOf(critical), value })
  } while (!list.isAtEnd)
  return extensions
}
