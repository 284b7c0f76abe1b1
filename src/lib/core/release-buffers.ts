/** Memory that goes back before the garbage collector finds it. */

/** Smaller buffers are not worth the call. Bytes. */
const LEAST_BYTES = 4096

/**
 * Detaches the buffers of arrays that nobody reads any more, which frees their memory now; the arrays become empty.
 * Left to the collector, hundreds of megabytes a second start several full collections a second, since buffers do not
 * count towards the cheap ones, and every new buffer is cold. Arrays that are a part of a buffer are left alone.
 */
export function releaseBuffers(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    if (byteLength < LEAST_BYTES || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer))
      continue
    buffer.transfer(0)
  }
}
