/** Handling of secret bytes. */
import { timingSafeEqual } from 'node:crypto'

/** Compares in time that depends on the lengths only. Different lengths are unequal. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/**
 * Overwrites secrets with zeros. The garbage collector may have moved earlier copies, so this shortens the life
 * of a secret in memory; it cannot promise that no trace is left.
 */
export function erase(...arrays: readonly (Uint8Array | undefined)[]): void {
  for (const array of arrays) array?.fill(0)
}
