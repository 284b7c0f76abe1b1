/** ClientHello records that lie in one piece in a capture, found by their first bytes. */
import { readFileSync } from 'node:fs'
import { type ReferenceHello, readRecord } from './reference-reader.ts'

/** Handshake record, version 3.1, ClientHello. */
const PATTERN = [0x16, 0x03, 0x01] as const

/** Those that a packet boundary cuts are no whole records, and are left out. */
export function capturedInFile(path: string): readonly ReferenceHello[] {
  const bytes = readFileSync(path)
  const found: ReferenceHello[] = []
  for (
    let at = bytes.indexOf(Buffer.from(PATTERN));
    at >= 0;
    at = bytes.indexOf(Buffer.from(PATTERN), at + 1)
  ) {
    try {
      found.push(readRecord(bytes.subarray(at, at + 5 + bytes.readUInt16BE(at + 3))))
    } catch {
      // Three bytes that are no beginning of a hello.
    }
  }
  return found
}
