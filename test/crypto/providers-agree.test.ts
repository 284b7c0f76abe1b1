import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/lib/core/index.ts'
import { nodeProvider as node } from '../../src/lib/crypto/index.ts'
import { nobleProvider as noble } from './providers.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const someBytes = fc.uint8Array({ maxLength: 300 })

/** The result as hex, or the code of the typed error; anything else escapes and fails the property. */
function outcome(run: () => Uint8Array | undefined): string {
  try {
    const result = run()
    return result === undefined ? 'undefined' : toHex(result)
  } catch (error) {
    const code = (error as { code?: unknown }).code
    if (code === 'E_CRYPTO') return code
    throw error
  }
}

function agree(run: (provider: typeof node) => Uint8Array | undefined): void {
  expect(outcome(() => run(node))).toBe(outcome(() => run(noble)))
}

describe('the node and noble providers agree', () => {
  it('on hashes over any parts', () => {
    fc.assert(
      fc.property(fc.array(someBytes, { maxLength: 4 }), (parts) => {
        agree((p) => p.sha256(...parts))
        agree((p) => p.sha384(...parts))
        agree((p) => p.sha512(...parts))
        agree((p) => p.sha512t256(...parts))
        agree((p) => p.blake2s(...parts))
        agree((p) => p.blake2b256(...parts))
        agree((p) => {
          const state = p.createSha256()
          for (const part of parts) state.update(part)
          return state.copy().digest()
        })
      }),
    )
  })

  it('on HMAC and HKDF with any key, salt and info', () => {
    fc.assert(
      fc.property(someBytes, someBytes, someBytes, fc.nat(400), (key, salt, data, length) => {
        agree((p) => p.hmac('sha256', key, salt, data))
        agree((p) => p.hmac('blake2s', key, salt, data))
        agree((p) => p.hkdf(key, salt, data, length))
        agree((p) => p.hkdf(key, salt, data, length, 'sha384'))
      }),
    )
  })

  it('on X25519 with any scalar and any 32-byte u-coordinate', () => {
    fc.assert(
      fc.property(bytes(32), bytes(32), (scalar, u) => {
        agree((p) => p.x25519.fromPrivate(scalar).publicKey)
        agree((p) => p.x25519.fromPrivate(scalar).sharedSecret(u))
        agree((p) => p.x25519.fromPrivate(scalar).trySharedSecret(u))
        agree((p) => p.x25519.multiply(scalar, u))
      }),
    )
  })

  it('on Ed25519 signatures, and on whether a mutated one verifies', () => {
    fc.assert(
      fc.property(bytes(32), someBytes, fc.nat(63), fc.nat(255), (seed, message, at, value) => {
        agree((p) => p.ed25519.fromSeed(seed).sign(message))
        const { publicKey, sign } = withSign(seed)
        const signature = sign(message)
        signature[at] = value
        expect(node.ed25519.verify(publicKey, message, signature)).toBe(
          noble.ed25519.verify(publicKey, message, signature),
        )
      }),
    )
  })

  it('on random bytes taken for an Ed25519 key and signature', () => {
    fc.assert(
      fc.property(bytes(32), bytes(64), (publicKey, signature) => {
        signature[63] = (signature[63] as number) & 0x0f
        expect(node.ed25519.verify(publicKey, publicKey, signature)).toBe(
          noble.ed25519.verify(publicKey, publicKey, signature),
        )
      }),
    )
  })

  it('on ML-KEM-768 keys, secrets and implicit rejection', () => {
    fc.assert(
      fc.property(bytes(64), bytes(32), fc.nat(1087), fc.nat(255), (seed, m, at, value) => {
        agree((p) => p.mlkem768.generate(seed).encapsulationKey)
        const { ciphertext, sharedSecret } = noble.mlkem768.encapsulate(
          node.mlkem768.generate(seed).encapsulationKey,
          m,
        )
        expect(toHex(node.mlkem768.generate(seed).decapsulate(ciphertext))).toBe(toHex(sharedSecret))
        ciphertext[at] = value
        agree((p) => p.mlkem768.generate(seed).decapsulate(ciphertext))
      }),
      { numRuns: 40 },
    )
  })

  it('on which ML-KEM-768 encapsulation keys are refused', () => {
    const key = node.mlkem768.generate(new Uint8Array(64)).encapsulationKey
    fc.assert(
      fc.property(fc.nat(1183), fc.nat(255), (at, value) => {
        const changed = key.slice()
        changed[at] = value
        agree((p) => p.mlkem768.encapsulate(changed).ciphertext.fill(0))
      }),
    )
  })

  it('on both AEADs', () => {
    fc.assert(
      fc.property(bytes(32), bytes(24), someBytes, someBytes, (key, nonce, aad, plaintext) => {
        for (const name of ['chacha20poly1305', 'xchacha20poly1305'] as const) {
          const short = nonce.subarray(0, node[name].nonceBytes)
          agree((p) => p[name].seal(key, short, aad, plaintext))
          agree((p) => p[name].open(key, short, aad, plaintext))
          const sealed = node[name].seal(key, short, aad, plaintext)
          expect(toHex(noble[name].open(key, short, aad, sealed) as Uint8Array)).toBe(toHex(plaintext))
        }
      }),
    )
  })

  it('on AES-128-GCM and the AES-128 block', () => {
    fc.assert(
      fc.property(bytes(16), bytes(12), someBytes, someBytes, (key, nonce, aad, plaintext) => {
        agree((p) => p.aes128gcm.seal(key, nonce, aad, plaintext))
        agree((p) => p.aes128gcm.open(key, nonce, aad, plaintext))
        const sealed = node.aes128gcm.seal(key, nonce, aad, plaintext)
        expect(toHex(noble.aes128gcm.open(key, nonce, aad, sealed) as Uint8Array)).toBe(toHex(plaintext))
        agree((p) => p.aes128EncryptBlock(key, plaintext))
        agree((p) => p.aes128EncryptBlock(key, key))
      }),
    )
  })

  it('on the key streams of AES-256 and ChaCha20', () => {
    fc.assert(
      fc.property(bytes(32), bytes(16), fc.nat(300), (key, iv, length) => {
        agree((p) => p.aes256Ctr(key, iv, length))
        agree((p) => p.chacha20Keystream(key, length))
      }),
    )
  })

  it('on scrypt and Argon2id', async () => {
    await fc.assert(
      fc.asyncProperty(
        someBytes,
        fc.uint8Array({ minLength: 8, maxLength: 40 }),
        fc.integer({ min: 1, max: 3 }),
        async (passphrase, salt, lanes) => {
          const scrypt = { N: 16, r: 2, p: lanes, length: 40 }
          expect(await node.scrypt(passphrase, salt, scrypt)).toEqual(
            await noble.scrypt(passphrase, salt, scrypt),
          )
          const argon2id = { memoryKiB: 32, passes: 2, parallelism: lanes, length: 24 }
          expect(await node.argon2id(passphrase, salt, argon2id)).toEqual(
            await noble.argon2id(passphrase, salt, argon2id),
          )
        },
      ),
      { numRuns: 15 },
    )
  })
})

function withSign(seed: Uint8Array): { publicKey: Uint8Array; sign: (message: Uint8Array) => Uint8Array } {
  const pair = node.ed25519.fromSeed(seed)
  return { publicKey: pair.publicKey, sign: (message) => pair.sign(message) }
}
