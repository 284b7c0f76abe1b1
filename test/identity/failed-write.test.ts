/** What known peers are worth after their file could not be written once. */
import { readFileSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { ManualClock, unixSeconds } from '../../src/lib/core/index.ts'
import { ed25519, sha256 } from '../../src/lib/crypto/index.ts'
import {
  issueCertificate,
  KnownPeers,
  type VerifiedCertificate,
  verifyCertificate,
} from '../../src/lib/identity/index.ts'
import { temporaryFolder } from '../support/aiv.ts'

const clock = new ManualClock()

afterEach(() => void vi.restoreAllMocks())

function certificate(peer: number): VerifiedCertificate {
  const signer = ed25519.fromSeed(sha256(Uint8Array.of(peer)))
  const noisePublic = new Uint8Array(32).fill(peer)
  const notBefore = unixSeconds(clock)
  const bytes = issueCertificate(signer, { noisePublic, notBefore, notAfter: notBefore + 1000 })
  return verifyCertificate(bytes, { staticKey: noisePublic, clock })
}

/** The next call of that method of any open file fails. */
async function failOnce(path: string, method: 'sync' | 'write'): Promise<void> {
  const file = await open(path)
  const prototype = Object.getPrototypeOf(file) as FileHandle
  await file.close()
  const failure = Object.assign(new Error('failed'), { code: 'EIO' })
  vi.spyOn(prototype, method).mockRejectedValueOnce(failure)
}

async function started(): Promise<{ path: string; peers: KnownPeers }> {
  const path = join(temporaryFolder(), 'known-peers.jsonl')
  const peers = new KnownPeers(path, { clock })
  await peers.checkAndRecord(certificate(1))
  return { path, peers }
}

const lines = (path: string): number => readFileSync(path, 'utf8').split('\n').length - 1

it.each(['write', 'sync'] as const)(
  'a failed %s refuses the new peer once: it is not known, and is taken the next time',
  async (method) => {
    const { path, peers } = await started()
    await failOnce(path, method)
    await expect(peers.checkAndRecord(certificate(2))).rejects.toMatchObject({ code: 'E_IO' })
    expect(lines(path)).toBe(1)
    expect(await peers.lookup(certificate(2).peer)).toBeUndefined()
    expect(await peers.checkAndRecord(certificate(1))).toBe('same')
    expect(await peers.checkAndRecord(certificate(2))).toBe('new')
    expect(await new KnownPeers(path, { clock }).list()).toHaveLength(2)
  },
)

it('what could not be taken back counts only after the whole file was written anew', async () => {
  const { path, peers } = await started()
  const { ino } = statSync(path)
  await failOnce(path, 'sync')
  const file = await open(path)
  const truncate = vi.spyOn(Object.getPrototypeOf(file) as FileHandle, 'truncate')
  await file.close()
  truncate.mockResolvedValueOnce(undefined).mockRejectedValueOnce(new Error('failed'))
  await expect(peers.checkAndRecord(certificate(2))).rejects.toMatchObject({ code: 'E_IO' })
  expect(lines(path)).toBe(2)
  await failOnce(path, 'sync')
  await expect(peers.checkAndRecord(certificate(2))).rejects.toMatchObject({ code: 'E_IO' })
  await peers.checkAndRecord(certificate(2))
  expect(statSync(path).ino).not.toBe(ino)
  expect(await new KnownPeers(path, { clock }).list()).toHaveLength(2)
  expect(await peers.checkAndRecord(certificate(3))).toBe('new')
})
