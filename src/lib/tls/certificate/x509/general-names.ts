/** Names of other kinds than X.500 (RFC 5280 section 4.2.1.6). */
import { fromHex } from '../../../core/index.ts'
import { TAG } from '../der.ts'
import { DerReader, malformed } from './der-reader.ts'
import { nameParts } from './distinguished-name.ts'

/** Context-specific tags of GeneralName. Those of X.400 and EDI have no use and would need readers of their own. */
export const GENERAL_NAME = {
  OTHER: 0xa0,
  EMAIL: 0x81,
  DNS: 0x82,
  DIRECTORY: 0xa4,
  URI: 0x86,
  IP: 0x87,
  REGISTERED_ID: 0x88,
} as const

const OTHER_NAME_VALUE = 0xa0

const TAGS: ReadonlySet<number> = new Set(Object.values(GENERAL_NAME))

export interface GeneralName {
  readonly tag: number
  readonly value: Uint8Array
}

/** @throws AivError `E_MALFORMED` for a kind that is not read, and what is not of its kind */
export function readGeneralName(reader: DerReader): GeneralName {
  const tag = reader.nextTag ?? 0
  if (!TAGS.has(tag)) throw malformed('a name is of a kind that is not read')
  if (tag === GENERAL_NAME.REGISTERED_ID) return { tag, value: fromHex(reader.takeIdentifier(tag)) }
  const value = reader.take(tag)
  if (tag === GENERAL_NAME.OTHER) requireOtherName(value)
  if (tag === GENERAL_NAME.DIRECTORY) directoryParts({ tag, value })
  return { tag, value }
}

/** Of any type: an identifier and something in a tag of its own. */
function requireOtherName(value: Uint8Array): void {
  const reader = new DerReader(value)
  reader.takeIdentifier()
  const content = reader.enter(OTHER_NAME_VALUE)
  reader.end()
  content.take(content.nextTag ?? 0)
  content.end()
}

/** Text of a DNS name, in lower case; undefined for bytes that no DNS name is written with. */
export function dnsText({ value }: GeneralName): string | undefined {
  const text = Buffer.from(value).toString('latin1').toLowerCase()
  return /^[a-z0-9._*-]*$/.test(text) ? text : undefined
}

/** Parts of a directory name, which has an explicit tag. */
export function directoryParts({ value }: GeneralName): readonly string[] {
  const reader = new DerReader(value)
  const content = reader.take(TAG.SEQUENCE)
  reader.end()
  return nameParts(content)
}
