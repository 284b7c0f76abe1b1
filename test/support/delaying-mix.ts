/** Mixes that hold loops and log their delays, honest ones and others, as far as an audit sees them. */
import { concat, SeededRandom } from '../../src/lib/core/index.ts'
import { type Ecvrf, loadEcvrf } from '../../src/lib/crypto/index.ts'
import { type AuditedMix, auditedMixes } from '../../src/lib/mix/delay/audit/audited-mix.ts'
import type { LoopHop, LoopSample } from '../../src/lib/mix/delay/audit/loop-sample.ts'
import { proveDelaySeed } from '../../src/lib/mix/delay/epoch-seed.ts'
import { sampleExponential } from '../../src/lib/mix/delay/exponential.ts'
import { DelayLog } from '../../src/lib/mix/delay/log/delay-log.ts'
import { MemoryLeaves } from '../../src/lib/mix/delay/log/leaf-store.ts'
import { writeReveal } from '../../src/lib/mix/delay/log/reveal.ts'
import { delayOf } from '../../src/lib/mix/delay/mode.ts'
import type { DelayMode, MixDirectory } from '../../src/lib/mix/directory/document.ts'
import { type PaperNode, paperNetwork } from './mix-directory.ts'

/** What the mix does to one packet. */
export interface Handling {
  /** The delay that it writes into its log. */
  readonly loggedUs: number
  /** How long it really holds the packet. */
  readonly heldUs: number
  /** How long its log says that it did. */
  readonly claimedUs: number
  readonly logs: boolean
}

export type Conduct = (delayUs: number, random: SeededRandom) => Handling

function keep(delayUs: number): Handling {
  return { loggedUs: delayUs, heldUs: delayUs, claimedUs: delayUs, logs: true }
}

interface Dishonesty {
  /** What gives it away. */
  readonly fault: string
  /** Whether a few hundred loops are always enough to see it. */
  readonly isCertain: boolean
  readonly conduct: Conduct
}

/** Ways to be dishonest. */
export const DISHONEST_MIXES: Readonly<Record<string, Dishonesty>> = {
  'holds every packet 30 ms longer': {
    fault: 'late',
    isCertain: true,
    conduct: (delayUs) => ({ ...keep(delayUs), heldUs: delayUs + 30_000 }),
  },
  'holds one packet in ten for 200 ms more': {
    fault: 'late',
    isCertain: true,
    conduct: (delayUs, random) => ({
      ...keep(delayUs),
      heldUs: delayUs + (random.chance(0.1) ? 200_000 : 0),
    }),
  },
  'sends on at once and writes down what it should have done': {
    fault: 'early',
    isCertain: true,
    conduct: (delayUs) => ({ ...keep(delayUs), heldUs: 300 }),
  },
  'writes down that it sends on at once': {
    fault: 'impossible_times',
    isCertain: true,
    conduct: (delayUs) => ({ ...keep(delayUs), heldUs: 300, claimedUs: 300 }),
  },
  'draws delays of its own, all as likely': {
    fault: 'law',
    isCertain: true,
    conduct: (_, random) => keep(random.below(66_000)),
  },
  'draws delays of its own, by the right law': {
    fault: 'wrong_delay',
    isCertain: true,
    conduct: (_, random) => keep(Math.round(sampleExponential(random, 33_000))),
  },
  'leaves packets out of its log': {
    fault: 'missing_line',
    isCertain: false,
    conduct: (delayUs, random) => ({ ...keep(delayUs), logs: !random.chance(0.02) }),
  },
}

export interface AuditedRun {
  readonly vrf: Ecvrf
  readonly directory: MixDirectory
  readonly mixes: readonly AuditedMix[]
  /** What each mix reveals, in the order of the directory; none of those that draw no delays. */
  readonly reveals: readonly (Uint8Array | undefined)[]
  readonly loops: readonly LoopSample[]
}

export interface RunOptions {
  /** What the first mix does to loops; the others are honest. */
  readonly conduct?: Conduct
  /** Of mix number `index`; default `vrf`. */
  readonly modeOf?: (index: number) => DelayMode
  readonly loops?: number
  readonly seed?: number
  /** Share of loops that get lost at a hop. */
  readonly loss?: number
  /** What the first mix makes its seed of. */
  readonly sharedRandomOfFirst?: Uint8Array
}

const MEAN_US = 33_000
const MIXES = 9
const LAYERS = 3
const START_US = 1_795_564_800_000_000.5

/** Sends loops through three layers of mixes for an epoch, beside packets of others. */
export async function runDelayingMixes(options: RunOptions = {}): Promise<AuditedRun> {
  const { conduct = keep, modeOf = () => 'vrf', loops = 480, seed = 1, loss = 0 } = options
  const vrf = await loadEcvrf()
  const random = new SeededRandom(seed)
  const { nodes, directory } = paperNetwork(
    MIXES,
    (i) => ({ delay: { mode: modeOf(i), meanUs: MEAN_US } }),
    seed,
  )
  const mixes = auditedMixes(directory)
  const states = mixes.map((mix, i) => {
    const { identity, vrfSeed } = nodes[i] as PaperNode
    const sharedRandom = (i === 0 ? options.sharedRandomOfFirst : undefined) ?? mix.sharedRandom
    const delaySeed = proveDelaySeed(vrf, vrfSeed, { ...mix, sharedRandom })
    return {
      mix,
      identity,
      delaySeed,
      log: new DelayLog(new MemoryLeaves(), 100_000),
      conduct: i === 0 ? conduct : keep,
    }
  })
  const samples: LoopSample[] = []
  for (let n = 0; n < loops; n++) {
    const linksUs = 40_000 + random.below(20_000)
    const hops: LoopHop[] = []
    let tookUs = linksUs
    let isLost = false
    for (let layer = 0; layer < LAYERS; layer++) {
      // The paper network puts node number i into layer i mod 3.
      const {
        mix,
        delaySeed,
        log,
        conduct: treat,
      } = states[layer + LAYERS * random.below(MIXES / LAYERS)] as (typeof states)[0]
      const hop = { node: mix.node, tau: random.bytes(32), commandMs: 1 + random.below(40) }
      hops.push(hop)
      isLost ||= random.chance(loss)
      if (isLost) continue
      const { mode, meanUs } = mix
      const { loggedUs, heldUs, claimedUs, logs } = treat(
        delayOf(mode, hop.commandMs, delaySeed.beta, hop.tau, meanUs),
        random,
      )
      const arrivedUs = START_US + n * 1_000 + tookUs
      if (logs) log.append(hop.tau, { delayUs: loggedUs, arrivedUs, releasedUs: arrivedUs + claimedUs })
      log.append(random.bytes(32), { delayUs: 1, arrivedUs, releasedUs: arrivedUs + 1 })
      tookUs += heldUs + Math.round(sampleExponential(random, 300))
    }
    samples.push({ hops, linksUs, ...(isLost ? {} : { observedUs: tookUs }) })
  }
  const reveals = states.map(({ mix, identity, delaySeed, log }) =>
    mix.mode === 'sender'
      ? undefined
      : concat(...writeReveal(identity, { node: mix.node, epoch: mix.epoch, seed: delaySeed }, log)),
  )
  return { vrf, directory, mixes, reveals, loops: samples }
}

/** The bytes in pieces, as a file or a socket gives them. */
export async function* piecesOf(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
