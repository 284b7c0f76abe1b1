/** scrypt and Argon2id by node:crypto, on its thread pool. Argon2 came with Node 24.7. */
import * as nodeCrypto from 'node:crypto'
import { promisify } from 'node:util'
import { checkArgon2idParameters, checkScryptParameters, scryptMemoryBytes } from '../passphrase-limits.ts'
import type { CryptoProvider } from '../provider.ts'
import { plain } from './bytes.ts'

const scryptAsync = promisify<Uint8Array, Uint8Array, number, nodeCrypto.ScryptOptions, Buffer>(
  nodeCrypto.scrypt,
)

export const scrypt: CryptoProvider['scrypt'] = async (passphrase, salt, parameters) => {
  checkScryptParameters(parameters)
  const { N, r, p, length } = parameters
  // node:crypto refuses above `maxmem`, 32 MiB by default; our own bound was checked above.
  const maxmem = scryptMemoryBytes(parameters) + 2 ** 20
  return plain(await scryptAsync(passphrase, salt, length, { N, r, p, maxmem }))
}

export const argon2id: CryptoProvider['argon2id'] = async (passphrase, salt, parameters) => {
  if (typeof nodeCrypto.argon2 !== 'function') {
    const noble = await import('../noble/passphrase.ts')
    return noble.argon2id(passphrase, salt, parameters)
  }
  checkArgon2idParameters(salt, parameters)
  const { memoryKiB, passes, parallelism, length, secret, associatedData } = parameters
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  nodeCrypto.argon2(
    'argon2id',
    {
      message: passphrase,
      nonce: salt,
      memory: memoryKiB,
      passes,
      parallelism,
      tagLength: length,
      ...(secret && { secret }),
      ...(associatedData && { associatedData }),
    },
    (error, derived) => (error ? reject(error) : resolve(plain(derived))),
  )
  return promise
}
