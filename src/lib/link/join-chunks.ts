/** Joining the small chunks of a queue, where a call per chunk would cost more than the copy. */

/**
 * One array with `chunks` in order; a single chunk as it is.
 * @param bytes length of all chunks together
 */
export function joinChunks(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const [only] = chunks
  if (chunks.length === 1 && only !== undefined) return only
  // Without clearing: every byte is written below.
  const joined = Buffer.allocUnsafeSlow(bytes)
  let at = 0
  for (const chunk of chunks) {
    joined.set(chunk, at)
    at += chunk.length
  }
  return joined
}
