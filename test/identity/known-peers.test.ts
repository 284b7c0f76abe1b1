import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { encodeBase32, isAivError, ManualClock, toHex, unixSeconds } from '../../src/lib/core/index.ts'
import { type Ed25519KeyPair, ed25519, sha256 } from '../../src/lib/crypto/index.ts'
import {
  CertificateError,
  issueCertificate,
  KnownPeers,
  type KnownPeersOptions,
  type VerifiedCertificate,
  verifyCertificate,
} from '../../src/lib/identity/index.ts'
import { temporaryFolder } from '../support/aiv.ts'
import { startChild } from './child.ts'

const clock = new ManualClock()
const NOW = unixSeconds(clock)
const HOUR_MS = 3_600_000

let folder: string
let path: string
beforeEach(() => {
  folder = temporaryFolder()
  path = join(folder, 'known-peers.jsonl')
})

const signers = new Map<number, Ed25519KeyPair>()

/** A certificate of peer number `peer`, with Noise key number `key`, that starts `start` seconds from now. */
function certificate(peer: number, start = 0, key = 0, lifetime = 1000): VerifiedCertificate {
  const signer = signers.get(peer) ?? ed25519.fromSeed(sha256(Uint8Array.of(peer >> 8, peer & 255)))
  signers.set(peer, signer)
  const noisePublic = new Uint8Array(32).fill(key + 1)
  const notBefore = NOW + start
  const bytes = issueCertificate(signer, { noisePublic, notBefore, notAfter: notBefore + lifetime })
  return verifyCertificate(bytes, { staticKey: noisePublic, clock: new ManualClock(notBefore * 1000) })
}

const peerOf = (peer: number): string => certificate(peer).peer
const open = (options: KnownPeersOptions = {}): KnownPeers => new KnownPeers(path, { clock, ...options })

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof CertificateError) return error.reason
    if (isAivError(error)) return error.code
    throw error
  }
}

const lines = (): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1)

describe('the roll-back rule', () => {
  for (const where of ['in a file', 'in memory']) {
    it(`${where}: takes what is new, the same or newer, and nothing older or as old with other content`, async () => {
      const peers = where === 'in a file' ? open() : new KnownPeers(undefined, { clock })
      expect(await peers.checkAndRecord(certificate(1, 0))).toBe('new')
      expect(await peers.checkAndRecord(certificate(1, 0))).toBe('same')
      expect(await peers.checkAndRecord(certificate(1, 10))).toBe('newer')
      expect(await peers.checkAndRecord(certificate(1, 20, 5))).toBe('rotated')
      expect(await reasonOf(peers.checkAndRecord(certificate(1, 19, 5)))).toBe('rolled back')
      expect(await reasonOf(peers.checkAndRecord(certificate(1, 0)))).toBe('rolled back')
      expect(await reasonOf(peers.checkAndRecord(certificate(1, 20, 6)))).toBe('rolled back')
      expect(await reasonOf(peers.checkAndRecord(certificate(1, 20, 5, 999)))).toBe('rolled back')
      expect(await peers.checkAndRecord(certificate(1, 20, 5))).toBe('same')
      expect(await peers.checkAndRecord(certificate(2, 0))).toBe('new')
      expect(await peers.keyOf(peerOf(1))).toEqual(certificate(1, 20, 5).noisePublic)
      expect(await peers.keyOf(peerOf(3))).toBeUndefined()
    })
  }

  it('holds across a restart', async () => {
    await open().record(certificate(1, 10), true)
    const peers = open()
    expect(await reasonOf(peers.record(certificate(1, 9), true))).toBe('rolled back')
    expect(await reasonOf(peers.record(certificate(1, 10, 7), true))).toBe('rolled back')
    expect(await peers.checkAndRecord(certificate(1, 10))).toBe('same')
  })

  it('holds between two that share the file, from the moment the first one knows', async () => {
    const [first, second] = [open(), open()]
    await second.list()
    await first.checkAndRecord(certificate(1, 10))
    expect(await reasonOf(second.checkAndRecord(certificate(1, 5)))).toBe('rolled back')
    await second.checkAndRecord(certificate(1, 20))
    expect(await reasonOf(first.checkAndRecord(certificate(1, 10)))).toBe('rolled back')
  })

  it('judges those that come at the same time one after the other', async () => {
    const peers = open()
    const outcomes = await Promise.all(
      [0, 5, 3, 5, 9].map((start) => reasonOf(peers.checkAndRecord(certificate(1, start)))),
    )
    expect(outcomes).toEqual(['new', 'newer', 'rolled back', 'same', 'newer'])
    expect((await peers.lookup(peerOf(1)))?.notBefore).toBe(NOW + 9)
  })

  it('ends as a model does for any sequence of certificates and restarts', async () => {
    const step = fc.record({
      peer: fc.integer({ min: 1, max: 3 }),
      start: fc.integer({ min: 0, max: 4 }),
      key: fc.integer({ min: 0, max: 1 }),
      restart: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        rmSync(path, { force: true })
        const model = new Map<number, { start: number; key: number }>()
        let peers = open()
        for (const { peer, start, key, restart } of steps) {
          if (restart) peers = open()
          const known = model.get(peer)
          const accepted =
            known === undefined || start > known.start || (start === known.start && key === known.key)
          if (accepted) model.set(peer, { start, key })
          const outcome = await reasonOf(peers.checkAndRecord(certificate(peer, start, key)))
          expect(outcome !== 'rolled back').toBe(accepted)
        }
        const kept = (await open().list()).map(({ peer, notBefore, x }) => [
          peer,
          notBefore - NOW,
          (x[0] as number) - 1,
        ])
        const wanted = [...model].map(([peer, { start, key }]) => [peerOf(peer), start, key])
        expect(kept.sort()).toEqual(wanted.sort())
      }),
      { numRuns: 40 },
    )
  })
})

