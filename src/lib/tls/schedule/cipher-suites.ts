/** The cipher suites of TLS 1.3 (RFC 8446 appendix B.4) that are spoken. */
import {
  AEAD_KEY_BYTES,
  AES128_KEY_BYTES,
  AES256_KEY_BYTES,
  aes128gcm,
  aes256gcm,
  chacha20poly1305,
  HASH_BYTES,
  type HkdfHash,
  type PartsAead,
  SHA384_BYTES,
} from '../../crypto/index.ts'

export interface CipherSuite {
  readonly code: number
  readonly name: string
  readonly hash: HkdfHash
  /** Digest and secrets. */
  readonly hashBytes: number
  readonly aead: PartsAead
  readonly keyBytes: number
  /**
   * Records under one key before a new one is due (RFC 8446 section 5.5: about 2^24.5 full ones for AES-GCM). The
   * same for ChaCha20-Poly1305, which could bear more.
   */
  readonly recordsMost: number
}

const RECORDS_MOST = 2 ** 24

export const CIPHER_SUITES: ReadonlyMap<number, CipherSuite> = new Map(
  [
    {
      code: 0x1301,
      name: 'TLS_AES_128_GCM_SHA256',
      hash: 'sha256',
      hashBytes: HASH_BYTES,
      aead: aes128gcm,
      keyBytes: AES128_KEY_BYTES,
      recordsMost: RECORDS_MOST,
    } as const,
    {
      code: 0x1302,
      name: 'TLS_AES_256_GCM_SHA384',
      hash: 'sha384',
      hashBytes: SHA384_BYTES,
      aead: aes256gcm,
      keyBytes: AES256_KEY_BYTES,
      recordsMost: RECORDS_MOST,
    } as const,
    {
      code: 0x1303,
      name: 'TLS_CHACHA20_POLY1305_SHA256',
      hash: 'sha256',
      hashBytes: HASH_BYTES,
      aead: chacha20poly1305,
      keyBytes: AEAD_KEY_BYTES,
      recordsMost: RECORDS_MOST,
    } as const,
  ].map((suite) => [suite.code, suite]),
)
