/** HKDF-Expand-Label of TLS 1.3 (RFC 8446 section 7.1). */
import { concat, u16, utf8 } from '../../core/index.ts'
import { type HkdfHash, hkdfExpand } from '../../crypto/index.ts'

const PREFIX = 'tls13 '

/**
 * @param label ASCII without the `tls13 ` prefix, at most 249 bytes
 * @param context at most 255 bytes
 * @param length bytes of output, up to 255 digests
 * @param hash SHA-256 when absent
 */
export function hkdfExpandLabel(
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
  hash: HkdfHash = 'sha256',
): Uint8Array {
  const name = utf8(PREFIX + label)
  const info = concat(u16(length), Uint8Array.of(name.length), name, Uint8Array.of(context.length), context)
  return hkdfExpand(secret, info, length, hash)
}
