/** The provider on node:crypto. */
import { createHkdf } from '../hkdf.ts'
import type { CryptoProvider } from '../provider.ts'
import { aes128EncryptBlock, aes128gcm, aes256Ctr, aes256gcm } from './aes.ts'
import { chacha20Keystream } from './chacha20.ts'
import { chacha20poly1305 } from './chacha20poly1305.ts'
import { p256, p384 } from './ecdh.ts'
import { ed25519 } from './ed25519.ts'
import {
  blake2b256,
  blake2s,
  createSha256,
  createSha384,
  hmac,
  sha256,
  sha384,
  sha512,
  sha512t256,
} from './hash.ts'
import { mlkem768 } from './mlkem768.ts'
import { argon2id, scrypt } from './passphrase.ts'
import { x25519 } from './x25519.ts'
import { xchacha20poly1305 } from './xchacha20poly1305.ts'

export const nodeProvider: CryptoProvider = {
  name: 'node',
  sha256,
  sha384,
  sha512,
  sha512t256,
  blake2s,
  blake2b256,
  createSha256,
  createSha384,
  hmac,
  ...createHkdf(hmac),
  x25519,
  p256,
  p384,
  ed25519,
  mlkem768,
  chacha20poly1305,
  xchacha20poly1305,
  aes128gcm,
  aes256gcm,
  aes128EncryptBlock,
  aes256Ctr,
  chacha20Keystream,
  scrypt,
  argon2id,
}
