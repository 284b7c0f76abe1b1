/** Memory that goes back before the garbage collector finds it. */

/** Smaller buffers are not worth the call. Bytes. */
const LEAST_BYTES = 4096

/** Bytes of each buffer that are still in use, where it is released in parts. */
const inUse = new WeakMap<ArrayBufferLike, number>()

/**
 * Detaches the buffers of arrays that nobody reads any more, which frees their memory now; the arrays become empty.
 * Left to the collector, hundreds of megabytes a second start several full collections a second, since buffers do not
 * count towards the cheap ones, and every new buffer is cold. Arrays that are a part of a buffer are left alone, unless
 * it was given to {@link releaseInParts}.
 */
export function releaseBuffers(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    if (byteLength !== buffer.byteLength && !isLastPart(buffer, byteLength)) continue
    if (buffer.byteLength >= LEAST_BYTES && buffer instanceof ArrayBuffer) buffer.transfer(0)
  }
}

/**
 * Has the buffer of an array freed once as many bytes of it as there are were given to {@link releaseBuffers}: each
 * part of it once, by whoever reads it last.
 * @param whole nobody else reads it; left alone when it is itself a part of a buffer
 */
export function releaseInParts({ buffer, byteLength }: Uint8Array): void {
  if (byteLength >= LEAST_BYTES && byteLength === buffer.byteLength) inUse.set(buffer, byteLength)
}

function isLastPart(buffer: ArrayBufferLike, bytes: number): boolean {
  const before = inUse.get(buffer)
  if (before === undefined) return false
  inUse.set(buffer, before - bytes)
  return before === bytes
}
