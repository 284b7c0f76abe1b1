import { createPrivateKey, sign as nodeSign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, isAivError, ManualClock, u64, unixSeconds, utf8 } from '../../src/lib/core/index.ts'
import { ed25519 } from '../../src/lib/crypto/index.ts'
import {
  CertificateCache,
  CertificateError,
  issueCertificate,
  parseCertificate,
  peerIdOf,
  verifyCertificate,
} from '../../src/lib/identity/index.ts'
import { recordedVectors } from './recorded.ts'

interface RecordedCertificates {
  readonly id: string
  readonly unix_time: number
  readonly id_cert_responder?: string
  readonly id_cert_initiator?: string
  readonly responder: { readonly ed25519_private: string }
}

const DAY = 86_400
const SEED = new Uint8Array(32).fill(7)
const SIGN_PUBLIC = ed25519.fromSeed(SEED).publicKey
const NOISE_PUBLIC = new Uint8Array(32).fill(9)
const clock = new ManualClock()
const now = unixSeconds(clock)

/** A certificate made from the text of the specification with node's own Ed25519, not by the code under test. */
function certificate(
  fields: { version?: number; notBefore?: number; notAfter?: number; label?: string } = {},
): Uint8Array {
  const body = concat(
    Uint8Array.of(fields.version ?? 1),
    SIGN_PUBLIC,
    NOISE_PUBLIC,
    u64(fields.notBefore ?? now),
    u64(fields.notAfter ?? now + 90 * DAY),
  )
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), SEED])
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const signed = concat(utf8(fields.label ?? 'htx identity v1'), Uint8Array.of(0), body)
  return concat(body, new Uint8Array(nodeSign(null, signed, key)))
}

function reasonOf(bytes: Uint8Array, options: { staticKey?: Uint8Array; peer?: string } = {}): string {
  try {
    verifyCertificate(bytes, { staticKey: NOISE_PUBLIC, clock, cache: new CertificateCache(), ...options })
    return 'accepted'
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    expect(error.code).toBe('E_CERTIFICATE')
    return error.reason
  }
}

describe('a recorded session', () => {
  it('has certificates that are accepted at its time, and that we issue byte for byte', (context) => {
    const sessions = recordedVectors<RecordedCertificates>('sessions.json')
    if (sessions === undefined) return context.skip('no HTX vectors')
    let seen = 0
    for (const session of sessions) {
      const then = new ManualClock(session.unix_time * 1000)
      for (const text of [session.id_cert_responder, session.id_cert_initiator]) {
        if (text === undefined) continue
        const bytes = fromHex(text)
        const accepted = verifyCertificate(bytes, { staticKey: bytes.subarray(33, 65), clock: then })
        expect(accepted.peer).toBe(peerIdOf(bytes.subarray(1, 33)))
        seen++
      }
      if (session.id_cert_responder === undefined) continue
      const bytes = fromHex(session.id_cert_responder)
      const signer = ed25519.fromSeed(fromHex(session.responder.ed25519_private))
      expect(issueCertificate(signer, parseCertificate(bytes))).toEqual(bytes)
    }
    expect(seen).toBeGreaterThan(5)
  })
})

