/** Cargo.lock, versions 1 to 4, as Cargo's own `encode.rs` describes it. */

import { headerLines, unknownVersion } from '../lock/index.ts'
import { array, entries, field, parseToml, string, strings, tables } from '../parse/index.ts'

const KNOWN_VERSIONS = '1 to 4'

export interface LockedCrate {
  readonly name: string
  readonly version: string
  /** `registry+…`, `sparse+…` or `git+…#commit`; undefined for a crate of the project itself. */
  readonly source: string | undefined
  /** SHA-256 in hex of the archive. */
  readonly checksum: string | undefined
  /** `name`, `name version` or `name version (source)`. */
  readonly dependencies: readonly string[]
  readonly line: number | undefined
}

export interface CargoLock {
  readonly crates: readonly LockedCrate[]
  /** Entries without a name or version. */
  readonly odd: number
}

/** @throws UnreadableText */
export function parseCargoLock(text: string): CargoLock {
  const lock = parseToml(text)
  const version = field(lock, 'version')
  if (version !== undefined && !(typeof version === 'number' && version >= 1 && version <= 4))
    unknownVersion(text, /^version\b/m, version, KNOWN_VERSIONS)
  // Before 2016 the crate of the folder itself stood in a table of its own.
  const root = field(lock, 'root')
  const listed = tables(field(lock, 'package'))
  const lines = headerLines(text, '[[package]]', array(field(lock, 'package')).length)
  const checksums = oldChecksums(lock)
  const crates: LockedCrate[] = []
  let odd = 0
  for (const [index, entry] of [...listed, ...(root === undefined ? [] : [root])].entries()) {
    const crate = lockedCrate(entry, lines[index], checksums)
    if (crate === undefined) odd += 1
    else crates.push(crate)
  }
  return { crates, odd: odd + array(field(lock, 'package')).length - listed.length }
}

function lockedCrate(
  entry: unknown,
  line: number | undefined,
  checksums: ReadonlyMap<string, string>,
): LockedCrate | undefined {
  const name = string(field(entry, 'name'))
  const version = string(field(entry, 'version'))
  if (name === undefined || version === undefined) return undefined
  const source = string(field(entry, 'source'))
  return {
    name,
    version,
    source,
    checksum: string(field(entry, 'checksum')) ?? checksums.get(`${name} ${version} (${source})`),
    dependencies: strings(field(entry, 'dependencies')),
    line,
  }
}

/** Version 1 kept them in one table: `"checksum NAME VERSION (SOURCE)" = "HEX"`, or `<none>` for git. */
function oldChecksums(lock: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of entries(field(lock, 'metadata')))
    if (key.startsWith('checksum ') && typeof value === 'string')
      found.set(key.slice('checksum '.length), value)
  return found
}

/** Finds crates by the references of `dependencies`. */
export class CrateIndex {
  /** By each form of reference; null where it fits several. */
  readonly #byReference = new Map<string, LockedCrate | null>()
  /** Crates of the project itself, which a reference without a source means first. */
  readonly #local = new Map<string, LockedCrate | null>()

  constructor(crates: readonly LockedCrate[]) {
    for (const crate of crates) {
      const { name, version, source } = crate
      put(this.#byReference, name, crate)
      put(this.#byReference, `${name} ${version}`, crate)
      if (source === undefined) {
        put(this.#local, name, crate)
        put(this.#local, `${name} ${version}`, crate)
        continue
      }
      put(this.#byReference, `${name} ${version} (${source})`, crate)
      // From version 2 on, references leave out the commit.
      const repository = source.replace(/#.*$/, '')
      if (repository !== source) put(this.#byReference, `${name} ${version} (${repository})`, crate)
    }
  }

  /** @returns undefined when the reference fits none, or several */
  find(reference: string): LockedCrate | undefined {
    return this.#byReference.get(reference) ?? this.#local.get(reference) ?? undefined
  }
}

function put(map: Map<string, LockedCrate | null>, key: string, crate: LockedCrate): void {
  map.set(key, map.has(key) ? null : crate)
}
