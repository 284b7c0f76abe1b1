/** The file of one mix key: its private half and the secret of its replay filter. Mode 0600, gone with the epoch. */
import { AivError, toHex, utf8 } from '../../core/index.ts'
import { type X25519KeyPair, x25519 } from '../../crypto/index.ts'
import { JsonFields } from '../../identity/index.ts'
import { FILTER_SECRET_BYTES } from '../replay/index.ts'

export interface StoredMixKey {
  readonly epoch: number
  readonly key: X25519KeyPair
  /** 16 bytes. */
  readonly filterSecret: Uint8Array
}

const VERSION = 1

export function encodeKeyFile({ epoch, key, filterSecret }: StoredMixKey): Uint8Array {
  return utf8(
    `${JSON.stringify({
      v: VERSION,
      epoch,
      public_key: toHex(key.publicKey),
      private_key: toHex(key.exportPrivate()),
      filter_secret: toHex(filterSecret),
    })}\n`,
  )
}

/** @throws AivError `E_MALFORMED` */
export function decodeKeyFile(bytes: Uint8Array): StoredMixKey {
  const fields = JsonFields.ofJson(bytes)
  if (fields.integer('v') !== VERSION) throw new AivError('E_MALFORMED', 'it is of another version')
  const epoch = fields.integer('epoch')
  const publicKey = fields.bytes('public_key', 32)
  const key = x25519.fromPrivate(fields.bytes('private_key', 32))
  const filterSecret = fields.bytes('filter_secret', FILTER_SECRET_BYTES)
  fields.finish()
  // A private key that a failing disk changed would open nothing, and nobody would know why.
  if (toHex(publicKey) !== toHex(key.publicKey))
    throw new AivError('E_MALFORMED', 'its private key does not fit its public key')
  return { epoch, key, filterSecret }
}
