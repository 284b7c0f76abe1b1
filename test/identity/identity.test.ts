import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, ManualClock, SeededRandom, toHex, unixSeconds } from '../../src/lib/core/index.ts'
import { mlkem768 } from '../../src/lib/crypto/index.ts'
import {
  anonymousIdentity,
  createIdentity,
  eraseIdentity,
  exportPublic,
  type Identity,
  identityFromSeed,
  parseCertificate,
  renewCertificate,
  rotateIdentity,
  verifyCertificate,
} from '../../src/lib/identity/index.ts'

const DAY_MS = 86_400_000
const LIFETIME_S = 90 * 86_400

const random = new SeededRandom(1)

function accepted(identity: Identity, clock: ManualClock): void {
  const options = { staticKey: identity.noise.publicKey, peer: identity.peer, clock }
  expect(verifyCertificate(identity.certificate, options).notBefore).toBe(identity.lastNotBefore)
}

describe('a new identity', () => {
  it('has four independent keys and a certificate of 90 days from now', () => {
    const clock = new ManualClock()
    const identity = createIdentity(random, clock)
    accepted(identity, clock)
    const { notBefore, notAfter } = exportPublic(identity)
    expect([notBefore, notAfter]).toEqual([unixSeconds(clock), unixSeconds(clock) + LIFETIME_S])
    const secrets = [identity.sign.exportSeed(), identity.noise.exportPrivate(), identity.vrf.seed]
    expect(new Set([...secrets, identity.kem.exportSeed().subarray(0, 32)].map(toHex)).size).toBe(4)
    const { ciphertext, sharedSecret } = mlkem768.encapsulate(identity.kem.encapsulationKey)
    expect(identity.kem.decapsulate(ciphertext)).toEqual(sharedSecret)
  })

  it('from a seed has the public key that RFC 8032 section 7.1 gives for it', () => {
    const seed = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
    const identity = identityFromSeed(seed, random, new ManualClock())
    const publicKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
    expect(toHex(identity.sign.publicKey)).toBe(publicKey)
    expect(toHex(seed.subarray(0, 4))).toBe('9d61b19d')
  })

  it('has the VRF public key that RFC 9381 appendix B.3 gives for its seed', () => {
    // The seed of example 16, handed out where the VRF seed is drawn: after 32 bytes for the Noise key.
    const vrfSeed = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
    const draws = [new Uint8Array(32).fill(1), vrfSeed.slice(), new Uint8Array(64).fill(2)]
    const scripted = { bytes: () => draws.shift() as Uint8Array }
    const identity = identityFromSeed(new Uint8Array(32).fill(3), scripted, new ManualClock())
    expect(identity.vrf.seed).toEqual(vrfSeed)
    const publicKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
    expect(toHex(identity.vrf.publicKey)).toBe(publicKey)
  })

  it('that is thrown away after use has nothing in common with the next and lives a day', () => {
    const clock = new ManualClock()
    const [first, second] = [anonymousIdentity(random, clock), anonymousIdentity(random, clock)]
    accepted(first, clock)
    const { notBefore, notAfter } = exportPublic(first)
    expect(notAfter - notBefore).toBe(86_400)
    for (const name of ['peer', 'signPublic', 'noisePublic', 'vrfPublic', 'kemPublic'] as const)
      expect(exportPublic(first)[name]).not.toEqual(exportPublic(second)[name])
  })

  it('cannot be used once its keys are erased', () => {
    const identity = createIdentity(random, new ManualClock())
    eraseIdentity(identity)
    expect(() => identity.sign.sign(new Uint8Array(1))).toThrow()
    expect(() => identity.noise.exportPrivate()).toThrow()
    expect(() => identity.kem.exportSeed()).toThrow()
    expect(identity.vrf.seed).toEqual(new Uint8Array(32))
  })
})

describe('renewal', () => {
  it('waits for half of the lifetime and changes nothing but the certificate', () => {
    const clock = new ManualClock()
    const identity = createIdentity(random, clock)
    clock.advance(45 * DAY_MS - 1000)
    expect(renewCertificate(identity, clock)).toBe(identity)
    clock.advance(1000)
    const renewed = renewCertificate(identity, clock)
    expect(renewed.lastNotBefore).toBe(unixSeconds(clock))
    expect({ ...renewed, certificate: 0, lastNotBefore: 0 }).toEqual({
      ...identity,
      certificate: 0,
      lastNotBefore: 0,
    })
    accepted(renewed, clock)
  })

  it('and rotation start later than every certificate before, wherever the clock jumps', () => {
    const step = fc.record({ jumpDays: fc.integer({ min: -400, max: 400 }), rotate: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const clock = new ManualClock()
        let identity = createIdentity(random, clock)
        for (const { jumpDays, rotate } of steps) {
          clock.jumpWall(jumpDays * DAY_MS)
          const before = identity
          identity = rotate ? rotateIdentity(identity, random, clock) : renewCertificate(identity, clock)
          if (identity === before) continue
          const { notBefore, notAfter } = parseCertificate(identity.certificate)
          expect(notBefore).toBe(Math.max(unixSeconds(clock), before.lastNotBefore + 1))
          expect(notAfter - notBefore).toBe(LIFETIME_S)
          expect(identity.lastNotBefore).toBe(notBefore)
        }
      }),
    )
  })
})

describe('rotation', () => {
  it('makes a new Noise key under the same name, twice in one second too', () => {
    const clock = new ManualClock()
    const first = createIdentity(random, clock)
    const second = rotateIdentity(first, random, clock)
    const third = rotateIdentity(second, random, clock)
    for (const identity of [first, second, third]) {
      expect(identity.peer).toBe(first.peer)
      expect(identity.vrf).toEqual(first.vrf)
      expect(identity.kem.encapsulationKey).toEqual(first.kem.encapsulationKey)
      accepted(identity, clock)
    }
    expect(new Set([first, second, third].map(({ noise }) => toHex(noise.publicKey))).size).toBe(3)
    expect([first, second, third].map(({ lastNotBefore }) => lastNotBefore - first.lastNotBefore)).toEqual([
      0, 1, 2,
    ])
  })
})
