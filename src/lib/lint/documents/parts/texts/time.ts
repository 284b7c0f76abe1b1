/** Times of documents, RFC 3339. */

const TIME =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,20})?([Zz]|[+-][0-9]{2}:[0-9]{2})$/

/** The time in UTC and whole seconds; undefined where the text is none. */
export function wholeSeconds(text: string | undefined): string | undefined {
  if (text === undefined || !TIME.test(text)) return undefined
  const ms = Date.parse(text.replace(/\.[0-9]+/, '').toUpperCase())
  if (Number.isNaN(ms)) return undefined
  const utc = new Date(ms).toISOString()
  // Beyond the year 9999 the offset leaves four digits.
  return /^[0-9]{4}-/.test(utc) ? utc.replace('.000Z', 'Z') : undefined
}

/** Written where nothing tells when the document was made, and the format demands a time. */
export const UNKNOWN_TIME = '1970-01-01T00:00:00Z'
export const UNKNOWN_TIME_COMMENT = 'The time of creation is not known.'
