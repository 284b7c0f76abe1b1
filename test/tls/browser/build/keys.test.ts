/** The private keys that a hello leaves behind are those of its shares, as node:crypto sees it. */
import { createPublicKey, diffieHellman, encapsulate, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../../src/lib/core/index.ts'
import { HelloBuilder, templateById } from '../../../../src/lib/tls/index.ts'
import { WRITTEN } from './generated.ts'
import { echOf, isGreaseValue, readRecord, sharesOf } from './reference-reader.ts'

function rawPublic(asymmetricKeyType: string, key: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(key), format: 'raw-public', asymmetricKeyType } as never)
}

function rawOf(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'raw-public' } as never) as unknown as Buffer)
}

describe.each(WRITTEN)('the keys of $id', (template) => {
  const { record, keys } = new HelloBuilder(template).build({ host: 'example.test' })
  const shares = sharesOf(readRecord(record)).filter(({ group }) => !isGreaseValue(group))
  /** Where the X25519 key of a share lies. */
  const x25519At = new Map([
    [0x001d, 0],
    [0x11ec, 1184],
    [0x6399, 0],
  ])
  const mlkemAt = new Map([
    [0x11ec, 0],
    [0x6399, 32],
  ])

  it('are there for each group but GREASE, and agree with what was sent', () => {
    expect([...keys.keys()]).toEqual(shares.map(({ group }) => group))
    for (const { group, key } of shares) {
      const own = keys.get(group)
      const at = x25519At.get(group)
      if (at !== undefined) {
        const peer = generateKeyPairSync('x25519')
        const theirs = diffieHellman({
          privateKey: peer.privateKey,
          publicKey: rawPublic('x25519', key.subarray(at, at + 32)),
        })
        expect(own?.x25519?.sharedSecret(rawOf(peer.publicKey))).toEqual(new Uint8Array(theirs))
      }
      const kem = mlkemAt.get(group)
      if (kem !== undefined) {
        const { sharedKey, ciphertext } = encapsulate(rawPublic('ml-kem-768', key.subarray(kem, kem + 1184)))
        expect(own?.mlkem768?.decapsulate(new Uint8Array(ciphertext))).toEqual(new Uint8Array(sharedKey))
      }
      if (group === 0x0017) expect(own?.p256?.publicKey).toEqual(new Uint8Array(key))
      expect(at ?? kem ?? (group === 0x0017 ? 0 : undefined)).toBeDefined()
    }
  })
})

describe('the random source', () => {
  it('makes the same hello with the same seed, and another one without', () => {
    const build = (seed?: number): string => {
      const random = seed === undefined ? undefined : new SeededRandom(seed)
      const { record } = new HelloBuilder(templateById('chrome-154'), random).build({ host: 'example.test' })
      return Buffer.from(record).toString('hex')
    }
    expect(build(1)).toBe(build(1))
    expect(new Set([build(1), build(2), build(), build()]).size).toBe(4)
  })

  it('gives a GREASE ECH a key of X25519, not noise that no server could read', () => {
    // A point on the curve or on its twist is any 32 bytes; of noise, half would have the highest bit set.
    const builder = new HelloBuilder(templateById('chrome-154'))
    for (let count = 0; count < 100; count++) {
      const { enc } = echOf(readRecord(builder.build({ host: 'example.test' }).record))
      expect((enc[31] as number) & 0x80).toBe(0)
    }
  })
})
