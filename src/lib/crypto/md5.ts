/** MD5 (RFC 1321), for published fingerprints that are defined by it. It protects nothing: collisions take seconds. */
import { hash } from 'node:crypto'
import { createRequire } from 'node:module'
import { plain } from './node/bytes.ts'

/** 16 bytes. */
export function md5(bytes: Uint8Array): Uint8Array {
  try {
    return plain(hash('md5', bytes, 'buffer'))
  } catch {
    // An OpenSSL that is restricted to approved algorithms has none.
    const legacy: unknown = createRequire(import.meta.url)('@noble/hashes/legacy.js')
    return (legacy as typeof import('@noble/hashes/legacy.js')).md5(bytes)
  }
}
