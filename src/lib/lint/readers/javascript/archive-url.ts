/** Addresses of package archives: which registry they belong to, and how they are written down. */

/** Hosts of the registry that a package URL of type npm means when it names none. */
const DEFAULT_HOSTS = new Set(['registry.npmjs.org', 'registry.npmjs.com', 'registry.yarnpkg.com'])

export interface ArchiveUrl {
  /** Without user, password, query and fragment: tokens stand there. */
  readonly url: string
  /** The package that a registry's address names, `@scope/name` in full; undefined when it is no registry's. */
  readonly name?: string | undefined
  /** The version in the name of a registry's file. */
  readonly version?: string | undefined
  /** Address of the registry; undefined for the default one, or when it is no registry's. */
  readonly registry?: string | undefined
  /** What follows after `#`. */
  readonly fragment: string
}

/** @returns undefined for the default registry */
export function registryOfHost(host: string | undefined): string | undefined {
  return host === undefined || DEFAULT_HOSTS.has(host) ? undefined : `https://${host}`
}

/** @returns undefined for what is no web address */
export function parseArchiveUrl(text: string): ArchiveUrl | undefined {
  if (!/^https?:\/\//i.test(text)) return undefined
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return undefined
  }
  const fragment = url.hash.slice(1)
  const plain = `${url.protocol}//${url.host}${url.pathname}`
  const found = registryPath(url)
  if (found === undefined) return { url: plain, fragment }
  const isDefault = DEFAULT_HOSTS.has(url.hostname)
  const registry = isDefault ? undefined : `${url.protocol}//${url.host}${found.base}`
  const { name, version } = found
  return { url: plain, name, version, registry, fragment }
}

/** Registries serve archives at `BASE/NAME/-/FILE`, and one of them at `/download/NAME/VERSION/…`. */
function registryPath({
  hostname,
  pathname,
}: URL): { base: string; name: string; version?: string | undefined } | undefined {
  if (hostname === 'npm.pkg.github.com') {
    const [, name] = /^\/download\/(@[^/]+\/[^/]+)\//.exec(pathname) ?? []
    return name === undefined ? undefined : { base: '', name }
  }
  const dash = pathname.indexOf('/-/')
  if (dash === -1) return undefined
  // GitLab serves archives of a repository at `/-/archive/…`.
  const [, file] = /^(?:@[^/]+\/|@[^/]+%2f)?([^/]+)\.tgz$/i.exec(pathname.slice(dash + '/-/'.length)) ?? []
  if (file === undefined) return undefined
  const left = pathname.slice(0, dash).replace(/%2f/gi, '/').replace(/%40/g, '@').split('/')
  const last = left.pop() ?? ''
  const scope = left.at(-1)?.startsWith('@') === true ? left.pop() : undefined
  const name = scope === undefined ? last : `${scope}/${last}`
  if (name === '') return undefined
  const version = file.startsWith(`${last}-`) ? file.slice(last.length + 1) : undefined
  return { base: left.join('/'), name, version: version?.match(/^\d+\.\d+\.\d/) ? version : undefined }
}
