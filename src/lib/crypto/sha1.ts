/** SHA-1 (FIPS 180-4), for the handshake of WebSocket, which is defined by it. It protects nothing there. */
import { hash } from 'node:crypto'
import { plain } from './node/bytes.ts'

/** 20 bytes. */
export function sha1(bytes: Uint8Array): Uint8Array {
  return plain(hash('sha1', bytes, 'buffer'))
}
