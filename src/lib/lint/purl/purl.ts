/** Package URLs (ECMA-427): the one name for a package that all formats and tools understand. */
import { AivError } from '../../core/index.ts'
import { normalizeByType } from './purl-types.ts'

export interface Purl {
  /** Lower case: `npm`, `cargo`, `pypi`. */
  readonly type: string
  /** Decoded, such as `@scope` or `github.com/owner`. */
  readonly namespace?: string | undefined
  readonly name: string
  readonly version?: string | undefined
  readonly qualifiers?: Readonly<Record<string, string>> | undefined
  readonly subpath?: string | undefined
}

/** Far above any real one; what is longer is an attack on who compares them. */
const MAX_PURL_LENGTH = 8192

const TYPE = /^[a-z][a-z0-9.-]*$/
const KEY = /^[a-z][a-z0-9._-]*$/

/**
 * The canonical text: normalised as the type demands, percent-encoded, qualifiers sorted.
 * @throws AivError `E_MALFORMED` when the parts are no package URL
 */
export function formatPurl(parts: Purl): string {
  const { type, namespace, name, version, qualifiers, subpath } = normalizePurl(parts)
  let text = `pkg:${type}/`
  if (namespace !== undefined) text += `${encodePath(namespace)}/`
  // Elsewhere a slash within the name would move the border to the namespace.
  text += type === 'git' ? encodePath(name) : encode(name)
  if (version !== undefined) text += `@${encode(version)}`
  const pairs = Object.entries(qualifiers ?? {}).map(([key, value]) => `${key}=${encode(value)}`)
  if (pairs.length > 0) text += `?${pairs.join('&')}`
  if (subpath !== undefined) text += `#${encodePath(subpath)}`
  // What is written here has to be read again.
  if (text.length > MAX_PURL_LENGTH) throw malformed('it is too long')
  return text
}

/** @throws AivError `E_MALFORMED` when the text is no package URL */
export function parsePurl(text: string): Purl {
  if (text.length > MAX_PURL_LENGTH) throw malformed('it is too long')
  const [beforeSubpath, subpath] = splitLast(text, '#')
  const [beforeQualifiers, qualifiers] = splitLast(beforeSubpath, '?')
  const scheme = beforeQualifiers.slice(0, 4).toLowerCase()
  if (scheme !== 'pkg:') throw malformed('it does not begin with pkg:')
  const path = beforeQualifiers.slice(4).replace(/^\/+/, '')
  const border = path.indexOf('/')
  if (border === -1) throw malformed('it has no type')
  const type = path.slice(0, border).toLowerCase()
  const rest = path.slice(border + 1).replace(/(?<!\/)\/+$/, '')
  const [names, version] = splitVersion(rest, type)
  const [namespace, name] = type === 'git' ? splitHost(names) : splitNamespace(names)
  return normalizePurl({
    type,
    namespace,
    name,
    version: version === undefined ? undefined : decode(version),
    qualifiers: qualifiers === undefined ? undefined : parseQualifiers(qualifiers),
    subpath: subpath === undefined ? undefined : decodePath(subpath.split('/')),
  })
}

function normalizePurl(parts: Purl): Purl {
  const type = parts.type.toLowerCase()
  if (!TYPE.test(type)) throw malformed(`${JSON.stringify(type)} is no type`)
  const normal = normalizeByType({
    type,
    namespace: segments(parts.namespace, () => true),
    name: parts.name,
    version: parts.version === '' ? undefined : parts.version,
    qualifiers: normalizeQualifiers(parts.qualifiers ?? {}),
    subpath: segments(parts.subpath, (segment) => segment !== '.' && segment !== '..'),
  })
  if (typeof normal === 'string') throw malformed(normal)
  if (normal.name === '') throw malformed('it has no name')
  return normal
}

function segments(path: string | undefined, keep: (segment: string) => boolean): string | undefined {
  const kept = (path ?? '').split('/').filter((segment) => segment !== '' && keep(segment))
  return kept.length === 0 ? undefined : kept.join('/')
}

function normalizeQualifiers(
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  const pairs = new Map<string, string>()
  for (const [written, value] of Object.entries(given)) {
    const key = written.toLowerCase()
    if (!KEY.test(key)) throw malformed(`${JSON.stringify(key)} is no key of a qualifier`)
    if (pairs.has(key)) throw malformed(`the qualifier ${key} stands there twice`)
    if (value !== '') pairs.set(key, value)
  }
  if (pairs.size === 0) return undefined
  return Object.fromEntries([...pairs].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function parseQualifiers(text: string): Readonly<Record<string, string>> {
  const pairs = new Map<string, string>()
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const border = pair.indexOf('=')
    const key = border === -1 ? pair : pair.slice(0, border)
    if (pairs.has(key)) throw malformed(`the qualifier ${JSON.stringify(key)} stands there twice`)
    pairs.set(key, border === -1 ? '' : decode(pair.slice(border + 1)))
  }
  return Object.fromEntries(pairs)
}

/** The `@` of an npm scope is often left as it is; it does not begin a version. */
function splitVersion(path: string, type: string): readonly [string, string | undefined] {
  const at = path.lastIndexOf('@')
  if (at === -1) return [path, undefined]
  if (type === 'npm' && at === 0 && path.includes('/')) return [path, undefined]
  return [path.slice(0, at), path.slice(at + 1)]
}

function splitNamespace(path: string): readonly [string | undefined, string] {
  const parts = path.split('/')
  const name = decode(parts.pop() ?? '')
  return [parts.length === 0 ? undefined : decodePath(parts), name]
}

/** The namespace of the type git is the host; all that follows is the name. */
function splitHost(path: string): readonly [string | undefined, string] {
  const [host = '', ...name] = path.split('/')
  return name.length === 0 ? [undefined, decode(host)] : [decode(host), decodePath(name)]
}

function decodePath(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .map(decode)
    .join('/')
}

function splitLast(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.lastIndexOf(separator)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function encodePath(path: string): string {
  return path.split('/').map(encode).join('/')
}

/** Letters, digits and `.-_~:` stand for themselves, and nothing else does. */
function encode(text: string): string {
  if (!/[^A-Za-z0-9._~:-]/.test(text)) return text
  // Half of a pair of surrogates has no UTF-8.
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':')
}

function decode(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw malformed('its percent-encoding is not UTF-8', cause)
  }
}

function malformed(reason: string, cause?: unknown): AivError {
  return new AivError('E_MALFORMED', `this is no package URL: ${reason}`, { cause })
}
