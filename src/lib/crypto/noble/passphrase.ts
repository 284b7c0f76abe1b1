/** scrypt and Argon2id by @noble/hashes; they yield to the event loop while they work. */
import { argon2idAsync } from '@noble/hashes/argon2.js'
import { scryptAsync } from '@noble/hashes/scrypt.js'
import { checkArgon2idParameters, checkScryptParameters, scryptMemoryBytes } from '../passphrase-limits.ts'
import type { CryptoProvider } from '../provider.ts'

export const scrypt: CryptoProvider['scrypt'] = async (passphrase, salt, parameters) => {
  checkScryptParameters(parameters)
  const { N, r, p, length } = parameters
  return scryptAsync(passphrase, salt, { N, r, p, dkLen: length, maxmem: scryptMemoryBytes(parameters) })
}

export const argon2id: CryptoProvider['argon2id'] = async (passphrase, salt, parameters) => {
  checkArgon2idParameters(salt, parameters)
  const { memoryKiB, passes, parallelism, length, secret, associatedData } = parameters
  return argon2idAsync(passphrase, salt, {
    m: memoryKiB,
    t: passes,
    p: parallelism,
    dkLen: length,
    ...(secret && { key: secret }),
    ...(associatedData && { personalization: associatedData }),
  })
}
