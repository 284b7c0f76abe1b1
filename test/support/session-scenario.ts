/** What one simulated run looks like, drawn from its seed: the link, the limits of both sides, the applications. */
import type { SeededRandom } from '../../src/lib/core/index.ts'
import type { RekeyThresholds } from '../../src/lib/htx/frames/index.ts'
import type { SessionLimits, SideParameters } from '../../src/lib/htx/session/index.ts'
import type { PipeFault, PipeOptions } from './session-pipe.ts'

export interface SideScenario {
  readonly parameters: SideParameters
  readonly limits: Partial<SessionLimits>
  readonly rekey: RekeyThresholds
  /** Streams this side tries to open, and over how many milliseconds. */
  readonly streams: number
  readonly openWithinMs: number
}

export interface Scenario {
  readonly features: number
  readonly pipe: { readonly c: PipeOptions; readonly s: PipeOptions }
  readonly side: { readonly c: SideScenario; readonly s: SideScenario }
  /** Most bytes one direction of a stream carries. */
  readonly streamBytes: number
  /** How the session ends when no fault ends it. */
  readonly ending: 'drain' | 'both-drain' | 'close'
  readonly endingBy: 'c' | 's'
  readonly endingAtMs: number
  /** Chance of each stream to be reset, stopped or read slowly. */
  readonly unrest: number
}

const KIB = 1024

function pick<T>(random: SeededRandom, ...values: readonly T[]): T {
  return values[random.below(values.length)] as T
}

function drawPipe(random: SeededRandom, bytes: number): PipeOptions {
  const chunks = pick(random, 'mixed', 'mixed', 'whole', bytes < 60_000 ? 'bytes' : ('mixed' as const))
  const fault = random.chance(0.35)
    ? {
        kind: pick<PipeFault['kind']>(random, 'cut', 'corrupt', 'drop', 'duplicate', 'swap'),
        at: random.below(bytes),
      }
    : undefined
  return {
    latencyMs: pick(random, 0, 1, 20, 150),
    jitterMs: pick(random, 0, 0, 5, 100),
    bytesPerMs: pick(random, 20, 200, 5_000, Number.POSITIVE_INFINITY),
    chunks,
    stallChance: pick(random, 0, 0, 0.02),
    stallMs: pick(random, 50, 1_500),
    fault,
  }
}

function drawRekey(random: SeededRandom): RekeyThresholds {
  const never = {
    bytes: Number.POSITIVE_INFINITY,
    frames: Number.POSITIVE_INFINITY,
    ms: Number.POSITIVE_INFINITY,
  }
  // A receiver takes 32 key updates at once and four a second: thresholds stay within that.
  switch (random.below(4)) {
    case 0:
      return { ...never, frames: 40 + random.below(200) }
    case 1:
      return { ...never, ms: 260 + random.below(2_000) }
    case 2:
      return { ...never, bytes: 8_000 + random.below(40_000) }
    default:
      return never
  }
}

function drawSide(random: SeededRandom, streams: number): SideScenario {
  const streamWindow = pick(random, 2 * KIB, 5_000, 16 * KIB, 256 * KIB)
  const sessionWindow = pick(random, undefined, streamWindow, streamWindow * 2, 1_024 * KIB)
  return {
    parameters: {
      maxFrame: pick(random, 1_500, 16_384, 65_535),
      streamWindow,
      sessionWindow,
      maxStreams: pick(random, 3, 20, 256),
      idleTimeoutMs: pick(random, 0, 300_000),
    },
    limits: {
      streamHighWater: pick(random, 1_000, 8 * KIB, 256 * KIB),
      sessionHighWater: pick(random, 4 * KIB, 64 * KIB, 4_096 * KIB),
      streamWindowMost: pick(random, streamWindow, streamWindow * 4),
      sessionWindowMost: pick(random, 24 * KIB, 1_024 * KIB),
      ahead: pick(random, 2 * KIB, 16 * KIB),
      backlog: pick(random, 2, 128),
    },
    rekey: drawRekey(random),
    streams: random.below(streams + 1),
    openWithinMs: pick(random, 0, 200, 3_000),
  }
}

function padded(side: SideScenario, pad: boolean): SideScenario {
  return { ...side, limits: { ...side.limits, pad } }
}

export function drawScenario(random: SeededRandom): Scenario {
  const streamBytes = pick(random, 300, 3_000, 12_000, 60_000)
  const streams = streamBytes > 10_000 ? 8 : 16
  const quiet = { c: drawSide(random, streams), s: drawSide(random, streams) }
  const bytes = 200 + streamBytes * streams
  const scenario = {
    features: pick(random, 0x0f, 0x0f, 0x07, 0),
    pipe: { c: drawPipe(random, bytes), s: drawPipe(random, bytes) },
    streamBytes,
    ending: pick<Scenario['ending']>(random, 'drain', 'drain', 'both-drain', 'close'),
    endingBy: pick<Scenario['endingBy']>(random, 'c', 's'),
    endingAtMs: pick(random, 200, 2_000, 5_000, 20_000),
    unrest: pick(random, 0, 0.1, 0.5),
  }
  const { c, s } = quiet
  return { ...scenario, side: { c: padded(c, random.chance(0.3)), s: padded(s, random.chance(0.3)) } }
}