describe('the file', () => {
  it('has one line a peer in the specified form and is for its owner only', async () => {
    path = join(folder, 'made', 'known-peers.jsonl')
    const shown = certificate(1, 0, 4)
    await open().checkAndRecord(shown)
    expect(lines().map((line) => JSON.parse(line))).toEqual([
      {
        peer: shown.peer,
        x: encodeBase32(shown.noisePublic),
        firstSeen: NOW,
        lastSeen: NOW,
        certHash: toHex(sha256(shown.bytes)),
        notBefore: shown.notBefore,
      },
    ])
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600')
    expect((statSync(join(folder, 'made')).mode & 0o777).toString(8)).toBe('700')
  })

  it('is read where somebody wrote it by hand', async () => {
    const { peer, hash, noisePublic } = certificate(1)
    const record = {
      peer,
      x: encodeBase32(noisePublic),
      firstSeen: 1,
      lastSeen: 2,
      certHash: toHex(hash),
      notBefore: NOW,
    }
    writeFileSync(path, `${JSON.stringify({ ...record, notBefore: 3 })}\n\n${JSON.stringify(record)}\n`)
    expect(await open().list()).toEqual([{ ...record, x: noisePublic, certHash: hash, wildcard: false }])
  })

  it('notes a peer that was seen again, once an hour', async () => {
    const later = new ManualClock()
    const peers = new KnownPeers(path, { clock: later })
    await peers.checkAndRecord(certificate(1))
    for (let i = 0; i < 10; i++) await peers.checkAndRecord(certificate(1))
    expect(lines()).toHaveLength(1)
    later.advance(HOUR_MS)
    expect(await peers.checkAndRecord(certificate(1))).toBe('same')
    expect(lines()).toHaveLength(2)
    expect(await open().lookup(peerOf(1))).toMatchObject({ firstSeen: NOW, lastSeen: NOW + 3600 })
  })

  it('is rewritten when most of it is out of date, and others that share it notice', async () => {
    const [peers, other] = [open(), open()]
    await other.checkAndRecord(certificate(2))
    for (let start = 0; start < 1100; start++) await peers.checkAndRecord(certificate(1, start))
    expect(lines().length).toBeLessThan(150)
    expect(await reasonOf(other.checkAndRecord(certificate(1, 1098)))).toBe('rolled back')
    expect(await other.checkAndRecord(certificate(2))).toBe('same')
    expect(await open().list()).toHaveLength(2)
  })

  it('that vanishes loses nothing that a running program knows', async () => {
    const peers = open()
    await peers.checkAndRecord(certificate(1, 10))
    rmSync(path)
    expect(await reasonOf(peers.checkAndRecord(certificate(1, 5)))).toBe('rolled back')
    await peers.checkAndRecord(certificate(2))
    expect(await open().list()).toHaveLength(2)
  })

  it('ends in a line that a crash cut off, or in zeros: that line was never acknowledged', async () => {
    for (const rest of [
      '{"peer":"ciq',
      '\0\0\0\0',
      `\0\0\0"notBefore":1}\n`,
      'x'.repeat(70_000).replaceAll('x', '\0'),
    ]) {
      rmSync(path, { force: true })
      await open().checkAndRecord(certificate(1))
      appendFileSync(path, rest)
      const peers = open()
      expect(await peers.list()).toHaveLength(1)
      await peers.checkAndRecord(certificate(2))
      expect((await open().list()).map(({ peer }) => peer)).toEqual([peerOf(1), peerOf(2)])
    }
  })

  it('with a damaged line is refused, so that no record is lost unseen', async () => {
    await open().checkAndRecord(certificate(1))
    const good = readFileSync(path, 'utf8')
    const record = JSON.parse(good) as Record<string, unknown>
    const bad = [
      'not json',
      '[]',
      JSON.stringify({ ...record, peer: 'ciqabc' }),
      JSON.stringify({ ...record, x: 'aa' }),
      JSON.stringify({ ...record, certHash: 'ff' }),
      JSON.stringify({ ...record, notBefore: -1 }),
      JSON.stringify({ ...record, notBefore: '1' }),
      JSON.stringify({ ...record, wildcard: 1 }),
      JSON.stringify({ ...record, more: 1 }),
      `{"peer":"${'c'.repeat(2000)}"}`,
    ]
    for (const line of bad) {
      writeFileSync(path, `${good}${line}\n${good}`)
      expect(await reasonOf(open().checkAndRecord(certificate(2))), line.slice(0, 80)).toBe('E_INPUT')
    }
    writeFileSync(path, 'x'.repeat(200_000))
    expect(await reasonOf(open().list())).toBe('E_INPUT')
  })

  it('that cannot be read or written makes the record fail', async () => {
    mkdirSync(path)
    expect(await reasonOf(open().checkAndRecord(certificate(1)))).toBe('E_IO')
    rmSync(path, { recursive: true })
    writeFileSync(join(folder, 'plain'), '')
    path = join(folder, 'plain', 'known-peers.jsonl')
    expect(await reasonOf(open().checkAndRecord(certificate(1)))).toBe('E_IO')
  })

  it('that a user may read but not write makes what is new fail and leaves what is known as it was', async (context) => {
    if (process.getuid === undefined) return context.skip('this platform has no numeric users')
    await open().checkAndRecord(certificate(1, 0))
    chmodSync(path, 0o444)
    chmodSync(folder, 0o755)
    const { bytes } = certificate(1, 5)
    const child = startChild(`
      if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534) }
      const bytes = core.fromHex('${toHex(bytes)}'), staticKey = bytes.subarray(33, 65)
      const verified = identity.verifyCertificate(bytes, { staticKey, clock: new core.ManualClock() })
      const peers = new identity.KnownPeers(${JSON.stringify(path)})
      await peers.checkAndRecord(verified).catch((error) => console.log(error.code))
      console.log((await peers.lookup(verified.peer)).notBefore)`)
    expect(await child.output()).toBe(`E_PERMISSION\n${NOW}\n`)
  })

  it('shared by two processes that record at the same time loses no record of either', async () => {
    const body = (seed: number): string => `
      const random = new core.SeededRandom(${seed}), clock = core.systemClock
      const peers = new identity.KnownPeers(${JSON.stringify(path)})
      for (let i = 0; i < 60; i++) {
        const { certificate, noise } = identity.anonymousIdentity(random, clock)
        const verified = identity.verifyCertificate(certificate, { staticKey: noise.publicKey, clock })
        await peers.checkAndRecord(verified)
        console.log(verified.peer)
      }`
    const outputs = await Promise.all([1, 2].map((seed) => startChild(body(seed)).output()))
    const recorded = outputs.flatMap((text) => text.trim().split('\n'))
    expect(recorded).toHaveLength(120)
    expect(new Set((await open().list()).map(({ peer }) => peer))).toEqual(new Set(recorded))
  })
})

