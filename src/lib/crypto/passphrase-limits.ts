/**
 * Bounds on passphrase hashing. Parameters come out of key files, and a key file may be hostile: without bounds
 * it could ask for more memory or hours than the machine has.
 */
import { AivError } from '../core/index.ts'
import type { Argon2idParameters, ScryptParameters } from './provider.ts'

/** 1 GiB. */
const MAX_MEMORY_BYTES = 2 ** 30
/** Sequential work relative to one pass over the memory. */
const MAX_PASSES = 64
const MAX_LANES = 64
const MAX_OUTPUT_BYTES = 1024

function requireInteger(value: number, min: number, max: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < min) throw new AivError('E_CRYPTO', `${what} is not valid`)
  if (value > max) throw new AivError('E_TOO_LARGE', `${what} is above ${max}`)
}

/** Bytes scrypt needs (RFC 7914 section 2: B is 128rp, V is 128rN, with working space beside them). */
export function scryptMemoryBytes({ N, r, p }: ScryptParameters): number {
  return 128 * r * (N + p + 2)
}

export function checkScryptParameters(parameters: ScryptParameters): void {
  const { N, r, p, length } = parameters
  requireInteger(N, 2, MAX_MEMORY_BYTES / 128, 'scrypt N')
  if ((N & (N - 1)) !== 0) throw new AivError('E_CRYPTO', 'scrypt N is not a power of two')
  requireInteger(r, 1, MAX_MEMORY_BYTES / 128, 'scrypt r')
  requireInteger(p, 1, MAX_PASSES, 'scrypt p')
  requireInteger(length, 1, MAX_OUTPUT_BYTES, 'scrypt length')
  requireInteger(scryptMemoryBytes(parameters), 1, MAX_MEMORY_BYTES + 2 ** 20, 'scrypt memory in bytes')
}

export function checkArgon2idParameters(salt: Uint8Array, parameters: Argon2idParameters): void {
  const { memoryKiB, passes, parallelism, length } = parameters
  requireInteger(parallelism, 1, MAX_LANES, 'argon2id parallelism')
  // RFC 9106 section 3.1: at least eight blocks a lane, eight bytes of salt here as node:crypto demands.
  requireInteger(memoryKiB, 8 * parallelism, MAX_MEMORY_BYTES / 1024, 'argon2id memory in KiB')
  requireInteger(passes, 1, MAX_PASSES, 'argon2id passes')
  requireInteger(length, 4, MAX_OUTPUT_BYTES, 'argon2id length')
  if (salt.length < 8) throw new AivError('E_CRYPTO', 'argon2id salt is shorter than 8 bytes')
}
