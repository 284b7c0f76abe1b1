/**
 * Protected records (RFC 8446 section 5.2). The nonce is the initialization vector XOR the number of the record, which
 * counts up from 0 and starts anew only with a new key: no pair of key and nonce comes twice.
 */
import { concat, EMPTY, writeU16 } from '../../core/index.ts'
import { AEAD_TAG_BYTES, erase } from '../../crypto/index.ts'
import { ALERT, TlsError } from '../alert.ts'
import type { CipherSuite } from '../schedule/cipher-suites.ts'
import { hkdfExpandLabel } from '../schedule/hkdf-expand-label.ts'
import { CONTENT, PLAINTEXT_MOST, RECORD_HEADER_BYTES, RECORD_VERSION } from './constants.ts'

/** One direction under one key. */
abstract class Protection {
  protected readonly suite: CipherSuite
  protected readonly key: Uint8Array
  readonly #iv: Uint8Array
  #records = 0

  /** @param secret traffic secret of this direction */
  constructor(suite: CipherSuite, secret: Uint8Array) {
    this.suite = suite
    this.key = hkdfExpandLabel(secret, 'key', EMPTY, suite.keyBytes, suite.hash)
    this.#iv = hkdfExpandLabel(secret, 'iv', EMPTY, suite.aead.nonceBytes, suite.hash)
  }

  /** A new key is due. */
  get isWorn(): boolean {
    return this.#records >= this.suite.recordsMost
  }

  erase(): void {
    erase(this.key, this.#iv)
  }

  protected nextNonce(): Uint8Array {
    const nonce = this.#iv.slice()
    // The number stays far below 2^53: a key is worn long before.
    let number = this.#records++
    for (let at = nonce.length - 1; number > 0; at--) {
      nonce[at] = (nonce[at] as number) ^ (number & 0xff)
      number = Math.floor(number / 256)
    }
    return nonce
  }
}

export class RecordSealer extends Protection {
  /**
   * Appends one record to `out`, in pieces: joining them would copy everything that is sent once more.
   * @param content at most 16,384 bytes
   */
  seal(type: number, content: Uint8Array, out: Uint8Array[]): void {
    const header = new Uint8Array(RECORD_HEADER_BYTES)
    header[0] = CONTENT.applicationData
    writeU16(header, 1, RECORD_VERSION.agreed)
    writeU16(header, 3, content.length + 1 + AEAD_TAG_BYTES)
    const { ciphertext, tag } = this.suite.aead.sealParts(
      this.key,
      this.nextNonce(),
      header,
      [content, Uint8Array.of(type)],
      content.length + 1,
    )
    out.push(header, ...ciphertext, tag)
  }
}

export interface OpenedRecord {
  readonly type: number
  readonly content: Uint8Array
}

export class RecordOpener extends Protection {
  /** @throws TlsError when it was not sealed with this key, or holds what it must not */
  open(header: Uint8Array, fragment: Uint8Array): OpenedRecord {
    const inner = this.suite.aead.open(this.key, this.nextNonce(), header, fragment)
    if (inner === undefined)
      throw new TlsError(ALERT.badRecordMac, 'a record of the server was altered on its way')
    // The zeros count too (RFC 8446 section 5.4).
    if (inner.length > PLAINTEXT_MOST + 1)
      throw new TlsError(ALERT.recordOverflow, 'the server sent a record that is too long')
    // Behind the type stand zeros.
    let at = inner.length - 1
    while (at >= 0 && inner[at] === 0) at--
    if (at < 0) throw new TlsError(ALERT.unexpectedMessage, 'the server sent a record without a type')
    return { type: inner[at] as number, content: inner.subarray(0, at) }
  }
}

/** A record that is not protected, as those before the keys are. */
export function plainRecord(
  type: number,
  content: Uint8Array,
  version: number = RECORD_VERSION.agreed,
): Uint8Array {
  const header = new Uint8Array(RECORD_HEADER_BYTES)
  header[0] = type
  writeU16(header, 1, version)
  writeU16(header, 3, content.length)
  return concat(header, content)
}
