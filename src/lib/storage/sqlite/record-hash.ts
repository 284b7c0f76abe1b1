/**
 * The hash beside each record. SQLite has no page checksums: a bit that flips on the disk would be returned as
 * good. It finds damage, not forgery: whoever can write the file can write a fitting hash too. Values that an
 * attacker with the disk must not alter carry their own AEAD tag or signature.
 */
import { utf8 } from '../../core/index.ts'
import { sha256 } from '../../crypto/index.ts'
import { RECORD_HASH_BYTES } from '../constants.ts'

const LABEL = utf8('aivillage record v1')

/**
 * `SHA-256(label ‖ u8 namespace length ‖ namespace ‖ u16 key length ‖ key ‖ value)`, first 16 bytes. The lengths
 * keep a byte that moves from key to value from going unseen.
 */
export class RecordHasher {
  readonly #start: Uint8Array

  /** @param namespace the schema name: a record copied in from another store does not fit */
  constructor(namespace: string) {
    const name = utf8(namespace)
    this.#start = new Uint8Array(LABEL.length + 1 + name.length + 2)
    this.#start.set(LABEL)
    this.#start[LABEL.length] = name.length
    this.#start.set(name, LABEL.length + 1)
  }

  hash(key: Uint8Array, value: Uint8Array): Uint8Array {
    this.#start[this.#start.length - 2] = key.length >>> 8
    this.#start[this.#start.length - 1] = key.length
    return sha256(this.#start, key, value).subarray(0, RECORD_HASH_BYTES)
  }
}
