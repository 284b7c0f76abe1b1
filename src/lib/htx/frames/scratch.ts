/**
 * One array for the pieces of a frame. A copy costs a tenth of an `update` for each piece, and the cipher then gives one
 * buffer for the whole frame.
 */
let scratch = new Uint8Array(64 * 1024)

/** The pieces in one array, valid until the next call. @param length of all pieces together */
export function joinPieces(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = pieces
  if (pieces.length === 1 && only !== undefined) return only
  if (length > scratch.length) scratch = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    scratch.set(piece, at)
    at += piece.length
  }
  return scratch.subarray(0, length)
}

/** Forgets the first `length` bytes of what was joined last. */
export function eraseJoined(length: number): void {
  scratch.fill(0, 0, length)
}
