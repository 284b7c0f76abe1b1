/**
 * A node's mix keys through packets, replays, crashes and a clock that jumps, from one seed: a packet that was let
 * through is never let through again.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock, SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { type AcceptingKey, MixKeyRing, type MixKeyRingOptions } from '../../../src/lib/mix/keys/index.ts'

/** Things that happen in one simulation. */
export const REPLAY_STEPS = 400

const EPOCH_S = 1200
/** Different packets: few, so that most come many times. */
const TAGS = 40

export interface ReplaySimulation {
  readonly forwarded: number
  readonly crashes: number
  readonly jumps: number
}

/** As a killed process leaves a folder: what it wrote, and nothing that it does later. */
export async function crashRing(ring: MixKeyRing, folder: string): Promise<void> {
  const files = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]))
  await ring.close()
  for (const [name, content] of files) if (name !== '.lock') writeFileSync(join(folder, name), content)
}

/** @throws Error when a packet passes twice */
export async function simulateReplays(seed: number): Promise<ReplaySimulation> {
  const folder = mkdtempSync(join(tmpdir(), 'aiv-replays-'))
  try {
    return await simulateIn(folder, new SeededRandom(seed))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function simulateIn(folder: string, random: SeededRandom): Promise<ReplaySimulation> {
  const clock = new ManualClock()
  const filter = { bytes: 16_384, journalTags: 64 }
  const log = { durability: 'process' } as const
  const options = { folder, clock, random, epochLengthS: EPOCH_S, workers: 1, filter, log, bootId: 'run' }
  const tags = Array.from({ length: TAGS }, () => random.bytes(32))
  const forwarded = new Set<string>()
  let [ring, crashes, jumps] = [await started(options), 0, 0]
  for (let step = 0; step < REPLAY_STEPS; step++) {
    const dice = random.below(20)
    if (dice === 0) {
      crashes++
      await crashRing(ring, folder)
      ring = await started(options)
    } else if (dice === 1) {
      jumps++
      clock.jumpWall((random.below(9) - 4) * EPOCH_S * 500)
      await ring.advance()
    } else if (dice < 5) {
      clock.advance(random.below(EPOCH_S * 500))
      await ring.advance()
    } else {
      const key = ring.accepting[random.below(ring.accepting.length)] as AcceptingKey
      const tag = tags[random.below(TAGS)] as Uint8Array
      if (await passes(ring, key, tag, random.chance(0.7))) noteOnce(forwarded, key, tag)
    }
  }
  await ring.close()
  return { forwarded: forwarded.size, crashes, jumps }
}

async function started(options: MixKeyRingOptions): Promise<MixKeyRing> {
  const ring = await MixKeyRing.open(options)
  await ring.advance()
  return ring
}

async function passes(
  ring: MixKeyRing,
  key: AcceptingKey,
  tag: Uint8Array,
  commits: boolean,
): Promise<boolean> {
  if (key.filter.insert(tag) !== 'new') return false
  const { ticket } = key.filter
  if (commits) await ring.commit()
  return ring.isDurable(key.epoch, 0, ticket)
}

function noteOnce(forwarded: Set<string>, { publicKey }: AcceptingKey, tag: Uint8Array): void {
  const packet = `${toHex(publicKey)} ${toHex(tag)}`
  if (forwarded.has(packet)) throw new Error('a packet was let through twice')
  forwarded.add(packet)
}
