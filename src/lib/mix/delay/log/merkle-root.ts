/** The Merkle tree hash of a list (RFC 9162 section 2.1.1) while it streams by: as many hashes as the tree is high. */
import { EMPTY } from '../../../core/index.ts'
import { sha256 } from '../../../crypto/index.ts'

/** A leaf must never pass for a node: without the prefixes two lists could have one root. */
const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

export class MerkleRoot {
  /** Roots of full subtrees, largest first. */
  readonly #subtrees: Uint8Array[] = []
  #count = 0

  add(leaf: Uint8Array): void {
    let hash = sha256(LEAF, leaf)
    for (let size = this.#count; size % 2 === 1; size = (size - 1) / 2)
      hash = sha256(NODE, this.#subtrees.pop() ?? EMPTY, hash)
    this.#subtrees.push(hash)
    this.#count++
  }

  /** Root of what was added so far, 32 bytes. */
  root(): Uint8Array {
    const root = this.#subtrees.reduceRight<Uint8Array | undefined>(
      (right, left) => (right === undefined ? left : sha256(NODE, left, right)),
      undefined,
    )
    return root ?? sha256()
  }
}