describe('peers that only a wildcard admitted', () => {
  it('are bounded, the least recently seen going first; named ones are kept without limit', async () => {
    const later = new ManualClock()
    const options = { clock: later, maxWildcardPeers: 3 }
    const peers = open(options)
    for (let peer = 10; peer < 15; peer++) await peers.record(certificate(peer), true)
    for (let peer = 0; peer < 3; peer++) await peers.record(certificate(peer), false)
    later.advance(2 * HOUR_MS)
    await peers.record(certificate(0), false)
    await peers.record(certificate(3), false)
    const expected = [10, 11, 12, 13, 14, 2, 0, 3].map(peerOf)
    expect((await peers.list()).map(({ peer }) => peer)).toEqual(expected)
    expect((await open(options).list()).map(({ peer }) => peer)).toEqual(expected)
  })

  it('are kept like all others once somebody names them, and stay so', async () => {
    const options = { maxWildcardPeers: 1 }
    const peers = open(options)
    await peers.record(certificate(1), false)
    await peers.record(certificate(1), true)
    await peers.record(certificate(1), false)
    for (let peer = 2; peer < 5; peer++) await peers.record(certificate(peer), false)
    expect((await open(options).list()).map(({ peer, wildcard }) => [peer, wildcard])).toEqual([
      [peerOf(1), false],
      [peerOf(4), true],
    ])
  })
})

it('a peer that is removed is forgotten on the disk and by all that share the file', async () => {
  const [peers, other] = [open(), open()]
  await peers.checkAndRecord(certificate(1, 10))
  await peers.checkAndRecord(certificate(2))
  await other.list()
  expect(await peers.remove(peerOf(1))).toBe(true)
  expect(await peers.remove(peerOf(1))).toBe(false)
  expect(await other.lookup(peerOf(1))).toBeUndefined()
  expect(await other.checkAndRecord(certificate(1, 5))).toBe('new')
  expect(await open().list()).toHaveLength(2)
})
