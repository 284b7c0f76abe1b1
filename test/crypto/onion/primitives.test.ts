import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { fromHex, SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { loadSecp256k1, loadVariableBlake2b } from '../../../src/lib/crypto/index.ts'
import { judge } from '../../support/judge.ts'

const group = await loadSecp256k1()
const blake2b = await loadVariableBlake2b()

/** SEC 2 version 2, section 2.4.1: the order and the base point. */
const ORDER = fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141')
const BASE = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'

function scalar(value: number): Uint8Array {
  const out = new Uint8Array(32)
  out[31] = value
  return out
}

/** The public key of a private key as OpenSSL derives it, in hex. */
function publicByOpenssl(program: string, privateKey: Uint8Array): string {
  // RFC 5915: version 1, the private key, the curve by its name.
  const der = Buffer.concat([
    Buffer.from('302e0201010420', 'hex'),
    privateKey,
    Buffer.from('a00706052b8104000a', 'hex'),
  ])
  const args = ['ec', '-inform', 'DER', '-pubout', '-outform', 'DER', '-conv_form', 'compressed']
  const { stdout, status } = spawnSync(program, args, { input: der })
  expect(status).toBe(0)
  return stdout.subarray(-33).toString('hex')
}

describe('the group of secp256k1', () => {
  it('has the base point of the standard', () => {
    expect(toHex(group.publicKey(scalar(1)))).toBe(BASE)
  })

  it('gives the public keys that OpenSSL gives', (context) => {
    const openssl = judge('openssl')
    if (openssl === undefined) return context.skip()
    const random = new SeededRandom(4)
    for (let i = 0; i < 5; i++) {
      const key = random.bytes(32)
      expect(toHex(group.publicKey(key))).toBe(publicByOpenssl(openssl, key))
    }
  })

  it('multiplies points and scalars alike', () => {
    const random = new SeededRandom(5)
    const [a, b] = [random.bytes(32), random.bytes(32)]
    const product = group.publicKey(group.multiplyScalars(a, b))
    expect(group.multiply(group.publicKey(a), b)).toEqual(product)
    expect(group.multiply(group.publicKey(b), a)).toEqual(product)
  })

  it('refuses what is no point, and scalars that are zero', () => {
    // 5 is no x coordinate of the curve: 5^3 + 7 is no square.
    const offCurve = fromHex(`02${'00'.repeat(31)}05`)
    expect(group.multiply(offCurve, scalar(2))).toBeUndefined()
    expect(group.multiply(fromHex(`05${BASE.slice(2)}`), scalar(2))).toBeUndefined()
    expect(group.multiply(new Uint8Array(0), scalar(2))).toBeUndefined()
    for (const zero of [scalar(0), ORDER]) expect(() => group.publicKey(zero)).toThrow('zero')
    expect(() => group.publicKey(new Uint8Array(31))).toThrow('32 bytes')
  })
})

describe('BLAKE2b of any length', () => {
  it('gives the digests that Python gives, with a key and without', (context) => {
    const python = judge('python3')
    if (python === undefined) return context.skip()
    const random = new SeededRandom(6)
    for (const [keyBytes, length, bytes] of [
      [0, 16, 33],
      [16, 16, 176],
      [64, 32, 992],
      [64, 64, 0],
      [1, 1, 129],
    ] as const) {
      const [key, data] = [random.bytes(keyBytes), random.bytes(bytes)]
      const script = `import hashlib,sys
print(hashlib.blake2b(bytes.fromhex(sys.argv[2]),key=bytes.fromhex(sys.argv[1]),digest_size=${length}).hexdigest())`
      const { stdout } = spawnSync(python, ['-c', script, toHex(key), toHex(data)], { encoding: 'utf8' })
      const parameters = keyBytes === 0 ? { length } : { key, length }
      expect(toHex(blake2b(parameters, data.subarray(0, 7), data.subarray(7)))).toBe(stdout.trim())
    }
  })
})
