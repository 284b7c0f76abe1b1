import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ManualClock, SeededRandom } from '../../src/lib/core/index.ts'
import {
  createIdentity,
  type Identity,
  KnownPeers,
  rotateIdentity,
  type VerifiedCertificate,
  verifyCertificate,
} from '../../src/lib/identity/index.ts'
import { temporaryFolder } from '../support/aiv.ts'

const clock = new ManualClock()
const random = new SeededRandom(7)

function certificateOf({ certificate, noise }: Identity): VerifiedCertificate {
  return verifyCertificate(certificate, { staticKey: noise.publicKey, clock })
}

it('a trusted key is on record for every process, before the peer was met', async () => {
  const path = join(temporaryFolder(), 'known-peers.jsonl')
  const { peer, noise } = createIdentity(random, clock)
  await new KnownPeers(path, { clock }).trust(peer, noise.publicKey)
  expect(await new KnownPeers(path, { clock }).keyOf(peer)).toEqual(noise.publicKey)
})

it('any certificate of a peer that was only trusted is newer than what is known', async () => {
  const known = new KnownPeers(undefined, { clock })
  const identity = createIdentity(random, clock)
  await known.trust(identity.peer, identity.noise.publicKey)
  expect(await known.checkAndRecord(certificateOf(identity))).toBe('newer')
  expect(await known.checkAndRecord(certificateOf(identity))).toBe('same')
})

it('trust does not bring an older certificate back', async () => {
  const known = new KnownPeers(undefined, { clock })
  const old = createIdentity(random, clock)
  const rotated = rotateIdentity(old, random, clock)
  await known.record(certificateOf(rotated), true)
  await known.trust(old.peer, old.noise.publicKey)
  await expect(known.record(certificateOf(old), true)).rejects.toMatchObject({ code: 'E_CERTIFICATE' })
})

it('a certificate that was met again puts its own key back on record', async () => {
  const known = new KnownPeers(undefined, { clock })
  const identity = createIdentity(random, clock)
  await known.record(certificateOf(identity), true)
  await known.trust(identity.peer, createIdentity(random, clock).noise.publicKey)
  await known.record(certificateOf(identity), true)
  expect(await known.keyOf(identity.peer)).toEqual(identity.noise.publicKey)
})

it('a peer that only a wildcard admitted is named from then on', async () => {
  const known = new KnownPeers(undefined, { clock, maxWildcardPeers: 1 })
  const first = createIdentity(random, clock)
  await known.record(certificateOf(first), false)
  await known.trust(first.peer, first.noise.publicKey)
  await known.record(certificateOf(createIdentity(random, clock)), false)
  expect(await known.lookup(first.peer)).toMatchObject({ wildcard: false })
})
