/** Reads a document of revealed delays as a stream: an epoch of a busy mix has gigabytes of lines. */
import { AivError, compare, concat, equal, readU32, toHex } from '../../../core/index.ts'
import { LEAF_BYTES, LEAF_ID_BYTES } from '../log/leaf.ts'
import { MerkleRoot } from '../log/merkle-root.ts'
import { MOST_HEADER_BYTES, parseRevealHeader, type RevealHeader, SIGNATURE_BYTES } from '../log/reveal.ts'

export interface RevealRead {
  readonly header: RevealHeader
  /** The bytes that are signed. */
  readonly headerBytes: Uint8Array
  readonly signature: Uint8Array
  /** Whether ids ascend strictly, so that no line stands twice or out of place. */
  readonly isSorted: boolean
  /** Whether the lines are as many as the header says and have its root. */
  readonly isWhole: boolean
  /** Lines that were asked for, by hex id. */
  readonly found: ReadonlyMap<string, Uint8Array>
}

/**
 * @param wanted hex ids of the lines to keep
 * @throws AivError `E_MALFORMED` when it is no such document
 */
export async function readReveal(
  chunks: AsyncIterable<Uint8Array>,
  wanted: ReadonlySet<string>,
): Promise<RevealRead> {
  const reader = new RevealReader(wanted)
  for await (const chunk of chunks) reader.push(chunk)
  return reader.finish()
}

class RevealReader {
  readonly #wanted: ReadonlySet<string>
  readonly #merkle = new MerkleRoot()
  readonly #found = new Map<string, Uint8Array>()
  #rest: Uint8Array = new Uint8Array(0)
  #head: Pick<RevealRead, 'header' | 'headerBytes' | 'signature'> | undefined
  #previous: Uint8Array | undefined
  #isSorted = true
  #count = 0

  constructor(wanted: ReadonlySet<string>) {
    this.#wanted = wanted
  }

  push(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? chunk : concat(this.#rest, chunk)
    let at = this.#head === undefined ? this.#takeHead(bytes) : 0
    if (this.#head !== undefined)
      for (; at + LEAF_BYTES <= bytes.length; at += LEAF_BYTES)
        this.#takeLeaf(bytes.subarray(at, at + LEAF_BYTES))
    // Less than a line, or than a header: chunks that come byte by byte cost no more than that each.
    this.#rest = bytes.slice(at)
  }

  finish(): RevealRead {
    if (this.#head === undefined || this.#rest.length > 0)
      throw new AivError('E_MALFORMED', 'the document of revealed delays is cut off')
    const { header } = this.#head
    return {
      ...this.#head,
      isSorted: this.#isSorted,
      isWhole: this.#count === header.count && equal(this.#merkle.root(), header.root),
      found: this.#found,
    }
  }

  #takeHead(bytes: Uint8Array): number {
    if (bytes.length < 4) return 0
    const length = readU32(bytes, 0)
    if (length > MOST_HEADER_BYTES)
      throw new AivError('E_MALFORMED', 'not a document of revealed delays: its header is too long')
    const end = 4 + length + SIGNATURE_BYTES
    if (bytes.length < end) return 0
    const headerBytes = bytes.slice(4, 4 + length)
    this.#head = {
      header: parseRevealHeader(headerBytes),
      headerBytes,
      signature: bytes.slice(4 + length, end),
    }
    return end
  }

  #takeLeaf(leaf: Uint8Array): void {
    const id = leaf.slice(0, LEAF_ID_BYTES)
    if (this.#previous !== undefined && compare(this.#previous, id) >= 0) this.#isSorted = false
    this.#previous = id
    this.#merkle.add(leaf)
    this.#count++
    const hex = toHex(id)
    if (this.#wanted.has(hex)) this.#found.set(hex, leaf.slice())
  }
}
