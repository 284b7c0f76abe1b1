/**
 * The file of one mix key: its private half and the secret of its replay filter. Mode 0600, gone with the epoch.
 *
 *     "aiv-mix-key-v1" and two zeros 16 | epoch u64 | private key 32 | filter secret 16 | checksum 8
 *
 * Bytes and no text, because texts cannot be erased from memory. The checksum is the head of the SHA-256 of the rest: with
 * a wrong bit in the secret, every tag of the log would stand in the wrong place and every replay would pass.
 */
import { AivError, concat, equal, readU64, u64, utf8 } from '../../core/index.ts'
import { erase, sha256, type X25519KeyPair, x25519 } from '../../crypto/index.ts'
import { FILTER_SECRET_BYTES } from '../replay/index.ts'

export interface StoredMixKey {
  readonly epoch: number
  readonly key: X25519KeyPair
  /** 16 bytes. */
  readonly filterSecret: Uint8Array
}

const MAGIC = utf8('aiv-mix-key-v1\0\0')
const EPOCH_AT = MAGIC.length
const PRIVATE_AT = EPOCH_AT + 8
const SECRET_AT = PRIVATE_AT + 32
const CHECKSUM_AT = SECRET_AT + FILTER_SECRET_BYTES
const CHECKSUM_BYTES = 8
export const KEY_FILE_BYTES = CHECKSUM_AT + CHECKSUM_BYTES

/** The caller erases the bytes. */
export function encodeKeyFile({ epoch, key, filterSecret }: StoredMixKey): Uint8Array {
  const privateKey = key.exportPrivate()
  const body = concat(MAGIC, u64(epoch), privateKey, filterSecret)
  const file = concat(body, sha256(body).subarray(0, CHECKSUM_BYTES))
  erase(privateKey, body)
  return file
}

/**
 * The caller erases the bytes.
 * @throws AivError `E_MALFORMED`
 */
export function decodeKeyFile(bytes: Uint8Array): StoredMixKey {
  const body = bytes.subarray(0, CHECKSUM_AT)
  const isKeyFile =
    bytes.length === KEY_FILE_BYTES &&
    equal(bytes.subarray(0, EPOCH_AT), MAGIC) &&
    equal(bytes.subarray(CHECKSUM_AT), sha256(body).subarray(0, CHECKSUM_BYTES))
  const epoch = isKeyFile ? readU64(bytes, EPOCH_AT) : 0n
  if (!isKeyFile || epoch > Number.MAX_SAFE_INTEGER)
    throw new AivError('E_MALFORMED', 'it is not the file of a mix key')
  return {
    epoch: Number(epoch),
    key: x25519.fromPrivate(bytes.subarray(PRIVATE_AT, SECRET_AT)),
    filterSecret: bytes.slice(SECRET_AT, CHECKSUM_AT),
  }
}
