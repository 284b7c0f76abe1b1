/** What `aiv mix sim` does: a network, its tests, and its files. */
import { open } from 'node:fs/promises'
import { AivError } from '../../core/index.ts'
import type { TestId, Verdict } from '../../mix/analysis/index.ts'
import type { SimParameters, SimSummary } from '../../mix/sim/index.ts'
import { writeOut } from '../io/write-out.ts'

export interface SimRequest {
  readonly parameters: SimParameters
  readonly tests: readonly TestId[] | undefined
  /** Where the trace goes, if anywhere. */
  readonly trace: string | undefined
  readonly plot: string | undefined
  readonly signal: AbortSignal
}

export interface SimAnswer {
  readonly summary: SimSummary
  readonly verdict: Verdict
}

/** Characters of a trace that are put together before they are written. */
const PIECE = 262_144

/** @throws AivError `E_USAGE` when it cannot be simulated, `E_IO` when a file cannot be written */
export async function runSimulation(request: SimRequest): Promise<SimAnswer> {
  const analysis = await import('../../mix/analysis/index.ts')
  const sim = await import('../../mix/sim/index.ts')
  const { parameters, tests, plot, signal } = request
  const { seed, rate, meanDelayMs, layers } = parameters
  const trace = sim.simulate(parameters)
  if (request.trace !== undefined) await writeTrace(request.trace, analysis.traceLines(trace), signal)
  const observation = analysis.observe(trace)
  if (plot !== undefined) await writeOut(plot, analysis.traceSvg(observation))
  const verdict = analysis.judgeAll(observation, {
    ...(tests === undefined ? {} : { tests }),
    // A network of its own: the one that is judged must not be its own model.
    modelBits: () => sim.modelEntropy(observation, seed + 1),
    others: {
      // Full cover is an offer to be proved; another kind of cover is judged by what it shows in this network.
      ...(parameters.cover === 'loopix'
        ? {
            T5: () =>
              sim.judgeCorrelationAttack({
                ...sim.CORRELATION_DEFAULTS,
                rate: Math.min(rate, CORRELATED_RATE_MOST),
                meanDelayMs,
                hops: layers,
                seed,
              }),
          }
        : {}),
      T10: () => sim.judgeBlending({ ...sim.BLENDING_DEFAULTS, seed }),
      T11: () => sim.judgeDisclosure({ ...sim.DISCLOSURE_DEFAULTS, seed }),
    },
  })
  return { summary: sim.summarize(trace), verdict }
}

/** At higher rates the attack costs minutes and finds the same. */
const CORRELATED_RATE_MOST = 20

async function writeTrace(path: string, lines: Iterable<string>, signal: AbortSignal): Promise<void> {
  try {
    const file = await open(path, 'w')
    try {
      let piece = ''
      for (const line of lines) {
        piece += `${line}\n`
        if (piece.length < PIECE) continue
        signal.throwIfAborted()
        await file.write(piece)
        piece = ''
      }
      await file.write(piece)
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (signal.aborted) throw new AivError('E_ABORTED', 'interrupted', { cause })
    throw new AivError('E_IO', `cannot write ${path}: ${(cause as Error).message}`, { cause })
  }
}
