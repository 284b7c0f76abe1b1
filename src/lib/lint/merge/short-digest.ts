import { toHex } from '../../core/index.ts'
import { sha256 } from '../../crypto/digest.ts'

/** 16 hex digits that follow from the text: enough to tell things of one document apart, no proof of anything. */
export function shortDigest(text: string): string {
  return toHex(sha256(new TextEncoder().encode(text.toWellFormed()))).slice(0, 16)
}
