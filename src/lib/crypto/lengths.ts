/** Length checks that both providers apply before any primitive sees the bytes. */
import { AivError } from '../core/index.ts'

/** @throws AivError `E_CRYPTO` unless `bytes` is exactly `length` long; `what` names it, never shows it */
export function requireLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw new AivError('E_CRYPTO', `${what} is not ${length} bytes long`)
}

/** @throws AivError `E_CRYPTO` unless the parts add up to `length` */
export function requirePartsLength(parts: readonly Uint8Array[], length: number): void {
  let sum = 0
  for (const part of parts) sum += part.length
  if (sum !== length) throw new AivError('E_CRYPTO', 'the parts do not add up to the stated length')
}

/** Views of `joined` with the lengths of `parts`, in order. */
export function splitLike(joined: Uint8Array, parts: readonly Uint8Array[]): Uint8Array[] {
  let at = 0
  return parts.map((part) => {
    const start = at
    at += part.length
    return joined.subarray(start, at)
  })
}
