/** Hashes and ciphers of the suites of TLS 1.3 (RFC 8446 appendix B.4), and HKDF (RFC 5869) on HMAC alone. */
import { createHash, createHmac } from 'node:crypto'
import { joined, number, vector } from './wire.ts'

export interface Suite {
  readonly code: number
  readonly hash: 'sha256' | 'sha384'
  readonly hashBytes: number
  readonly cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305'
  readonly keyBytes: number
}

const SUITES: readonly Suite[] = [
  { code: 0x1301, hash: 'sha256', hashBytes: 32, cipher: 'aes-128-gcm', keyBytes: 16 },
  { code: 0x1302, hash: 'sha384', hashBytes: 48, cipher: 'aes-256-gcm', keyBytes: 32 },
  { code: 0x1303, hash: 'sha256', hashBytes: 32, cipher: 'chacha20-poly1305', keyBytes: 32 },
]

/** For a code that no suite has: the keys of the first. The client is to refuse before it matters. */
export function suiteOf(code: number): Suite {
  return SUITES.find((suite) => suite.code === code) ?? (SUITES[0] as Suite)
}

export function hashed({ hash }: Suite, ...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(
    createHash(hash)
      .update(joined(...parts))
      .digest(),
  )
}

export function mac({ hash }: Suite, key: Uint8Array, content: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac(hash, key).update(content).digest())
}

/** HKDF-Expand-Label (RFC 8446 section 7.1). */
export function expanded(
  suite: Suite,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const name = Buffer.from(`tls13 ${label}`)
  const info = joined(number(length, 2), vector(1, name), vector(1, context))
  let [output, last] = [new Uint8Array(0), new Uint8Array(0)] as [Uint8Array, Uint8Array]
  for (let counter = 1; output.length < length; counter++) {
    last = mac(suite, secret, joined(last, info, Uint8Array.of(counter)))
    output = joined(output, last)
  }
  return output.slice(0, length)
}
