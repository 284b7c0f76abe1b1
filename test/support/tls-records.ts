/** TLS records around handshake bytes, cut as a test wants them. */

const HANDSHAKE = 22
const HEADER_BYTES = 5

/** One handshake record of version 3.1. */
export function handshakeRecord(fragment: Uint8Array): Uint8Array {
  return Uint8Array.of(HANDSHAKE, 3, 1, fragment.length >> 8, fragment.length & 0xff, ...fragment)
}

/** The same message as `record`, in records that end behind these many of its bytes. */
export function inRecords(record: Uint8Array, ends: readonly number[]): Uint8Array {
  const message = record.subarray(HEADER_BYTES)
  const starts = [0, ...ends]
  const fragments = starts.map((start, index) => message.subarray(start, starts[index + 1]))
  return Uint8Array.from(fragments.flatMap((fragment) => [...handshakeRecord(fragment)]))
}
