/** What clients send and when. */
import type { SeededRandom } from '../../core/index.ts'
import type { PacketKind } from '../analysis/index.ts'
import type { SimParameters } from './parameters.ts'
import { exponential, poissonTimes, stream } from './random.ts'

export interface Sending {
  readonly client: number
  readonly atMs: number
  readonly kind: PacketKind
  /** Who gets it: another client, the client itself, or its provider (-1). */
  readonly to: number
}

/** Clients with traffic talk to the next one of them; the last to the first. */
function partnerOf(client: number, { clients, active }: SimParameters): number {
  const talking = Math.round(clients * active)
  return client < talking ? (client + 1) % Math.max(2, talking) : -1
}

/** Everything that all clients send, client by client. */
export function* trafficOf(parameters: SimParameters): Generator<Sending> {
  for (let client = 0; client < parameters.clients; client++) {
    const random = stream(parameters.seed, 2 * client)
    yield* clientTraffic(client, random, parameters)
  }
}

function* clientTraffic(client: number, random: SeededRandom, parameters: SimParameters): Generator<Sending> {
  const { rate, loopRate, load, cover, durationMs } = parameters
  const partner = partnerOf(client, parameters)
  const messageGapMs = partner === -1 || load === 0 ? Number.POSITIVE_INFINITY : 1000 / (rate * load)
  const messages = poissonTimes(random, messageGapMs, 0, durationMs)
  if (cover === 'none') {
    for (const atMs of messages) yield { client, atMs, kind: 'real', to: partner }
    return
  }
  let waiting = 0
  for (
    let atMs = exponential(random, 1000 / rate);
    atMs < durationMs;
    atMs += exponential(random, 1000 / rate)
  ) {
    // A message waits for the next slot: when slots are does not depend on whether there is one.
    if (waiting < messages.length && (messages[waiting] as number) <= atMs) {
      waiting++
      yield { client, atMs, kind: 'real', to: partner }
    } else if (cover === 'nym') yield { client, atMs, kind: 'loop', to: client }
    else yield { client, atMs, kind: 'drop', to: -1 }
  }
  if (cover !== 'loopix' || loopRate === 0) return
  for (const atMs of poissonTimes(random, 1000 / loopRate, 0, durationMs))
    yield { client, atMs, kind: 'loop', to: client }
}
