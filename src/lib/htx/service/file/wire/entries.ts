/** The answer of `list`: one CBOR array of maps, up to 16 MiB, sorted by the bytes of the names. */
import {
  AivError,
  type CborMap,
  compare,
  concat,
  encodeCbor,
  encodeVarint,
  utf8,
} from '../../../../core/index.ts'
import { LIST_MOST, MTIME_MOST } from '../constants.ts'
import { segmentProblem } from '../disk/names.ts'
import { elementsOf } from './cbor-array.ts'
import { decodeItem, flag, text, unsigned } from './items.ts'

export interface FileEntry {
  /** One segment. */
  readonly name: string
  /** Bytes; 0 for a directory. */
  readonly size: number
  /** Unix seconds, up to the end of the year 9999; later ones are read as that. */
  readonly mtime: number
  readonly dir: boolean
}

/** Collects entries until they no longer fit into one answer. */
export class EntryList {
  readonly #items: { readonly name: Uint8Array; readonly body: Uint8Array }[] = []
  #bytes = 0

  /** @throws AivError `E_TOO_LARGE` beyond 16 MiB */
  add({ name, size, mtime, dir }: FileEntry): void {
    const body = encodeCbor({ name, size, mtime, dir })
    this.#bytes += body.length
    // Head of the array: at most 5 bytes.
    if (this.#bytes + 5 > LIST_MOST)
      throw new AivError('E_TOO_LARGE', `the directory has more entries than ${LIST_MOST} bytes can list`)
    this.#items.push({ name: utf8(name), body })
  }

  /** The array behind its length. */
  encode(): Uint8Array {
    this.#items.sort((a, b) => compare(a.name, b.name))
    const head = arrayHead(this.#items.length)
    return concat(encodeVarint(head.length + this.#bytes), head, ...this.#items.map(({ body }) => body))
  }
}

/**
 * Decodes the array. Entry by entry, so that what a hostile answer costs in memory is a small multiple of its bytes.
 * @throws AivError `E_MALFORMED`: also for names that are not allowed, out of order or twice there
 */
export function decodeEntries(bytes: Uint8Array): FileEntry[] {
  const entries: FileEntry[] = []
  let previous: Uint8Array | undefined
  for (const element of elementsOf(bytes)) {
    const entry = entryFrom(decodeItem(element))
    const name = utf8(entry.name)
    if (previous !== undefined && compare(previous, name) >= 0)
      throw new AivError('E_MALFORMED', 'the entries of the list are not sorted')
    previous = name
    entries.push(entry)
  }
  return entries
}

function entryFrom(map: CborMap): FileEntry {
  const name = text(map, 'name')
  const problem = segmentProblem(name)
  if (problem !== undefined) throw new AivError('E_MALFORMED', `a name in the list ${problem}`)
  return {
    name,
    size: unsigned(map, 'size'),
    mtime: Math.min(MTIME_MOST, unsigned(map, 'mtime')),
    dir: flag(map, 'dir'),
  }
}

function arrayHead(length: number): Uint8Array {
  const head = encodeCbor(length)
  head[0] = (head[0] as number) | 0x80
  return head
}
