/** Objects of a repository, loose or in packs (gitformat-pack). */
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { concat, toHex, utf8 } from '../../../../core/index.ts'
import { sha1, sha256 } from '../../../../crypto/digest.ts'
import { OpenFile } from './files.ts'
import { type GitObject, MAX_OBJECT_BYTES, MAX_WORK_BYTES, spend, type Work } from './git-object.ts'
import { findPacked } from './packs.ts'

/** Objects in packs that name a base by its name; git makes at most 250 on each other. */
const MAX_NAMED_BASES = 250

/**
 * @param stores folders with objects
 * @param name 40 or 64 hexadecimal digits
 * @returns undefined when it is not there, too large, or damaged
 */
export function findObject(stores: readonly string[], name: string): GitObject | undefined {
  return find(stores, name, 0, { left: MAX_WORK_BYTES })
}

/** @param depth how many objects are built on this one */
function find(stores: readonly string[], name: string, depth: number, work: Work): GitObject | undefined {
  // Objects of a hostile repository may name each other in a circle.
  if (depth > MAX_NAMED_BASES) return undefined
  const findBase = (base: string): GitObject | undefined => find(stores, base, depth + 1, work)
  for (const store of stores) {
    try {
      const found = looseObject(store, name, work) ?? findPacked(store, name, findBase, work)
      if (found !== undefined && nameOf(found, name.length) === name) return found
    } catch {
      // A damaged or truncated object; another store may have a good one.
    }
  }
  return undefined
}

/** The hash of an object: a damaged index leads to another one, whose time would be wrong. */
function nameOf({ type, content }: GitObject, digits: number): string {
  const bytes = concat(utf8(`${type} ${content.length}\0`), content)
  return toHex(digits === 40 ? sha1(bytes) : sha256(bytes))
}

function looseObject(store: string, name: string, work: Work): GitObject | undefined {
  const file = OpenFile.open(join(store, name.slice(0, 2), name.slice(2)))
  if (file === undefined) return undefined
  try {
    if (file.size > MAX_OBJECT_BYTES) return undefined
    const bytes = inflateSync(file.all(), { maxOutputLength: MAX_OBJECT_BYTES })
    spend(work, bytes.length)
    const end = bytes.indexOf(0)
    const [, type, size] = /^(commit|tree|blob|tag) (\d+)$/.exec(bytes.toString('latin1', 0, end)) ?? []
    const content = bytes.subarray(end + 1)
    if (type === undefined || Number(size) !== content.length) return undefined
    return { type: type as GitObject['type'], content }
  } finally {
    file.close()
  }
}
