/** Whether a prober can tell one failure from another by what comes back, how a link ends, or when. */
import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom, uniformReal } from '../../../../src/lib/core/index.ts'
import {
  buildTicket,
  DEFAULT_POLICY_TEXT,
  DEFAULT_SITE,
  grantOf,
  newTicketKey,
  type TicketGrant,
  type TicketKey,
} from '../../../../src/lib/htx/ticket/index.ts'
import type { Link } from '../../../../src/lib/link/index.ts'
import {
  CROWD,
  differences,
  type Observation,
  type ProbeClass,
  probeClasses,
} from '../../../support/probing.ts'
import { kolmogorovSmirnov, rejectedByHolm } from '../../../support/two-sample.ts'
import { dialAddress, listenRaw, Probe, SERVER, START_MS, startListener, turns, until } from '../endpoints.ts'
import { HandClient, message1For } from '../hand-client.ts'

/** Of each class. */
const PROBES = 250
const STEP_MS = 100
const LAST_MS = 215_000

const CROWDED_RATES = {
  prefix: { capacity: 1e6, refillPerSecond: 0 },
  global: { capacity: 1e6, refillPerSecond: 0 },
  prefixes: 1000,
}

/** Sends every class at the same moment and watches until the last link has had its time. */
async function observe(
  classes: Readonly<Record<string, ProbeClass>>,
  dial: () => Promise<Link>,
  clock: ManualClock,
): Promise<Map<string, Observation[]>> {
  const random = new SeededRandom(77)
  const probes: { readonly name: string; readonly probe: Probe }[] = []
  for (let index = 0; index < PROBES; index++)
    for (const [name, make] of Object.entries(classes)) {
      const probe = new Probe(await dial(), clock)
      const flight = make(random, index)
      if (flight.length > 0) probe.link.write([flight])
      probes.push({ name, probe })
    }
  const start = clock.now()
  await turns(20)
  while (clock.now() - start < LAST_MS) {
    clock.advance(STEP_MS)
    await turns(2)
  }
  const observed = new Map<string, Observation[]>(Object.keys(classes).map((name) => [name, []]))
  for (const { name, probe } of probes) {
    const { bytes, ended, error, endedAt } = probe
    const end = ended ? 'end' : error === undefined ? 'none' : 'reset'
    observed.get(name)?.push({ bytes, end, ms: endedAt - start })
    probe.link.abort()
  }
  return observed
}

async function classesFor(address: string): Promise<Readonly<Record<string, ProbeClass>>> {
  const client = await HandClient.dial(address, { seed: 999 })
  await client.readMessage2()
  client.probe.link.abort()
  await turns(5)
  // The same seed makes the same flight, which the listener has answered by now.
  const used = message1For(address, { seed: 999 })
  return probeClasses((index) => message1For(address, { seed: 1000 + index }), used)
}

