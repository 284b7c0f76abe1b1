/** People and organizations in the words of SPDX: `Person: Jane Doe (jane@example.com)`. */
import type { Party } from '../../../bom/index.ts'

/** What SPDX writes in the place of a name that is kept back. */
export const ANONYMOUS = 'anonymous'

export function formatParty({ kind, name, email }: Party): string {
  const word = kind === 'person' ? 'Person' : 'Organization'
  const line = oneLine(name) || ANONYMOUS
  if (email !== undefined && isEmail(email)) return `${word}: ${line} (${email})`
  // The brackets at the end would be read as an address.
  return line.endsWith(')') ? `${word}: ${line} ()` : `${word}: ${line}`
}

/** @returns undefined for `NOASSERTION`, an anonymous one, and for what is neither a person nor an organization */
export function parseParty(text: string): Party | undefined {
  const [, word, rest = ''] = /^(Person|Organization):([\s\S]*)$/.exec(text) ?? []
  if (word === undefined) return undefined
  const line = rest.trim()
  const bracket = line.endsWith(')') ? line.lastIndexOf('(') : -1
  const name = (bracket === -1 ? line : line.slice(0, bracket)).trim()
  if (name === '' || name === ANONYMOUS) return undefined
  const email = bracket === -1 ? undefined : line.slice(bracket + 1, -1).trim()
  return {
    kind: word === 'Person' ? 'person' : 'organization',
    name,
    ...(email === undefined || email === '' ? {} : { email }),
  }
}

/** Control characters and line ends become one space: for fields that are one line in some encoding. */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

/** Text of several lines that every encoding gives back as it is. */
export function plainText(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n')
}

/** An address that every reader takes for one; the quoted forms of RFC 5321 are left out. */
export function isEmail(text: string): boolean {
  if (text.length > 254) return false
  const [local = '', domain = '', ...more] = text.split('@')
  return (
    more.length === 0 &&
    local.split('.').every((atom) => /^[\w!#$%&'*+/=?^`{|}~-]+$/.test(atom)) &&
    domain.split('.').every((label) => /^[A-Za-z0-9-]{1,63}$/.test(label) && !/^-|-$/.test(label))
  )
}
