/** What the extensions of a certificate allow it to be used for (RFC 5280 section 4.2). */
import { toHex } from '../../../core/index.ts'
import { TAG } from '../der.ts'
import type { Certificate } from './certificate.ts'
import { bitsOf, booleanOf, DerReader, malformed, smallIntegerOf } from './der-reader.ts'
import { type GeneralName, readGeneralName } from './general-names.ts'

/** Object identifiers in hex. */
export const EXTENSION = {
  SUBJECT_KEY_ID: '551d0e',
  KEY_USAGE: '551d0f',
  SUBJECT_ALT_NAME: '551d11',
  BASIC_CONSTRAINTS: '551d13',
  NAME_CONSTRAINTS: '551d1e',
  CERTIFICATE_POLICIES: '551d20',
  POLICY_MAPPINGS: '551d21',
  AUTHORITY_KEY_ID: '551d23',
  EXTENDED_KEY_USAGE: '551d25',
  INHIBIT_ANY_POLICY: '551d36',
} as const

/** Numbers of bits of KeyUsage, from the left. */
const KEY_USAGE_BITS = { digitalSignature: 0, keyCertSign: 5 } as const

/** Context-specific tags of AuthorityKeyIdentifier. */
const AUTHORITY_KEY_ID = 0x80
const AUTHORITY_ISSUER = 0xa1
const AUTHORITY_SERIAL = 0x82

const SERVER_AUTH = '2b06010505070301'

export interface BasicConstraints {
  readonly isAuthority: boolean
  /** Most intermediate certificates behind it. */
  readonly pathLength: number | undefined
}

export function basicConstraints(certificate: Certificate): BasicConstraints {
  const reader = readerOf(certificate, EXTENSION.BASIC_CONSTRAINTS)
  if (reader === undefined) return { isAuthority: false, pathLength: undefined }
  const list = reader.enter(TAG.SEQUENCE)
  reader.end()
  const authority = list.takeOptional(TAG.BOOLEAN)
  const pathLength = list.takeOptional(TAG.INTEGER)
  list.end()
  return {
    isAuthority: authority !== undefined && booleanOf(authority),
    pathLength: pathLength === undefined ? undefined : smallIntegerOf(pathLength),
  }
}

/** True also for a certificate that does not restrict its key. */
export function allowsKeyUsage(certificate: Certificate, usage: keyof typeof KEY_USAGE_BITS): boolean {
  const reader = readerOf(certificate, EXTENSION.KEY_USAGE)
  if (reader === undefined) return true
  const { bytes } = bitsOf(reader.take(TAG.BIT_STRING))
  reader.end()
  return ((bytes[0] ?? 0) & (0x80 >> KEY_USAGE_BITS[usage])) !== 0
}

/** True also for a certificate that does not restrict its purposes. One that does must name this one, not just any. */
export function allowsServerAuth(certificate: Certificate): boolean {
  const reader = readerOf(certificate, EXTENSION.EXTENDED_KEY_USAGE)
  if (reader === undefined) return true
  const list = reader.enter(TAG.SEQUENCE)
  reader.end()
  let isAllowed = false
  do {
    if (list.takeIdentifier() === SERVER_AUTH) isAllowed = true
  } while (!list.isAtEnd)
  return isAllowed
}

/** Empty for a certificate without the extension. */
export function subjectAltNames(certificate: Certificate): readonly GeneralName[] {
  const reader = readerOf(certificate, EXTENSION.SUBJECT_ALT_NAME)
  if (reader === undefined) return []
  const list = reader.enter(TAG.SEQUENCE)
  reader.end()
  const names: GeneralName[] = []
  while (!list.isAtEnd) names.push(readGeneralName(list))
  if (names.length === 0) throw malformed('its list of names is empty')
  return names
}

export function subjectKeyId(certificate: Certificate): string | undefined {
  const reader = readerOf(certificate, EXTENSION.SUBJECT_KEY_ID)
  if (reader === undefined) return undefined
  const id = toHex(reader.take(TAG.OCTET_STRING))
  reader.end()
  return id
}

/** The keyIdentifier alone: issuer and serial number, which may stand beside it, are not looked at. */
export function authorityKeyId(certificate: Certificate): string | undefined {
  const reader = readerOf(certificate, EXTENSION.AUTHORITY_KEY_ID)
  if (reader === undefined) return undefined
  const fields = reader.enter(TAG.SEQUENCE)
  reader.end()
  const [id] = [AUTHORITY_KEY_ID, AUTHORITY_ISSUER, AUTHORITY_SERIAL].map((tag) => fields.takeOptional(tag))
  fields.end()
  return id && toHex(id)
}

function readerOf({ extensions }: Certificate, id: string): DerReader | undefined {
  const extension = extensions.get(id)
  return extension === undefined ? undefined : new DerReader(extension.value)
}
