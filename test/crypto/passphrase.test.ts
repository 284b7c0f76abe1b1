import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../src/lib/core/index.ts'
import type { Argon2idParameters, ScryptParameters } from '../../src/lib/crypto/index.ts'
import { providers } from './providers.ts'

describe.each(providers)('passphrase hashing of the $name provider', (provider) => {
  it('matches scrypt of RFC 7914 section 12', async () => {
    const hashed = await provider.scrypt(utf8('password'), utf8('NaCl'), { N: 1024, r: 8, p: 16, length: 64 })
    expect(toHex(hashed)).toBe(
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    )
  })

  it('matches Argon2id of RFC 9106 section 5.3', async () => {
    const tag = await provider.argon2id(new Uint8Array(32).fill(1), new Uint8Array(16).fill(2), {
      memoryKiB: 32,
      passes: 3,
      parallelism: 4,
      length: 32,
      secret: new Uint8Array(8).fill(3),
      associatedData: new Uint8Array(12).fill(4),
    })
    expect(toHex(tag)).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659')
  })

  const scrypt: ScryptParameters = { N: 1024, r: 8, p: 1, length: 32 }
  it.each<[Partial<ScryptParameters>, string]>([
    [{ N: 1000 }, 'E_CRYPTO'],
    [{ N: 1 }, 'E_CRYPTO'],
    [{ N: Number.NaN }, 'E_CRYPTO'],
    [{ r: 0 }, 'E_CRYPTO'],
    [{ p: -1 }, 'E_CRYPTO'],
    [{ length: 0 }, 'E_CRYPTO'],
    [{ N: 2 ** 40 }, 'E_TOO_LARGE'],
    [{ N: 2 ** 20, r: 16 }, 'E_TOO_LARGE'],
    [{ p: 65 }, 'E_TOO_LARGE'],
    [{ length: 1e9 }, 'E_TOO_LARGE'],
  ])('refuses scrypt parameters %j at once', async (change, code) => {
    await expect(provider.scrypt(utf8('p'), utf8('salt'), { ...scrypt, ...change })).rejects.toMatchObject({
      code,
    })
  })

  const argon2id: Argon2idParameters = { memoryKiB: 64, passes: 1, parallelism: 1, length: 32 }
  it.each<[Partial<Argon2idParameters>, string]>([
    [{ memoryKiB: 7 }, 'E_CRYPTO'],
    [{ memoryKiB: 8, parallelism: 2 }, 'E_CRYPTO'],
    [{ passes: 0 }, 'E_CRYPTO'],
    [{ parallelism: 0 }, 'E_CRYPTO'],
    [{ length: 3 }, 'E_CRYPTO'],
    [{ memoryKiB: 2 ** 21 }, 'E_TOO_LARGE'],
    [{ passes: 1e6 }, 'E_TOO_LARGE'],
    [{ parallelism: 1000, memoryKiB: 8000 }, 'E_TOO_LARGE'],
  ])('refuses Argon2id parameters %j at once', async (change, code) => {
    const hashing = provider.argon2id(utf8('p'), utf8('saltsalt'), { ...argon2id, ...change })
    await expect(hashing).rejects.toMatchObject({ code })
  })

  it('refuses an Argon2id salt below eight bytes', async () => {
    await expect(provider.argon2id(utf8('p'), utf8('short'), argon2id)).rejects.toMatchObject({
      code: 'E_CRYPTO',
    })
  })
})
