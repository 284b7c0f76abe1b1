/** URIs as documents may carry them: absolute, valid by RFC 3986, without the password of anybody. */

const SCHEME = /^[a-z][a-z0-9+.-]*:/i
/**
 * Also that of an address within the path of another one. Browsers take an address of the web with any slashes. The
 * bounds keep a long text from being read in squares.
 */
const AUTHORITY = /(^https?:[\\/]{0,4}|[a-z][a-z0-9+.-]{0,30}:\/\/)([^/?#]*)@/gi
/** `git@host:owner/name`, which is how git writes SSH and which is no URI. */
const SCP = /^([A-Za-z0-9._-]+@)([A-Za-z0-9.-]+):(?!\/\/)([^\s]*)$/
const MAX_LENGTH = 8192

/**
 * Takes user and password out of the authority. A name alone stays for SSH, where it belongs to the address (`git@`).
 * @returns any other text unchanged
 */
export function withoutCredentials(uri: string): string {
  return uri.replace(AUTHORITY, (_, scheme: string, user: string) =>
    /ssh/i.test(scheme) && !user.includes(':') && !user.includes('@') ? `${scheme}${user}@` : scheme,
  )
}

/** @returns a valid absolute URI, percent-encoded where needed; undefined where the text cannot be one */
export function absoluteUri(text: string): string | undefined {
  const scp = SCP.exec(text)
  const uri = withoutCredentials(scp === null ? text : `git+ssh://${scp[1]}${scp[2]}/${scp[3]}`)
  if (uri.length > MAX_LENGTH || !uri.isWellFormed() || !SCHEME.test(uri)) return undefined
  const [, scheme = '', authority = '', rest = ''] =
    /^([a-z][a-z0-9+.-]*:)(\/\/[^/?#]*)?([\s\S]*)$/i.exec(uri) ?? []
  if (!/^(?:\/\/(?:[A-Za-z0-9._~!$&'()*+,;=@%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?)?$/.test(authority))
    return undefined
  if (/%(?![0-9A-Fa-f]{2})/.test(authority) || (authority === '' && rest === '')) return undefined
  const [path = '', ...fragments] = rest.split('#')
  const tail = fragments.length === 0 ? '' : `#${encodeIllegal(fragments.join('%23'))}`
  const encoded = encodeIllegal(path)
  // Without an authority a path must not look as if it had one (RFC 3986 §3.3).
  if (authority === '' && encoded.startsWith('//')) return undefined
  return `${scheme}${authority}${encoded}${tail}`
}

function encodeIllegal(text: string): string {
  return text
    .replace(/%(?![0-9A-Fa-f]{2})/g, '%25')
    .replace(/[^A-Za-z0-9\-._~:/?@!$&'()*+,;=%]+/g, (part) => encodeURIComponent(part))
}
