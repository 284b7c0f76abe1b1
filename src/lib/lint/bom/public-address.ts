/** What of an address may stand in a document that is published: no user, no password, no token. */

/** What browsers and servers take; what is longer is no address of anything. */
const MAX_LENGTH = 8192

/** Queries and fragments that carry such a key are a secret in themselves (signed links, access tokens). */
const SECRET_KEY = /token|secret|passw|signature|\bsig\b|api_?key|auth|credential/i

/** An address within the path of another one, as mirrors have it, with a user and a password of its own. */
const USER_IN_PATH = /\/\/[^/]+@/

/** Hosts where a repository that has an ssh or git address also has the same one with https. */
export const PUBLIC_HOSTS: ReadonlySet<string> = new Set([
  'github.com',
  'gitlab.com',
  'bitbucket.org',
  'codeberg.org',
  'gist.github.com',
  'git.sr.ht',
])

/** @returns the address, with user and password still in their fields; undefined for what cannot be published */
export function parseAddress(text: string): URL | undefined {
  const url = text.length > MAX_LENGTH ? null : URL.parse(text.trim())
  return url === null || USER_IN_PATH.test(url.pathname + url.search) ? undefined : url
}

export function hasSecrets({ username, password, search, hash }: URL): boolean {
  return username !== '' || password !== '' || SECRET_KEY.test(search) || SECRET_KEY.test(hash)
}

export function withoutSecrets(url: URL): string {
  const clean = new URL(url)
  clean.username = ''
  clean.password = ''
  if (SECRET_KEY.test(clean.search)) clean.search = ''
  if (SECRET_KEY.test(clean.hash)) clean.hash = ''
  return clean.href
}
