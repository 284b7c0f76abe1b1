/**
 * Active probing as censors do it (section 15): classes of first flights that no member of the access list sends, what a
 * prober can observe of the answer, and the judgement whether it tells the classes apart.
 */
import { concat, fromHex, type RandomSource, utf8 } from '../../src/lib/core/index.ts'
import { kolmogorovSmirnov, rejectedByHolm } from './two-sample.ts'

/** All that a prober sees of one attempt. */
export interface Observation {
  readonly bytes: number
  /** How the other side ended: an ordinary end, a reset, or not at all while somebody watched. */
  readonly end: 'end' | 'reset' | 'none'
  /** From the connection to its end, milliseconds. */
  readonly ms: number
}

/** Admission limits with room for every prober of a test at once. */
export const CROWD = {
  handshakes: 1e6,
  handshakesPerPrefix: 1e6,
  discarded: 1e6,
  discardedPerPrefix: 1e6,
  bucket: { capacity: 1e6, refillPerSecond: 0 },
}

export type ProbeClass = (random: RandomSource, index: number) => Uint8Array

/** More than this between two distributions is a difference, however few probes there were. */
const EFFECT_MOST = 0.2
const ALPHA = 0.01

const FOREIGN_HELLOS = [
  fromHex('16030100c8010000c40303'),
  utf8('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n'),
  utf8('SSH-2.0-OpenSSH_9.2\r\n'),
  utf8('EHLO example.org\r\n'),
  fromHex('13426974546f7272656e742070726f746f636f6c'),
]

/**
 * The classes of the specification for a listener.
 * @param fresh a new genuine message 1
 * @param used a genuine message 1 that the listener has accepted before
 */
export function probeClasses(
  fresh: (index: number) => Uint8Array,
  used: Uint8Array,
): Readonly<Record<string, ProbeClass>> {
  return {
    nothing: () => new Uint8Array(0),
    'random bytes': (random) => random.bytes(1 + below(random, 4096)),
    'a part of a first flight': (random, index) => {
      const flight = fresh(index)
      return flight.slice(0, 1 + below(random, flight.length - 1))
    },
    'a replayed first flight': () => used,
    'a flight with one bit flipped': (random, index) => {
      // Behind the length, which would only make it a part of a flight.
      const flight = fresh(index).slice()
      const at = 2 + below(random, flight.length - 2)
      flight[at] = (flight[at] as number) ^ (1 << below(random, 8))
      return flight
    },
    'a flight of another suite': (random, index) => {
      const flight = fresh(index).slice()
      flight[2] = 5 + below(random, 250)
      return flight
    },
    'a flight and more': (random, index) => {
      const flight = fresh(index).slice()
      flight[10] = (flight[10] as number) ^ 1
      return concat(flight, random.bytes(below(random, 4096)))
    },
    'the hello of another protocol': (random) =>
      FOREIGN_HELLOS[below(random, FOREIGN_HELLOS.length)] as Uint8Array,
  }
}

function below(random: RandomSource, bound: number): number {
  return ((random.bytes(4) as Uint8Array).reduce((sum, byte) => sum * 256 + byte, 0) >>> 0) % bound
}

/** What tells the classes apart; nothing when a prober learns nothing. */
export function differences(observed: ReadonlyMap<string, readonly Observation[]>): string[] {
  const found: string[] = []
  for (const [name, all] of observed) {
    const answered = all.filter(({ bytes }) => bytes > 0).length
    if (answered > 0) found.push(`${name}: ${answered} of ${all.length} got bytes`)
    const odd = all.filter(({ end }) => end !== 'end')
    if (odd.length > 0) found.push(`${name}: ${odd.length} of ${all.length} ended by ${odd[0]?.end}`)
  }
  const names = [...observed.keys()]
  const pairs = names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b] as const))
  const times = (name: string): number[] => (observed.get(name) ?? []).map(({ ms }) => ms)
  const results = pairs.map(([a, b]) => kolmogorovSmirnov(times(a), times(b)))
  const rejected = rejectedByHolm(
    results.map(({ p }) => p),
    ALPHA,
  )
  for (const [i, { distance, p }] of results.entries())
    if (rejected[i] || distance > EFFECT_MOST)
      found.push(
        `${pairs[i]?.join(' / ')}: close times differ (distance ${distance.toFixed(3)}, p ${p.toPrecision(2)})`,
      )
  return found
}
