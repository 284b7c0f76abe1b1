import { execFileSync } from 'node:child_process'
import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SeededRandom, toHex } from '../../src/lib/core/index.ts'
import { derKeyFormat, type KeyType, rawKeyFormat } from '../../src/lib/crypto/node/key-format.ts'

const TYPES: readonly [KeyType, number][] = [
  ['x25519', 32],
  ['ed25519', 32],
  ['ml-kem-768', 64],
]

describe('the DER key format of early Node 24', () => {
  it.each(TYPES)('moves %s keys exactly as the raw format of Node 26', (type, length) => {
    const raw = new SeededRandom(length).bytes(length)
    const fromDer = derKeyFormat.importPrivate(type, raw)
    const fromRaw = rawKeyFormat.importPrivate(type, raw)
    expect(fromDer.equals(fromRaw)).toBe(true)
    const publicKey = rawKeyFormat.exportPublic(createPublicKey(fromRaw))
    expect(toHex(derKeyFormat.exportPublic(createPublicKey(fromDer)))).toBe(toHex(publicKey))
    expect(
      derKeyFormat.importPublic(type, publicKey).equals(rawKeyFormat.importPublic(type, publicKey)),
    ).toBe(true)
  })

  it('finds the seed of a generated ML-KEM key', () => {
    const { privateKey } = generateKeyPairSync('ml-kem-768')
    expect(toHex(derKeyFormat.exportSeed(privateKey))).toBe(toHex(rawKeyFormat.exportSeed(privateKey)))
  })

  it('makes X25519 keys that agree with keys of the raw format', () => {
    const [a, b] = [new SeededRandom(1).bytes(32), new SeededRandom(2).bytes(32)]
    const [aKey, bKey] = [derKeyFormat.importPrivate('x25519', a), rawKeyFormat.importPrivate('x25519', b)]
    const ab = diffieHellman({ privateKey: aKey, publicKey: createPublicKey(bKey) })
    const ba = diffieHellman({ privateKey: bKey, publicKey: createPublicKey(aKey) })
    expect(toHex(ab)).toBe(toHex(ba))
  })
})

describe('importing the crypto area', () => {
  it('loads no part of the noble libraries until they are asked for', () => {
    const script = `
      import { registerHooks } from 'node:module'
      const seen = []
      registerHooks({ resolve(specifier, context, next) { seen.push(specifier); return next(specifier, context) } })
      const crypto = await import(${JSON.stringify(new URL('../../src/lib/crypto/index.ts', import.meta.url).href)})
      const before = seen.filter((s) => s.startsWith('@noble/')).length
      await crypto.loadNobleProvider()
      console.log(before, seen.filter((s) => s.startsWith('@noble/')).length > 3)`
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 30_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    expect(output.trim()).toBe('0 true')
  })
})
