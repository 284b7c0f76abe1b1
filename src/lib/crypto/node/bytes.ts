/**
 * Plain `Uint8Array` view of a Buffer that node:crypto returned. Buffers leak a different `slice` and `toString`
 * into code that expects bytes.
 */
export function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
