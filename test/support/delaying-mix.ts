/** Mixes that log the delays they give to a sender's packets, honest ones and others, as far as an audit sees them. */
import { concat, SeededRandom, u64 } from '../../src/lib/core/index.ts'
import { type Ecvrf, loadEcvrf, sha256 } from '../../src/lib/crypto/index.ts'
import { type AuditedMix, auditedMixes } from '../../src/lib/mix/delay/audit/audited-mix.ts'
import type { DelaySample } from '../../src/lib/mix/delay/audit/sample.ts'
import { proveDelaySeed } from '../../src/lib/mix/delay/epoch-seed.ts'
import { sampleExponential } from '../../src/lib/mix/delay/exponential.ts'
import { DelayLog } from '../../src/lib/mix/delay/log/delay-log.ts'
import { MemoryBuckets } from '../../src/lib/mix/delay/log/leaf-buckets.ts'
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

/** Ways to be dishonest, each with the fault that gives it away. */
export const DISHONEST_MIXES: Readonly<
  Record<string, { readonly fault: string; readonly conduct: Conduct }>
> = {
  'holds every packet 20 ms longer': {
    fault: 'late',
    conduct: (delayUs) => ({ ...keep(delayUs), heldUs: delayUs + 20_000 }),
  },
  'holds one packet in ten for 200 ms more': {
    fault: 'late',
    conduct: (delayUs, random) => ({
      ...keep(delayUs),
      heldUs: delayUs + (random.chance(0.1) ? 200_000 : 0),
    }),
  },
  'sends on at once and writes down what it should have done': {
    fault: 'early',
    conduct: (delayUs) => ({ ...keep(delayUs), heldUs: 300 }),
  },
  'writes down that it sends on at once': {
    fault: 'impossible_times',
    conduct: (delayUs) => ({ ...keep(delayUs), heldUs: 300, claimedUs: 300 }),
  },
  'draws delays of its own, all as likely': {
    fault: 'law',
    conduct: (_, random) => keep(random.below(66_000)),
  },
  'draws delays of its own, by the right law': {
    fault: 'wrong_delay',
    conduct: (_, random) => keep(Math.round(sampleExponential(random, 33_000))),
  },
  'leaves packets out of its log': {
    fault: 'missing_line',
    conduct: (delayUs, random) => ({ ...keep(delayUs), logs: !random.chance(0.02) }),
  },
}

export interface AuditedRun {
  readonly mix: AuditedMix
  readonly directory: MixDirectory
  readonly reveal: Uint8Array
  readonly samples: readonly DelaySample[]
  readonly vrf: Ecvrf
}

export interface RunOptions {
  readonly conduct?: Conduct
  readonly mode?: DelayMode
  readonly packets?: number
  readonly seed?: number
  /** Share of packets that get lost on their way. */
  readonly loss?: number
  /** Instead of what the rule says. */
  readonly sharedRandomOfMix?: Uint8Array
}

export const MEAN_US = 33_000

/** Sends packets of its own and of others through a mix for an epoch; the samples of its own, and what the mix reveals. */
export async function runDelayingMix(options: RunOptions = {}): Promise<AuditedRun> {
  const { conduct = keep, mode = 'vrf', packets = 300, seed = 1, loss = 0 } = options
  const vrf = await loadEcvrf()
  const random = new SeededRandom(seed)
  const { nodes, directory } = paperNetwork(3, () => ({ delay: { mode, meanUs: MEAN_US } }), seed)
  const [{ identity, vrfSeed }] = nodes as [PaperNode]
  const [mix] = auditedMixes(directory) as [AuditedMix]
  const sharedRandom = options.sharedRandomOfMix ?? mix.sharedRandom
  const delaySeed = proveDelaySeed(vrf, vrfSeed, { ...mix, sharedRandom })
  const log = new DelayLog(new MemoryBuckets(), 100_000)
  const samples: DelaySample[] = []
  for (let i = 0; i < packets * 4; i++) {
    const isOwn = i % 4 === 0
    const tau = sha256(concat(random.bytes(16), u64(i)))
    const commandMs = random.below(40)
    const delayUs = delayOf(mode, commandMs, delaySeed.beta, tau, MEAN_US)
    const { loggedUs, heldUs, claimedUs, logs } = isOwn ? conduct(delayUs, random) : keep(delayUs)
    const elsewhereUs = 60_000 + random.below(30_000)
    const isLost = isOwn && random.chance(loss)
    const arrivedUs = 1_795_564_800_000_000 + i * 1_000 + 0.25
    if (logs && !isLost) log.append(tau, { delayUs: loggedUs, arrivedUs, releasedUs: arrivedUs + claimedUs })
    if (!isOwn) continue
    const jitterUs = Math.round(sampleExponential(random, 600))
    samples.push({
      tau,
      commandMs,
      elsewhereUs,
      ...(isLost ? {} : { observedUs: elsewhereUs + heldUs + jitterUs }),
    })
  }
  const reveal = concat(...writeReveal(identity, { node: mix.node, epoch: mix.epoch, seed: delaySeed }, log))
  return { mix, directory, reveal, samples, vrf }
}

/** The bytes in pieces, as a file or a socket gives them. */
export async function* piecesOf(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
