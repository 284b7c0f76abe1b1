/**
 * Writes header blocks (RFC 7541) as Chrome does. Encoders are free in what they put into the table and when they write
 * plain text, so that their choices show: in sizes to an onlooker, in bytes to whoever ends TLS.
 */
import { concat, utf8 } from '../../../../core/index.ts'
import type { HeaderField } from '../request/requests.ts'
import { STATIC_TABLE } from './hpack-tables.ts'
import { huffmanEncode, huffmanLength } from './huffman.ts'

/** What a field costs in the table beside its bytes (section 4.1). */
const ENTRY_OVERHEAD = 32
/** Of a table nobody has changed (section 4.2). Bytes. */
const INITIAL_TABLE_BYTES = 4096
/** However much a server allows. */
const TABLE_BYTES_MOST = 65_536

const INDEXED = { flag: 0x80, bits: 7 } as const
const INDEXING = { flag: 0x40, bits: 6 } as const
const SIZE_UPDATE = { flag: 0x20, bits: 5 } as const
const NOT_INDEXING = { flag: 0x00, bits: 4 } as const
const HUFFMAN = { flag: 0x80, bits: 7 } as const
const PLAIN = { flag: 0x00, bits: 7 } as const

type Prefix = { readonly flag: number; readonly bits: number }

export class HpackEncoder {
  /** Youngest first, as it is numbered. */
  readonly #entries: HeaderField[] = []
  #usedBytes = 0
  #tableBytes = INITIAL_TABLE_BYTES
  /** What is to be announced: the smallest size since the last block, and the present one. */
  #resized: { smallest: number } | undefined

  /** The server's SETTINGS_HEADER_TABLE_SIZE. */
  resize(bytes: number): void {
    const allowed = Math.min(bytes, TABLE_BYTES_MOST)
    if (allowed === this.#tableBytes) return
    this.#tableBytes = allowed
    this.#resized = { smallest: Math.min(this.#resized?.smallest ?? allowed, allowed) }
    this.#evict(0)
  }

  /** @param fields with names in lower case, those of the pseudo headers first */
  encode(fields: readonly HeaderField[]): Uint8Array {
    const parts: Uint8Array[] = []
    if (this.#resized !== undefined) {
      const { smallest } = this.#resized
      if (smallest < this.#tableBytes) parts.push(integer(SIZE_UPDATE, smallest))
      parts.push(integer(SIZE_UPDATE, this.#tableBytes))
      this.#resized = undefined
    }
    for (const [name, value] of fields) {
      // Each cookie has a field of its own (RFC 9113 section 8.2.3).
      for (const each of name === 'cookie' ? value.split('; ') : [value]) parts.push(this.#field(name, each))
    }
    return concat(...parts)
  }

  #field(name: string, value: string): Uint8Array {
    const whole = this.#find((field) => field[0] === name && field[1] === value)
    if (whole !== undefined) return integer(INDEXED, whole)
    const known = this.#find((field) => field[0] === name)
    // Of the pseudo headers only this one comes back often.
    const isKept = !name.startsWith(':') || name === ':authority'
    const head = integer(isKept ? INDEXING : NOT_INDEXING, known ?? 0)
    const named = known === undefined ? [head, string(name)] : [head]
    if (isKept) this.#insert([name, value])
    return concat(...named, string(value))
  }

  #find(isMeant: (field: HeaderField) => boolean): number | undefined {
    const known = STATIC_TABLE.findIndex(isMeant)
    if (known >= 0) return known + 1
    const kept = this.#entries.findIndex(isMeant)
    return kept < 0 ? undefined : STATIC_TABLE.length + kept + 1
  }

  #insert(field: HeaderField): void {
    const bytes = entryBytes(field)
    this.#evict(bytes)
    if (bytes > this.#tableBytes) return
    this.#entries.unshift(field)
    this.#usedBytes += bytes
  }

  #evict(forBytes: number): void {
    while (this.#usedBytes + forBytes > this.#tableBytes) {
      const oldest = this.#entries.pop()
      if (oldest === undefined) return
      this.#usedBytes -= entryBytes(oldest)
    }
  }
}

function entryBytes([name, value]: HeaderField): number {
  return name.length + value.length + ENTRY_OVERHEAD
}

/** Section 5.1. */
function integer({ flag, bits }: Prefix, value: number): Uint8Array {
  const most = 2 ** bits - 1
  if (value < most) return Uint8Array.of(flag | value)
  const out = [flag | most]
  let left = value - most
  for (; left >= 128; left = Math.floor(left / 128)) out.push(0x80 | (left & 0x7f))
  out.push(left)
  return Uint8Array.from(out)
}

/** Section 5.2: coded where that is shorter. */
function string(text: string): Uint8Array {
  const bytes = utf8(text)
  if (huffmanLength(bytes) >= bytes.length) return concat(integer(PLAIN, bytes.length), bytes)
  const coded = huffmanEncode(bytes)
  return concat(integer(HUFFMAN, coded.length), coded)
}
