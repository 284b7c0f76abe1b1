import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/lib/core/index.ts'
import { isPeerId, parsePeerId, peerIdOf } from '../../src/lib/identity/index.ts'
import { recordedVectors } from './recorded.ts'

interface PeerIdVector {
  readonly id: string
  readonly kind: string
  readonly ed25519_public: string
  readonly peer_id: string
  readonly peer_id_bytes: string
}

const ID = 'ciqcd7rr36qvjitbmjv7qvaen7jcog335vfwvpsfvjmio7xup6lsdoi'

describe('a peer id', () => {
  it('is the one the recorded vectors give for the key, and reads back to the same bytes', (context) => {
    const vectors = recordedVectors<PeerIdVector>('peer-ids.json')?.filter(({ kind }) => kind === 'peer-id')
    if (vectors === undefined) return context.skip('no HTX vectors')
    expect(vectors.length).toBeGreaterThan(3)
    for (const vector of vectors) {
      expect(peerIdOf(fromHex(vector.ed25519_public))).toBe(vector.peer_id)
      expect(toHex(parsePeerId(vector.peer_id))).toBe(vector.peer_id_bytes)
    }
  })

  it('is the multihash of any key, as another SHA-256 computes it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        const id = peerIdOf(key)
        expect(id).toMatch(/^ciq[a-z2-7]{52}$/)
        expect(toHex(parsePeerId(id))).toBe(`1220${createHash('sha256').update(key).digest('hex')}`)
      }),
    )
  })

  it('of a key of another length does not exist', () => {
    for (const length of [0, 31, 33, 64])
      expect(() => peerIdOf(new Uint8Array(length))).toThrow(expect.objectContaining({ code: 'E_INPUT' }))
  })

  it('has one spelling only', () => {
    const lastBitsSet = `${ID.slice(0, -1)}j`
    const other = [
      ID.toUpperCase(),
      `${ID}=`,
      ` ${ID}`,
      ID.slice(1),
      `${ID}a`,
      lastBitsSet,
      ID.replace('o', '0'),
    ]
    // Multihashes of another function or length: base32 of 0x13 0x20 … and of 0x12 0x21 ….
    for (const text of ['', ...other, `cm${ID.slice(2)}`, `cii${ID.slice(3)}`]) {
      expect(() => parsePeerId(text)).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
      expect(isPeerId(text)).toBe(false)
    }
    expect(isPeerId(ID)).toBe(true)
  })

  it('is refused quickly and with a typed error when it is anything else', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => {
        if (text === ID) return
        expect(() => parsePeerId(text)).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
      }),
    )
    expect(() => parsePeerId('c'.repeat(10_000_000))).toThrow(
      expect.objectContaining({ code: 'E_MALFORMED' }),
    )
  })
})
