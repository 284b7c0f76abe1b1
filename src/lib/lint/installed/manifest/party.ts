/** People and organizations, as manifests name them. */
import type { Party } from '../../bom/index.ts'
import { field, isTable, string } from '../../readers/parse/shape.ts'
import { webUrl } from './urls.ts'

/** Longer than any name; what is longer is a text about the authors. */
const MAX_LENGTH = 300

/** Words that people do not have in their names, and groups do. */
const ORGANIZATION =
  /\b(?:inc|llc|ltd|limited|gmbh|ag|corp|corporation|company|co|foundation|project|team|group|authors|contributors|community|developers|maintainers|organi[sz]ation|association|consortium|institute|university|labs?|software|technologies|systems|core)\b\.?$/i

/** @param value `Name <mail> (url)` in any part, or a table with `name`, `email` and `url` or `homepage` */
export function partyOf(value: unknown): Party | undefined {
  if (isTable(value)) {
    const name = string(field(value, 'name'))
    return party(name, string(field(value, 'email')), string(field(value, 'url') ?? field(value, 'homepage')))
  }
  const text = string(value)
  if (text === undefined || text.length > MAX_LENGTH) return undefined
  const [, email] = /<([^<>\s]+)>/.exec(text) ?? []
  const [, url] = /\((https?:[^()\s]+)\)/.exec(text) ?? []
  return party(text.replace(/<[^<>]*>|\([^()]*\)/g, ' '), email, url)
}

function party(
  name: string | undefined,
  email: string | undefined,
  url: string | undefined,
): Party | undefined {
  // Formats of documents end a name at a line end or a parenthesis.
  const plain = name
    ?.replace(/[\p{Cc}()<>]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  if (plain === undefined || plain === '' || plain.length > MAX_LENGTH || /^unknown$/i.test(plain))
    return undefined
  return {
    kind: ORGANIZATION.test(plain) ? 'organization' : 'person',
    name: plain,
    email: email !== undefined && /^[^\s@<>()]+@[^\s@<>()]+$/.test(email) ? email : undefined,
    url: webUrl(url),
  }
}
