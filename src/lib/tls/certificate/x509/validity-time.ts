/** Times of certificates: UTCTime and GeneralizedTime in whole seconds of UTC (RFC 5280 section 4.1.2.5). */
import { TAG } from '../der.ts'
import { type DerReader, malformed } from './der-reader.ts'

/** Two-digit years from here on belong to the century before. */
const PIVOT = 50

/** @returns milliseconds since the Unix epoch */
export function readTime(reader: DerReader): number {
  const isShort = reader.nextTag === TAG.UTC_TIME
  const content = reader.take(isShort ? TAG.UTC_TIME : TAG.GENERALIZED_TIME)
  const text = String.fromCharCode(...content.subarray(0, 16))
  if (content.length !== (isShort ? 13 : 15) || !/^\d+Z$/.test(text))
    throw malformed('a time has another form than the digits of UTC')
  const digits = isShort ? `${Number(text.slice(0, 2)) >= PIVOT ? '19' : '20'}${text}` : text
  const iso = digits.replace(/^(....)(..)(..)(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6.000Z')
  const ms = Date.parse(iso)
  // 31 February would become a day of March.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) throw malformed('a time is not in the calendar')
  return ms
}
