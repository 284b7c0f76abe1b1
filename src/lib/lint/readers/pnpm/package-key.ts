/** Keys of the `packages` of pnpm's lockfile, in the spellings of versions 5, 6 and 9. */

export interface PackageKey {
  readonly name?: string | undefined
  readonly version?: string | undefined
  /** Host in front of the name, which versions 5 and 6 write for another registry. */
  readonly host?: string | undefined
  /** What a patch of the package hashes to. */
  readonly patch?: string | undefined
}

/**
 * @param key `/name/1.2.3_peer@4` (5), `/name@1.2.3(peer@4)` (6), `name@1.2.3(peer@4)` (9)
 * @returns empty parts where the key is the place of something that is in no registry
 */
export function parsePackageKey(key: string, major: number): PackageKey {
  const paren = key.indexOf('(')
  const bare = paren === -1 ? key : key.slice(0, paren)
  const [, patch] = paren === -1 ? [] : (/\(patch_hash=([^)]{1,200})\)/.exec(key.slice(paren)) ?? [])
  const parts = major < 6 ? slashParts(bare) : atParts(bare)
  return { ...parts, patch }
}

/** Without what stands in parentheses: the peers that a snapshot was resolved with, and its patch. */
export function withoutPeers(key: string): string {
  const paren = key.indexOf('(')
  return paren === -1 ? key : key.slice(0, paren)
}

function slashParts(key: string): PackageKey {
  const parts = key.split('/')
  const [version = ''] = (parts.pop() ?? '').split('_')
  const last = parts.pop()
  const scope = parts.at(-1)?.startsWith('@') === true ? parts.pop() : undefined
  if (last === undefined || last === '' || !isVersion(version)) return {}
  return { ...hostOf(parts), name: scope === undefined ? last : `${scope}/${last}`, version }
}

function atParts(key: string): PackageKey {
  const at = key.indexOf('@', key.startsWith('/') ? 2 : 1)
  if (at === -1) return {}
  const path = key.slice(0, at).split('/')
  const version = key.slice(at + 1)
  const last = path.pop() ?? ''
  const scope = path.at(-1)?.startsWith('@') === true ? path.pop() : undefined
  const name = scope === undefined ? last : `${scope}/${last}`
  // In version 9 an address stands where the version would: its entry says which version that is.
  return isVersion(version) ? { ...hostOf(path), name, version } : { name }
}

function hostOf(parts: readonly string[]): { readonly host?: string } {
  const host = parts.filter((part) => part !== '').join('/')
  return host === '' ? {} : { host }
}

function isVersion(text: string): boolean {
  return /^\d+\.\d+\.\d+/.test(text)
}
