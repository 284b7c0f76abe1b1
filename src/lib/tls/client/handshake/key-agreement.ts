/** The secret that client and server share, from the server's share (RFC 8446 section 7.4). */
import { concat, isAivError } from '../../../core/index.ts'
import { MLKEM768_CIPHERTEXT_BYTES, X25519_BYTES } from '../../../crypto/index.ts'
import { ALERT, TlsError } from '../../alert.ts'
import type { KeyShareKeys } from '../../browser/build/key-shares.ts'

const HYBRID_BYTES = MLKEM768_CIPHERTEXT_BYTES + X25519_BYTES

/**
 * @param share the server's, of the group whose keys these are
 * @throws TlsError for a share of another length, a point that is none, or a secret of zeros: `internal_error`, as Chrome
 */
export function sharedSecret(keys: KeyShareKeys, share: Uint8Array): Uint8Array {
  try {
    return agree(keys, share)
  } catch (cause) {
    if (!isAivError(cause, 'E_CRYPTO')) throw cause
    throw new TlsError(ALERT.internalError, `the key share of the server is unusable: ${cause.message}`, {
      cause,
    })
  }
}

function agree({ mlkem768, x25519, p256, p384 }: KeyShareKeys, share: Uint8Array): Uint8Array {
  if (mlkem768 !== undefined && x25519 !== undefined) {
    if (share.length !== HYBRID_BYTES)
      throw new TlsError(ALERT.internalError, 'the key share of the server has another length than its group')
    const ciphertext = share.subarray(0, MLKEM768_CIPHERTEXT_BYTES)
    return concat(
      mlkem768.decapsulate(ciphertext),
      x25519.sharedSecret(share.subarray(MLKEM768_CIPHERTEXT_BYTES)),
    )
  }
  const pair = x25519 ?? p256 ?? p384
  if (pair === undefined) throw new TlsError(ALERT.internalError, 'a key share has no keys')
  return pair.sharedSecret(share)
}

/** All private keys of a hello, once one of them has done its work. */
export function eraseShares(keys: Iterable<KeyShareKeys>): void {
  for (const { mlkem768, x25519, p256, p384 } of keys)
    for (const pair of [mlkem768, x25519, p256, p384]) pair?.erase()
}
