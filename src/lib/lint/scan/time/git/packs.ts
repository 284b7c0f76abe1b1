/** Objects in packs of version 2 and their indexes of version 2 (gitformat-pack). */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { applyDelta } from './delta.ts'
import { OpenFile } from './files.ts'
import { type GitObject, MAX_OBJECT_BYTES, spend, type Work } from './git-object.ts'

type FindBase = (name: string) => GitObject | undefined

/** Deltas on deltas; git refuses more. */
const MAX_DELTA_DEPTH = 4095
const FANOUT_OFFSET = 8
const NAMES_OFFSET = FANOUT_OFFSET + 256 * 4
const OFS_DELTA = 6
const REF_DELTA = 7
const TYPES: readonly (GitObject['type'] | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag']

/**
 * @param findBase finds the base of a delta that is named, which may be in another pack
 * @throws Error on a damaged pack, and when the object takes more work than is left
 */
export function findPacked(
  store: string,
  name: string,
  findBase: FindBase,
  work: Work,
): GitObject | undefined {
  for (const index of indexesOf(store)) {
    const offset = using(OpenFile.open(join(store, 'pack', index)), (file) => offsetOf(file, name))
    if (offset === undefined) continue
    const pack = OpenFile.open(join(store, 'pack', index.replace(/idx$/, 'pack')))
    const found = using(pack, (file) => entryAt(file, offset, name.length / 2, findBase, work))
    if (found !== undefined) return found
  }
  return undefined
}

function indexesOf(store: string): readonly string[] {
  try {
    return readdirSync(join(store, 'pack'))
      .filter((file) => file.endsWith('.idx'))
      .sort()
  } catch {
    return []
  }
}

/** Place of the object in the pack, by bisection of the sorted names. */
function offsetOf(index: OpenFile, name: string): number | undefined {
  const head = viewOf(index.read(0, NAMES_OFFSET))
  if (head.byteLength < NAMES_OFFSET || head.getUint32(0) !== 0xff744f63 || head.getUint32(4) !== 2)
    return undefined
  const wanted = Buffer.from(name, 'hex')
  const first = wanted[0] as number
  const fanout = (byte: number): number => (byte < 0 ? 0 : head.getUint32(FANOUT_OFFSET + byte * 4))
  const total = fanout(255)
  let [low, high] = [fanout(first - 1), fanout(first)]
  while (low < high) {
    // Not by shifting: a damaged table may count to 2^32, and the sum would wrap.
    const middle = Math.floor((low + high) / 2)
    const order = Buffer.compare(index.read(NAMES_OFFSET + middle * wanted.length, wanted.length), wanted)
    if (order === 0) return offsetEntry(index, total, middle, wanted.length)
    if (order < 0) low = middle + 1
    else high = middle
  }
  return undefined
}

/** After the names come a table of CRC-32, one of 31-bit offsets, and one of 64-bit offsets that those point to. */
function offsetEntry(index: OpenFile, total: number, at: number, nameBytes: number): number {
  const offsets = NAMES_OFFSET + total * (nameBytes + 4)
  const offset = viewOf(index.read(offsets + at * 4, 4)).getUint32(0)
  if (offset < 0x8000_0000) return offset
  const large = offsets + total * 4 + (offset - 0x8000_0000) * 8
  return Number(viewOf(index.read(large, 8)).getBigUint64(0))
}

function entryAt(
  pack: OpenFile,
  offset: number,
  nameBytes: number,
  findBase: FindBase,
  work: Work,
): GitObject | undefined {
  const deltas: Uint8Array[] = []
  let at = offset
  while (deltas.length <= MAX_DELTA_DEPTH) {
    const header = pack.read(at, 64)
    const { type, size, length } = entryHeader(header)
    if (size > MAX_OBJECT_BYTES) return undefined
    spend(work, size)
    if (type === OFS_DELTA) {
      const { distance, end } = distanceAt(header, length)
      // Only backwards: a pack that points at itself would never end.
      if (distance <= 0 || distance > at) return undefined
      deltas.push(inflated(pack, at + end, size))
      at -= distance
    } else if (type === REF_DELTA) {
      const base = Buffer.from(header.subarray(length, length + nameBytes)).toString('hex')
      deltas.push(inflated(pack, at + length + nameBytes, size))
      return patched(findBase(base), deltas, work)
    } else {
      const plain = TYPES[type]
      return plain && patched({ type: plain, content: inflated(pack, at + length, size) }, deltas, work)
    }
  }
  return undefined
}

function patched(
  base: GitObject | undefined,
  deltas: readonly Uint8Array[],
  work: Work,
): GitObject | undefined {
  if (base === undefined) return undefined
  const content = deltas.reduceRight((bytes, delta) => {
    const built = applyDelta(bytes, delta)
    spend(work, built.length)
    return built
  }, base.content)
  return { type: base.type, content }
}

/** Three bits of type and a size in little-endian groups of 4, 7, 7… bits. */
function entryHeader(bytes: Uint8Array): {
  readonly type: number
  readonly size: number
  readonly length: number
} {
  let byte = bytes[0] as number
  const type = (byte >> 4) & 7
  let size = byte & 15
  let length = 1
  for (let scale = 16; byte >= 128; scale *= 128) {
    byte = bytes[length] ?? 0
    size += (byte & 127) * scale
    length += 1
  }
  return { type, size, length }
}

/** Big-endian groups of 7 bits, each but the last with one added, so that every number has one spelling. */
function distanceAt(bytes: Uint8Array, start: number): { readonly distance: number; readonly end: number } {
  let end = start
  let byte = bytes[end++] ?? 0
  let distance = byte & 127
  while (byte >= 128) {
    byte = bytes[end++] ?? 0
    distance = (distance + 1) * 128 + (byte & 127)
  }
  return { distance, end }
}

function inflated(pack: OpenFile, offset: number, size: number): Uint8Array {
  // Where the compressed bytes end is not written down; no compressor needs more than this.
  const input = pack.read(offset, size + (size >> 9) + 128)
  const output = inflateSync(input, { maxOutputLength: Math.max(size, 1) })
  if (output.length !== size) throw new Error('an object of the pack has another size than it says')
  return output
}

function using<T>(file: OpenFile | undefined, read: (file: OpenFile) => T): T | undefined {
  if (file === undefined) return undefined
  try {
    return read(file)
  } finally {
    file.close()
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
