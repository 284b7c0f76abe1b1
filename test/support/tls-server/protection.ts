/** One direction of protected records (RFC 8446 section 5.2), on the ciphers of node:crypto. */
import { type CipherGCMTypes, createCipheriv, createDecipheriv } from 'node:crypto'
import { expanded, type Suite } from './suites.ts'
import { joined, number, vector } from './wire.ts'

const TAG_BYTES = 16
const NOTHING = new Uint8Array(0)

export class Protection {
  readonly #suite: Suite
  readonly secret: Uint8Array
  readonly key: Uint8Array
  readonly #iv: Uint8Array
  #count = 0

  constructor(suite: Suite, secret: Uint8Array) {
    this.#suite = suite
    this.secret = secret
    this.key = expanded(suite, secret, 'key', NOTHING, suite.keyBytes)
    this.#iv = expanded(suite, secret, 'iv', NOTHING, 12)
  }

  /** A record. @param type 0 writes none behind the content */
  sealed(type: number, content: Uint8Array, padding = 0): Uint8Array {
    const inner = joined(content, type === 0 ? NOTHING : Uint8Array.of(type), new Uint8Array(padding))
    const header = joined(Uint8Array.of(23, 3, 3), number(inner.length + TAG_BYTES, 2))
    // The types know AEADs by GCM; ChaCha20-Poly1305 has the same methods.
    const name = this.#suite.cipher as CipherGCMTypes
    const cipher = createCipheriv(name, this.key, this.#nonce(), { authTagLength: TAG_BYTES })
    cipher.setAAD(header)
    return joined(header, cipher.update(inner), cipher.final(), cipher.getAuthTag())
  }

  /** @throws Error when it is not of this key */
  opened(record: Uint8Array): { readonly type: number; readonly content: Uint8Array } {
    const name = this.#suite.cipher as CipherGCMTypes
    const decipher = createDecipheriv(name, this.key, this.#nonce(), { authTagLength: TAG_BYTES })
    decipher.setAAD(record.subarray(0, 5))
    decipher.setAuthTag(record.subarray(-TAG_BYTES))
    const inner = joined(decipher.update(record.subarray(5, -TAG_BYTES)), decipher.final())
    const end = inner.findLastIndex((byte) => byte !== 0)
    return { type: inner[end] ?? 0, content: inner.slice(0, end) }
  }

  #nonce(): Uint8Array {
    const nonce = this.#iv.slice()
    for (const [at, byte] of number(this.#count++, 8).entries()) nonce[at + 4] = (nonce[at + 4] ?? 0) ^ byte
    return nonce
  }
}

export function plain(type: number, content: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(type, 3, 3), vector(2, content))
}