describe('a certificate', () => {
  it('that keeps every rule is accepted, with its fields', () => {
    const bytes = certificate()
    const options = { staticKey: NOISE_PUBLIC, peer: peerIdOf(SIGN_PUBLIC), clock }
    expect(verifyCertificate(bytes, options)).toMatchObject({
      peer: peerIdOf(SIGN_PUBLIC),
      signPublic: SIGN_PUBLIC,
      noisePublic: NOISE_PUBLIC,
      notBefore: now,
      notAfter: now + 90 * DAY,
    })
  })

  it('of another length, version, Noise key or peer is refused', () => {
    const good = certificate()
    expect(reasonOf(good.subarray(0, 144))).toBe('length')
    expect(reasonOf(concat(good, Uint8Array.of(0)))).toBe('length')
    expect(reasonOf(new Uint8Array(0))).toBe('length')
    for (const version of [0, 2, 255]) expect(reasonOf(certificate({ version }))).toBe('version')
    expect(reasonOf(good, { staticKey: new Uint8Array(32) })).toBe('static key')
    expect(reasonOf(good, { peer: peerIdOf(NOISE_PUBLIC) })).toBe('peer')
  })

  it('is valid from 300 s before its start to 300 s after its end, to the second', () => {
    expect(reasonOf(certificate({ notBefore: now + 300 }))).toBe('accepted')
    expect(reasonOf(certificate({ notBefore: now + 301 }))).toBe('not yet valid')
    expect(reasonOf(certificate({ notBefore: now - DAY, notAfter: now - 300 }))).toBe('accepted')
    expect(reasonOf(certificate({ notBefore: now - DAY, notAfter: now - 301 }))).toBe('expired')
  })

  it('may be valid for 366 days, not for a second more', () => {
    expect(reasonOf(certificate({ notAfter: now + 366 * DAY }))).toBe('accepted')
    expect(reasonOf(certificate({ notAfter: now + 366 * DAY + 1 }))).toBe('lifetime')
  })

  it('with times that no number holds exactly is refused as any other', () => {
    const last = Number.MAX_SAFE_INTEGER
    const patch = (at: number): Uint8Array => {
      const bytes = certificate()
      bytes.set(u64((1n << 64n) - 1n), at)
      return bytes
    }
    expect(reasonOf(certificate({ notBefore: last, notAfter: last }))).toBe('not yet valid')
    expect(reasonOf(patch(65))).toBe('not yet valid')
    expect(reasonOf(patch(73))).toBe('lifetime')
  })

  it('signed for another purpose or with any bit changed is refused', () => {
    expect(reasonOf(certificate({ label: 'htx identity v2' }))).toBe('signature')
    const good = certificate()
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = good.slice()
      bad[bit >> 3] = (bad[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(reasonOf(bad), `bit ${bit}`).not.toBe('accepted')
    }
  })

  it('with a small-order key or a signature scalar beyond the group order is refused', () => {
    const smallOrder = certificate()
    // The identity point; with R = identity and S = 0 a lax verifier accepts it for every message.
    smallOrder.fill(0, 1, 33)
    smallOrder[1] = 1
    smallOrder.fill(0, 81)
    smallOrder[81] = 1
    expect(reasonOf(smallOrder)).toBe('signature')
    const beyond = certificate()
    const order = (1n << 252n) + 27742317777372353535851937790883648493n
    let scalar = 0n
    for (let i = 31; i >= 0; i--) scalar = (scalar << 8n) | BigInt(beyond[113 + i] as number)
    scalar += order
    for (let i = 0; i < 32; i++) {
      beyond[113 + i] = Number(scalar & 0xffn)
      scalar >>= 8n
    }
    expect(reasonOf(beyond)).toBe('signature')
  })

  it('of hostile bytes is a typed refusal, whatever they are', () => {
    const mutated = fc
      .tuple(fc.uint8Array({ minLength: 145, maxLength: 145 }), fc.boolean())
      .map(([bytes, v1]) => {
        if (v1) bytes[0] = 1
        return bytes
      })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated), (bytes) => {
        try {
          verifyCertificate(bytes, { staticKey: bytes.subarray(33, 65), clock })
          return false
        } catch (error) {
          return isAivError(error, 'E_CERTIFICATE')
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the cache of good signatures', () => {
  it('keeps the most recently used up to its bound, and refusals never', () => {
    const cache = new CertificateCache(2)
    for (const id of ['a', 'b']) cache.add(id)
    expect(cache.has('a')).toBe(true)
    cache.add('c')
    expect([cache.has('a'), cache.has('b'), cache.has('c')]).toEqual([true, false, true])
    expect(cache.size).toBe(2)
    const empty = new CertificateCache()
    const bad = certificate({ label: 'other' })
    expect(() => verifyCertificate(bad, { staticKey: NOISE_PUBLIC, clock, cache: empty })).toThrow()
    expect(empty.size).toBe(0)
  })

  it('does not outlive the certificate: an expired one is refused though its signature is known', () => {
    const cache = new CertificateCache()
    const bytes = certificate({ notAfter: now + DAY })
    const later = new ManualClock()
    verifyCertificate(bytes, { staticKey: NOISE_PUBLIC, clock: later, cache })
    expect(cache.size).toBe(1)
    later.advance(2 * DAY * 1000)
    expect(() => verifyCertificate(bytes, { staticKey: NOISE_PUBLIC, clock: later, cache })).toThrow(
      'expired',
    )
  })
})
