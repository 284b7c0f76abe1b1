/** Addresses from lockfiles, made fit for publication: no passwords, no tokens, nothing that is no URI. */
import { PUBLIC_HOSTS, parseAddress, withoutSecrets } from '../../bom/index.ts'

/** `git@host:path` and `host:path`; two letters at least, so that `C:\x` is no host. */
const SCP = /^(?:([\w.+-]{1,64})@)?([\w.-]{2,255}):(?!\/\/)(?:\/?)([^\s]{1,2000})$/

/** Addresses that lack a slash: what follows may be a password, and not a path. */
const NO_HOST = /^(?:https?|ssh|git|ftps?|file):/i

/** @returns an http or https address without user, password and secret query; undefined for all else */
export function publicUrl(text: string): string | undefined {
  const url = parseAddress(text)
  return url !== undefined && (url.protocol === 'https:' || url.protocol === 'http:')
    ? withoutSecrets(url)
    : undefined
}

export interface GitLocation {
  /** For people and for {@link SourceCode}: `https:` where the host speaks it. */
  readonly url: string
  /** For the `vcs_url` qualifier and SPDX download locations: `git+https://…`, without a commit. */
  readonly vcs: string
  /** Host and path without `.git`, such as `github.com` and `owner/name`. */
  readonly host: string
  readonly path: string
}

/**
 * Understands what git does: URLs, `git+` URLs and scp style.
 * @returns undefined for a local path, or what is no address
 */
export function gitLocation(text: string): GitLocation | undefined {
  const written = text.trim().replace(/^git\+/, '')
  const scp = written.includes('://') || NO_HOST.test(written) ? null : SCP.exec(written)
  const url = parseAddress(scp === null ? written : `ssh://${scp[1] ?? 'git'}@${scp[2]}/${scp[3]}`)
  if (url === undefined || url.hostname === '' || !/^(?:https?|ssh|git):$/.test(url.protocol))
    return undefined
  const { hostname: host, pathname } = url
  const path = pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')
  const overHttps = PUBLIC_HOSTS.has(host) && url.protocol !== 'http:'
  const address = withoutSecrets(url)
  return {
    url: overHttps ? `https://${host}${pathname}` : address,
    vcs:
      url.protocol === 'ssh:' && url.username !== '' && url.password === ''
        ? `git+ssh://${url.username}@${url.host}${pathname}`
        : `git+${address}`,
    host,
    path,
  }
}

/** The `vcs_url` of a package URL (purl-spec): the location with the commit that is locked. */
export function vcsUrl(location: GitLocation, revision: string | undefined): string {
  return revision === undefined ? location.vcs : `${location.vcs}@${revision}`
}
