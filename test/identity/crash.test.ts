/** Processes killed at random points while they write identity files and known peers. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SeededRandom, systemClock } from '../../src/lib/core/index.ts'
import { KnownPeers, loadIdentity, rotateIdentity, updateIdentity } from '../../src/lib/identity/index.ts'
import { temporaryFolder } from '../support/aiv.ts'
import { startChild } from './child.ts'

const ROUNDS = 8

async function killAfter(body: string, delayMs: number): Promise<string> {
  const child = startChild(body)
  await child.started()
  const timer = setTimeout(() => child.process.kill('SIGKILL'), delayMs)
  const output = await child.output()
  clearTimeout(timer)
  expect(child.process.signalCode).toBe('SIGKILL')
  return output
}

it('an identity file that is being replaced is the old one or the new one, never less', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'alice.key')
  const random = new SeededRandom(11)
  for (let round = 0; round < ROUNDS; round++) {
    const output = await killAfter(
      `const { systemRandom } = crypto, { systemClock } = core
       const path = ${JSON.stringify(path)}
       await identity.saveIdentity(path, identity.createIdentity(systemRandom, systemClock), { overwrite: true })
       for (;;) {
         const next = await identity.updateIdentity(path, (old) => identity.rotateIdentity(old, systemRandom, systemClock))
         process.stdout.write(next.lastNotBefore + '\\n')
       }`,
      random.below(60),
    )
    const acknowledged = output.split('\n').slice(0, -1).map(Number)
    const found = await loadIdentity(path)
    expect(found.lastNotBefore).toBeGreaterThanOrEqual(acknowledged.at(-1) ?? 0)
  }
  await updateIdentity(path, (old) => rotateIdentity(old, random, systemClock))
  expect(readdirSync(folder).sort()).toEqual(['.alice.key.lock', 'alice.key'])
})

it('a peer whose record was acknowledged is known after a kill at any point', async () => {
  const path = join(temporaryFolder(), 'known-peers.jsonl')
  const random = new SeededRandom(12)
  const acknowledged: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const output = await killAfter(
      `const { systemRandom } = crypto, { systemClock: clock } = core
       const peers = new identity.KnownPeers(${JSON.stringify(path)})
       const recordForever = async () => {
         for (;;) {
           const { certificate, noise } = identity.anonymousIdentity(systemRandom, clock)
           const verified = identity.verifyCertificate(certificate, { staticKey: noise.publicKey, clock })
           await peers.checkAndRecord(verified)
           process.stdout.write(verified.peer + '\\n')
         }
       }
       await Promise.all([recordForever(), recordForever(), recordForever()])`,
      random.below(80),
    )
    acknowledged.push(...output.split('\n').slice(0, -1))
    const known = new Set((await new KnownPeers(path).list()).map(({ peer }) => peer))
    expect(acknowledged.filter((peer) => !known.has(peer))).toEqual([])
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS)
})
