/** What a simulation is asked to do. */
import { AivError } from '../../core/index.ts'

export const COVERS = ['none', 'nym', 'loopix'] as const
/**
 * `none`: clients send what they have when they have it. `nym`: they send all the time, a loop to themselves when they
 * have nothing. `loopix`: they send all the time, drops when they have nothing, and loops beside it; and they fetch from
 * their provider at a constant rate.
 */
export type Cover = (typeof COVERS)[number]

export interface SimParameters {
  readonly nodes: number
  readonly layers: number
  readonly clients: number
  /** Packets that a client may send each second, real ones or what stands for them (λ_P). */
  readonly rate: number
  /** Loops that a client sends each second beside them (λ_L); `loopix` only. */
  readonly loopRate: number
  /** Share of the clients that have traffic. */
  readonly active: number
  /** Real packets of such a client, as a share of what it may send. */
  readonly load: number
  readonly cover: Cover
  readonly meanDelayMs: number
  readonly durationMs: number
  readonly seed: number
}

/** Default traffic of a small network; the mean delay gives 100 ms over three hops. */
export const SIM_DEFAULTS: SimParameters = {
  nodes: 9,
  layers: 3,
  clients: 100,
  rate: 50,
  loopRate: 5,
  active: 0.5,
  load: 0.3,
  cover: 'loopix',
  meanDelayMs: 33,
  durationMs: 10_000,
  seed: 1,
}

/** Visits at nodes that one simulation holds: so many fit into the memory that a process has by default. */
const VISITS_MOST = 3_000_000

/** @throws AivError `E_USAGE` when it cannot be simulated */
export function checkParameters(parameters: SimParameters): void {
  const { nodes, layers, clients, rate, loopRate, active, load, meanDelayMs, durationMs, seed } = parameters
  const refuse = (what: string, hint: string): never => {
    throw new AivError('E_USAGE', what, { hint })
  }
  if (!(Number.isInteger(layers) && layers >= 1 && layers <= 16))
    refuse('a network has 1 to 16 layers', 'Give --layers of 1 to 16.')
  if (!(Number.isInteger(nodes) && nodes >= layers && nodes <= 10_000))
    refuse('each layer needs a node', `Give --nodes of ${layers} to 10000.`)
  if (!(Number.isInteger(clients) && clients >= 2 && clients <= 1_000_000))
    refuse('a network has at least two clients', 'Give --clients of 2 to 1000000.')
  if (!(rate > 0 && rate <= 10_000 && loopRate >= 0 && loopRate <= 10_000))
    refuse('a client sends up to 10,000 packets a second', 'Give rates above 0.')
  if (!(active >= 0 && active <= 1 && load >= 0 && load < 1))
    refuse('shares are between 0 and 1', 'Give --active of 0 to 1 and --load below 1.')
  if (!(meanDelayMs >= 1 && meanDelayMs <= 3_600_000))
    refuse('a mean delay is 1 ms to 1 h', 'Give --mean-delay, such as 33ms.')
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32))
    refuse('a seed is a whole number below 2^32', 'Give --seed, such as 1.')
  if (!(durationMs > warmupMs(parameters) + settleMs(parameters)))
    refuse('the simulation ends before the nodes have filled', 'Give a longer --duration.')
  if ((clients * (rate + loopRate) * layers * durationMs) / 1000 > VISITS_MOST)
    refuse('more packets than memory holds', 'Give fewer clients, a lower rate or a shorter --duration.')
}

/** After ten mean delays a node holds what it will hold. */
export function warmupMs({ meanDelayMs }: SimParameters): number {
  return 10 * meanDelayMs
}

/** Packets that are sent so long before the end are all out of the network by then. */
export function settleMs({ meanDelayMs, layers }: SimParameters): number {
  return (layers + 20) * meanDelayMs
}