describe('a prober', () => {
  it('learns nothing from a listener, whatever it sends', { timeout: 120_000 }, async () => {
    const clock = new ManualClock(START_MS)
    const running = await startListener({ admission: CROWD, random: new SeededRandom(15), clock })
    const { address } = running.listener
    const classes = await classesFor(address)
    const observed = await observe(classes, () => dialAddress(address), clock)
    expect(differences(observed)).toEqual([])
    for (const all of observed.values()) {
      const times = all.map(({ ms }) => ms)
      expect(Math.min(...times)).toBeGreaterThanOrEqual(60_000)
      expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(25_000)
    }
  })

  it('learns nothing from a listener that requires tickets', { timeout: 120_000 }, async () => {
    const clock = new ManualClock(START_MS)
    const random = new SeededRandom(31)
    const [key, otherKey] = [newTicketKey(random, clock), newTicketKey(random, clock)] as const
    const grantFor = (each: TicketKey): TicketGrant =>
      grantOf({ policyText: DEFAULT_POLICY_TEXT, ...DEFAULT_SITE, keys: [each] }, each)
    const ticket = (grant: TicketGrant, at = START_MS): Uint8Array =>
      buildTicket(grant, {
        clock: new ManualClock(at),
        random,
        binding: { serverStatic: SERVER.noise.publicKey, bind32: new Uint8Array(32) },
      })
    const running = await startListener({
      admission: CROWD,
      random: new SeededRandom(15),
      clock,
      accessTickets: { keys: () => [key], rates: CROWDED_RATES },
    })
    const { address } = running.listener
    const flight = (seed: number, accessTicket?: Uint8Array): Uint8Array =>
      message1For(address, { seed, ...(accessTicket === undefined ? {} : { more: { accessTicket } }) })
    // The holder of a ticket gets an answer; whoever copies the ticket, or the whole flight, does not.
    const spent = ticket(grantFor(key))
    const used = flight(900, spent)
    const holder = new Probe(await dialAddress(address), clock)
    holder.link.write([used])
    await until(() => holder.bytes > 0, 'the answer to the holder')
    const flipped = (seed: number): Uint8Array => {
      const bytes = ticket(grantFor(key)).slice()
      // Anywhere but in the nonce, which version 1 does not bind.
      const at = seed % 73 < 41 ? seed % 73 : (seed % 73) + 32
      bytes[at] = (bytes[at] as number) ^ 1
      return bytes
    }
    const classes: Record<string, ProbeClass> = {
      ...probeClasses((index) => flight(1000 + index), used),
      'a genuine flight without a ticket': (_, index) => flight(2000 + index),
      'a used ticket': (_, index) => flight(3000 + index, spent),
      'a ticket of another key': (_, index) => flight(4000 + index, ticket(grantFor(otherKey))),
      'a ticket of two hours ago': (_, index) =>
        flight(5000 + index, ticket(grantFor(key), START_MS - 7_200_000)),
      'a ticket with one bit flipped': (_, index) => flight(6000 + index, flipped(index)),
      'a ticket of random bytes': (random, index) => flight(7000 + index, random.bytes(150)),
    }
    const observed = await observe(classes, () => dialAddress(address), clock)
    expect(observed.size).toBe(14)
    expect(differences(observed)).toEqual([])
    // The holder, who said no more.
    expect(running.outcomes.filter((outcome) => outcome !== 'silent')).toEqual(['timeout'])
  })

  const leaks: readonly (readonly [string, (flight: Uint8Array, ms: number) => number])[] = [
    ['closes at once what cannot be a handshake', (flight, ms) => (isForeign(flight) ? 0 : ms)],
    ['ends what has a known suite a tenth sooner', (flight, ms) => (flight[2] === 2 ? ms * 0.9 : ms)],
    ['counts the time-out from the first byte', (flight, ms) => (flight.length === 0 ? ms + 10_000 : ms)],
  ]

  it.each(leaks)('notices a listener that %s', { timeout: 120_000 }, async (_, closeAfter) => {
    const clock = new ManualClock(START_MS)
    const { listener } = await startListener({ admission: CROWD, random: new SeededRandom(15), clock })
    const random = new SeededRandom(4)
    const { where } = await listenRaw((link) => {
      const received: Uint8Array[] = []
      link.attach({ data: (chunk) => received.push(chunk), end: () => {}, drain: () => {}, close: () => {} })
      const ms = 100_000 + uniformReal(random, 0, 30_000)
      setImmediate(() =>
        setImmediate(() => {
          const flight = new Uint8Array(Buffer.concat(received))
          clock.schedule(closeAfter(flight, ms), () => link.end())
        }),
      )
    })
    const classes = await classesFor(listener.address)
    const observed = await observe(classes, () => dialAddress(`htx+mem://${where}`), clock)
    expect(differences(observed).length).toBeGreaterThan(0)
  })

  it('notices an answer and a reset, however rare', () => {
    const quiet = (ms: number): Observation => ({ bytes: 0, end: 'end', ms })
    const all = Array.from({ length: 100 }, (_, i) => quiet(i))
    const observed = new Map([
      ['one', all],
      ['two', [...all.slice(1), { bytes: 1, end: 'end' as const, ms: 0 }]],
      ['three', [...all.slice(1), { bytes: 0, end: 'reset' as const, ms: 0 }]],
    ])
    expect(differences(observed)).toEqual(['two: 1 of 100 got bytes', 'three: 1 of 100 ended by reset'])
  })
})

/** No length and suite of a first flight. */
function isForeign(flight: Uint8Array): boolean {
  return flight.length > 2 && ((flight[0] as number) > 0x20 || (flight[2] as number) > 4)
}

describe('the two-sample test', () => {
  it('gives the distance of two samples', () => {
    const a = Array.from({ length: 100 }, (_, i) => i)
    expect(kolmogorovSmirnov(a, a)).toEqual({ distance: 0, p: 1 })
    const shifted = kolmogorovSmirnov(
      a,
      a.map((x) => x + 20),
    )
    expect(shifted.distance).toBeCloseTo(0.2, 10)
    expect(shifted.p).toBeGreaterThan(0.02)
    expect(shifted.p).toBeLessThan(0.04)
  })

  it('rejects about as many true hypotheses as it says', () => {
    const random = new SeededRandom(5)
    const sample = (): number[] => Array.from({ length: 200 }, () => uniformReal(random, 0, 1))
    let rejected = 0
    for (let i = 0; i < 2000; i++) if (kolmogorovSmirnov(sample(), sample()).p < 0.05) rejected++
    expect(rejected).toBeGreaterThan(50)
    expect(rejected).toBeLessThan(150)
  })

  it('is corrected for the number of comparisons', () => {
    expect(rejectedByHolm([0.004, 0.5, 0.02], 0.01)).toEqual([false, false, false])
    expect(rejectedByHolm([0.003, 0.004, 0.5], 0.01)).toEqual([true, true, false])
  })
})
