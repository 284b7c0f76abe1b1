/**
 * The formats that the schemas of CycloneDX ask for. Own checks: the usual packages have no `iri-reference` and no
 * `idn-email`, or refuse legal schemes such as `git+https`. Each is linear in the length of the text.
 */

const DATE = /^\d{4}-(\d\d)-(\d\d)$/
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[zZ]|[+-](\d\d):(\d\d))$/
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Characters that RFC 3987 has no place for, and percent signs that escape nothing. */
const NOT_IN_IRI = /[\p{Cc}\s"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})/u
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/

function isDate(text: string): boolean {
  const [, month, day] = DATE.exec(text) ?? []
  if (month === undefined || day === undefined) return false
  const days = month === '02' && !isLeap(Number(text.slice(0, 4))) ? 28 : (DAYS[Number(month) - 1] ?? 0)
  return Number(day) >= 1 && Number(day) <= days
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** RFC 3339 §5.6; a second of 60 is a leap second. */
function isDateTime(text: string): boolean {
  if (!/^[tT ]$/.test(text.charAt(10)) || !isDate(text.slice(0, 10))) return false
  const [, hour, minute, second, offsetHour = '00', offsetMinute = '00'] = TIME.exec(text.slice(11)) ?? []
  return (
    Number(hour) <= 23 &&
    Number(minute) <= 59 &&
    Number(second) <= 60 &&
    Number(offsetHour) <= 23 &&
    Number(offsetMinute) <= 59
  )
}

/** Also a relative one, and the empty one, which means the document itself. */
function isIriReference(text: string): boolean {
  if (NOT_IN_IRI.test(text)) return false
  const [beforeFragment = '', ...fragments] = text.split('#')
  if (fragments.length > 1) return false
  // Brackets hold an IP address in the authority, and stand nowhere else.
  const [, rest = ''] = /^(?:[^/?]*:)?(?:\/\/[^/?]*)?(.*)$/s.exec(beforeFragment) ?? []
  if (/[[\]]/.test(rest) || /[[\]]/.test(fragments[0] ?? '')) return false
  // A colon in the first segment begins a scheme, which has to be one.
  const [firstSegment = ''] = beforeFragment.split(/[/?]/, 1)
  return !firstSegment.includes(':') || SCHEME.test(text)
}

function isUri(text: string): boolean {
  return SCHEME.test(text) && isIriReference(text)
}

/** Something, one `@` outside of quotes at the end, and a host without spaces. */
function isIdnEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  const [local, host] = [text.slice(0, at), text.slice(at + 1)]
  if (at < 1 || host === '' || /[\s@]/.test(host) || host.startsWith('.') || host.endsWith('.')) return false
  return /^".*"$/s.test(local) || !/[\s@]/.test(local)
}

export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  'date-time': isDateTime,
  'idn-email': isIdnEmail,
  'iri-reference': isIriReference,
  uri: isUri,
}
