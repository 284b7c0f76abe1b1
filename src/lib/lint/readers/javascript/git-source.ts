/** Places in version control, in the many forms that JavaScript lockfiles write. */
import type { SourceCode } from '../../bom/index.ts'

export interface GitSource extends SourceCode {
  /** As in the `vcs_url` qualifier of a package URL: `git+https://host/path@commit`. */
  readonly vcsUrl: string
}

/** Hosts that serve every repository over https too, so that all ways to write one give one name. */
const HTTPS_HOSTS = new Set(['github.com', 'gitlab.com', 'bitbucket.org', 'codeberg.org'])

const SHORT_HOSTS = new Map([
  ['github', 'github.com'],
  ['gitlab', 'gitlab.com'],
  ['bitbucket', 'bitbucket.org'],
])

/** Longer than any address; the patterns below may take the square of the length. */
const MAX_ADDRESS = 2_000

const REMOTE = /^(?:git\+)?(ssh|https?|git):\/\/(?:([^@/]*)@)?([^/:@]+)(?::(\d+))?[:/]([^#?]+)/
const SCP = /^(?:([^@/:]+)@)([^/:@]+):([^#?/][^#?]*)/
const SHORT = /^(github|gitlab|bitbucket):([^#?]+)/
const OWNER_NAME = /^([\w.-]+\/[\w.-]+)(?:#|$)/
/** Addresses of archives that a forge makes of a commit: host, `owner/name`, commit. */
const ARCHIVES: readonly (readonly [string, RegExp])[] = [
  [
    'github.com',
    /^https:\/\/codeload\.github\.com\/([^/]+\/[^/]+)\/(?:tar\.gz|legacy\.tar\.gz|zip)\/([^/?#]+)/,
  ],
  [
    'gitlab.com',
    /^https:\/\/gitlab\.com\/api\/v4\/projects\/([^/]+)\/repository\/archive[^?]*\?(?:ref|sha)=([^&#]+)/,
  ],
  ['gitlab.com', /^https:\/\/gitlab\.com\/([^?#]+?)\/repository\/archive[^?]*\?(?:ref|sha)=([^&#]+)/],
  ['gitlab.com', /^https:\/\/gitlab\.com\/([^?#]+?)\/-\/archive\/([^/?#]+)\//],
  ['bitbucket.org', /^https:\/\/bitbucket\.org\/([^/]+\/[^/]+)\/get\/([^/?#]+)\.(?:tar\.gz|zip)/],
]

/**
 * @param text `git+ssh://git@host/path#commit`, `git@host:path`, `github:owner/name#commit`, the address of an archive
 * that a forge makes of a commit
 * @returns undefined for what is no repository, such as the address of another archive
 */
export function parseGitSource(text: string): GitSource | undefined {
  if (text.length > MAX_ADDRESS) return undefined
  for (const [host, pattern] of ARCHIVES) {
    const [, path, commit] = pattern.exec(text) ?? []
    if (path !== undefined) return gitSource('https', undefined, host, path.replaceAll('%2F', '/'), commit)
  }
  const revision = revisionOf(text)
  const short = SHORT.exec(text)
  if (short !== null) {
    const host = SHORT_HOSTS.get(short[1] ?? '') ?? ''
    return gitSource('https', undefined, host, withoutUser(short[2] ?? ''), revision)
  }
  const remote = REMOTE.exec(text)
  if (remote !== null) {
    const [whole, scheme = '', user, written = '', port, path = ''] = remote
    // bun writes the short name of the forge as if it were a host.
    const host = SHORT_HOSTS.get(written) ?? written
    if (/^https?:/.test(whole) && !isRepository(host, path, text)) return undefined
    return gitSource(scheme, user, port === undefined ? host : `${host}:${port}`, path, revision)
  }
  const scp = SCP.exec(text)
  if (scp !== null) return gitSource('ssh', scp[1], scp[2] ?? '', scp[3] ?? '', revision)
  const owned = OWNER_NAME.exec(text)
  return owned === null ? undefined : gitSource('https', undefined, 'github.com', owned[1] ?? '', revision)
}

/** A plain web address is a repository where it is written as one. */
function isRepository(host: string, path: string, text: string): boolean {
  if (/\.(?:tgz|tar\.gz|tar|zip)$/.test(path)) return false
  return (
    path.endsWith('.git') || (HTTPS_HOSTS.has(host) && /^[^/]+\/[^/]+\/?(?:#|$)/.test(path + hashOf(text)))
  )
}

function hashOf(text: string): string {
  const hash = text.indexOf('#')
  return hash === -1 ? '' : text.slice(hash)
}

/** Yarn 2 and later write `#commit=…`, with other parts around it; ranges such as `semver:^1` are no revision. */
function revisionOf(text: string): string | undefined {
  const parts = hashOf(text).slice(1).split('&')
  const named = parts.find((part) => /^commit[=:]/.test(part))
  const revision = named?.slice('commit='.length) ?? parts[0] ?? ''
  return /^[\w./-]+$/.test(revision) ? revision : undefined
}

function withoutUser(path: string): string {
  return path.slice(path.indexOf('@') + 1)
}

function gitSource(
  scheme: string,
  user: string | undefined,
  host: string,
  path: string,
  revision: string | undefined,
): GitSource {
  const name = path.replace(/^\/+/, '').replace(/\/+$/, '')
  const suffix = revision === undefined ? '' : `@${revision}`
  if (HTTPS_HOSTS.has(host.toLowerCase())) {
    const bare = `${host.toLowerCase()}/${name.replace(/\.git$/, '')}`
    return { url: `https://${bare}`, revision, vcsUrl: `git+https://${bare}.git${suffix}` }
  }
  // What stands before the @ is a secret more often than not; only the name that all ssh servers share is kept.
  const login = scheme === 'ssh' && user === 'git' ? 'git@' : ''
  const address = `${login}${host}/${name}`
  const prefixed = scheme === 'git' ? 'git' : `git+${scheme}`
  return {
    url: scheme === 'ssh' ? `git+ssh://${address}` : `${scheme}://${address}`,
    revision,
    vcsUrl: `${prefixed}://${address}${suffix}`,
  }
}
