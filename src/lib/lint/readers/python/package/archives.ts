/** The archives of one release: a source distribution, and wheels for platforms and versions of Python. */
import type { Hash } from '../../../bom/index.ts'
import { hexHash, type LockHashAlgorithm, publicUrl } from '../../lock/index.ts'

export interface Archive {
  /** File name, path or address. */
  readonly name: string
  readonly hashes: readonly Hash[]
  readonly url?: string | undefined
}

const ALGORITHMS: ReadonlySet<string> = new Set(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'])

/** `sha256:HEX` or `sha256=HEX`; undefined for what is no hash. */
export function prefixedHash(text: string): Hash | undefined {
  const border = text.search(/[:=]/)
  return border === -1 ? undefined : namedHash(text.slice(0, border), text.slice(border + 1))
}

export function namedHash(algorithm: string, hex: string): Hash | undefined {
  const name = algorithm.toLowerCase()
  return ALGORITHMS.has(name) ? hexHash(name as LockHashAlgorithm, hex) : undefined
}

/**
 * What a component says of its archives: the source distribution where there is one, because all platforms share it;
 * else every wheel.
 */
export function archiveFacts(archives: readonly Archive[]): {
  readonly hashes: readonly Hash[]
  readonly downloadUrl: string | undefined
} {
  const sources = archives.filter(
    ({ name }) => !/\.(?:whl|egg|exe|msi|rpm)$/i.test(name.replace(/[?#].*$/, '')),
  )
  const chosen = sources.some(({ hashes }) => hashes.length > 0) ? sources : archives
  const url = chosen.length === 1 ? chosen[0]?.url : undefined
  return {
    hashes: sortedHashes(chosen.flatMap(({ hashes }) => hashes)),
    downloadUrl: url === undefined ? undefined : publicUrl(url),
  }
}

/** Sorted, without repetition. */
export function sortedHashes(hashes: readonly Hash[]): readonly Hash[] {
  const byText = new Map(hashes.map((hash) => [`${hash.algorithm}:${hash.value}`, hash]))
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, hash]) => hash)
}
