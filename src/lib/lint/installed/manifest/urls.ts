/** Addresses in manifests, made fit for documents: no passwords, no forms that only one program understands. */
import { hasSecrets, PUBLIC_HOSTS, parseAddress, type SourceCode, withoutSecrets } from '../../bom/index.ts'

const MAX_LENGTH = 2000

const SHORTHANDS: ReadonlyMap<string, string> = new Map([
  ['github', 'https://github.com/'],
  ['gitlab', 'https://gitlab.com/'],
  ['bitbucket', 'https://bitbucket.org/'],
  ['gist', 'https://gist.github.com/'],
])

/** @returns the address when it is one of the web, without user and password */
export function webUrl(text: string | undefined): string | undefined {
  const url = text === undefined || text.length > MAX_LENGTH ? undefined : parseAddress(text)
  return url !== undefined && /^https?:$/.test(url.protocol) ? written(text ?? '', url) : undefined
}

/** @param text as in `repository` of package.json, in each form that git or npm takes */
export function sourceOf(text: string | undefined, revision?: string): SourceCode | undefined {
  const url = text === undefined || text.length > MAX_LENGTH ? undefined : sourceUrl(text.trim())
  if (url === undefined) return undefined
  return {
    url,
    revision: revision !== undefined && /^[0-9a-f]{40,64}$/.test(revision) ? revision : undefined,
  }
}

/** Who owns the repository, where the host's addresses say it. */
export function repositoryOwner({
  url,
}: SourceCode): { readonly name: string; readonly url: string } | undefined {
  const [, host, owner] =
    /^https:\/\/(github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)\/([\w.-]+)\/[\w.-]+/.exec(url) ?? []
  return owner === undefined ? undefined : { name: owner, url: `https://${host}/${owner}` }
}

function sourceUrl(text: string): string | undefined {
  const [, word, rest = ''] =
    /^(github|gitlab|bitbucket|gist):([\w.-]+(?:\/[\w.-]+)*)(?:#.*)?$/.exec(text) ?? []
  if (word !== undefined) return `${SHORTHANDS.get(word)}${rest}`
  const [, short] = /^([\w-][\w.-]*\/[\w.-]+)(?:#.*)?$/.exec(text) ?? []
  if (short !== undefined) return `https://github.com/${short}`
  const [, host, path] = /^(?:[\w.-]+@)?([\w.-]+\.[a-z]+):(?!\/\/)([\w./~-]+)$/i.exec(text) ?? []
  return viaUrl(host === undefined ? text : `ssh://${host}/${path}`)
}

function viaUrl(text: string): string | undefined {
  const plain = text.replace(/^git\+(?=\w+:\/\/)/, '').replace(/^scm:git:/, '')
  const url = parseAddress(plain)
  if (url === undefined || url.hostname === '') return undefined
  url.hash = ''
  const isWeb = /^https?:$/.test(url.protocol)
  if (isWeb && url.protocol === 'https:') return written(plain.replace(/#.*$/, ''), url)
  if (!isWeb && !/^(?:git|ssh):$/.test(url.protocol)) return undefined
  const place = `${url.hostname}${url.pathname}`
  if (PUBLIC_HOSTS.has(url.hostname)) return `https://${place}`
  return isWeb
    ? written(plain.replace(/#.*$/, ''), url)
    : `git+${url.protocol}//${place}`.replace('git+git:', 'git:')
}

/** As the manifest writes it, where that is a URI already; the parser adds a slash to bare hosts. */
function written(text: string, url: URL): string {
  const plain = text.trim()
  if (!hasSecrets(url) && /^[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/.test(plain)) return plain
  return withoutSecrets(url)
}
