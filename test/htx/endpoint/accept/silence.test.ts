import { describe, expect, it } from 'vitest'
import { concat, fromHex, ManualClock, SeededRandom, utf8 } from '../../../../src/lib/core/index.ts'
import { CROWD } from '../../../support/probing.ts'
import { flipBit } from '../../handshake/sides.ts'
import {
  identityOf,
  type Probe,
  probe,
  type Running,
  START_MS,
  startListener,
  turns,
  until,
} from '../endpoints.ts'
import { message1For } from '../hand-client.ts'

interface Quiet extends Running {
  readonly clock: ManualClock
}

async function quietListener(options: Parameters<typeof startListener>[0] = {}): Promise<Quiet> {
  const clock = new ManualClock(START_MS)
  return {
    ...(await startListener({ admission: CROWD, random: new SeededRandom(15), ...options, clock })),
    clock,
  }
}

async function probeWith(running: Quiet, bytes: Uint8Array): Promise<Probe> {
  const one = await probe(running)
  if (bytes.length > 0) one.link.write([bytes])
  return one
}

/** Lets every prober be judged, then checks that nothing at all has come back. */
async function expectSilence(running: Quiet, probes: readonly Probe[]): Promise<void> {
  await turns(20)
  expect(probes.map(({ bytes }) => bytes).filter((bytes) => bytes > 0)).toEqual([])
  expect(probes.filter(({ ended, closed }) => ended || closed)).toEqual([])
  running.clock.advance(59_999)
  await turns(3)
  expect(probes.filter(({ ended, closed }) => ended || closed)).toEqual([])
  running.clock.advance(210_001)
  await until(() => probes.every(({ ended }) => ended), 'the end of every link')
  expect(probes.map(({ bytes }) => bytes).filter((bytes) => bytes > 0)).toEqual([])
  for (const each of probes) each.link.end()
  await until(() => probes.every(({ closed }) => closed), 'the close of every link')
  expect(probes.filter(({ error }) => error !== undefined)).toEqual([])
}

describe('a listener says nothing', () => {
  it('to random bytes of any length', async () => {
    const running = await quietListener()
    const random = new SeededRandom(1)
    const probes: Probe[] = []
    for (let length = 1; length <= 4096; length += length < 64 ? 1 : 53)
      probes.push(await probeWith(running, random.bytes(length)))
    probes.push(
      await probeWith(running, new Uint8Array(4096)),
      await probeWith(running, random.bytes(60_000)),
    )
    await expectSilence(running, probes)
    expect(new Set(running.outcomes)).toEqual(new Set(['silent']))
  })

  it('to the hellos of other protocols', async () => {
    const running = await quietListener()
    const hellos = [
      fromHex('16030100c8010000c40303'),
      utf8('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n'),
      utf8('SSH-2.0-OpenSSH_9.2\r\n'),
      utf8('EHLO example.org\r\n'),
      fromHex('13426974546f7272656e742070726f746f636f6c'),
      fromHex('0001'),
      fromHex('ffff'),
      fromHex('00'),
    ]
    await expectSilence(running, await Promise.all(hellos.map((hello) => probeWith(running, hello))))
  })

  it.each([1, 2] as const)('to a message 1 of suite %i with one bit changed, whichever', async (suite) => {
    const running = await quietListener()
    const original = message1For(running.listener.address, { suite })
    const probes: Probe[] = []
    for (let at = 0; at < original.length; at++)
      probes.push(await probeWith(running, flipBit(original, at * 8 + ((at * 5) % 8))))
    await expectSilence(running, probes)
    expect(running.outcomes.every((outcome) => outcome === 'silent')).toBe(true)
    expect(running.sessions).toEqual([])
  })

  it('to a message 1 that was cut anywhere', async () => {
    const running = await quietListener()
    const original = message1For(running.listener.address, { suite: 1 })
    const probes: Probe[] = []
    for (let length = 0; length < original.length; length++)
      probes.push(await probeWith(running, original.subarray(0, length)))
    await expectSilence(running, probes)
    expect(running.outcomes).toEqual(new Array(original.length).fill('silent'))
  })

  it('to a message 1 for another key, link, time or version of the policy', async () => {
    const running = await quietListener({ pq: 'require' })
    const { address } = running.listener
    const wrong = [
      message1For(address, { remoteStatic: identityOf(9).noise.publicKey }),
      message1For(address, { link: 'tcp' }),
      message1For(address, { wallMs: START_MS + 601_000 }),
      message1For(address, { wallMs: START_MS - 601_000 }),
      message1For(address, { suite: 1 }),
      message1For(address, { suite: 5 }),
      message1For(address, { suite: 6 }),
      message1For(address, { suite: 4 }),
      message1For(address, { suite: 3 }),
    ]
    await expectSilence(running, await Promise.all(wrong.map((bytes) => probeWith(running, bytes))))
  })

  it('to a rewritten suite byte', async () => {
    const running = await quietListener({ firstContact: false })
    const probes: Probe[] = []
    for (const suite of [1, 2] as const) {
      for (const other of [0, 1, 2, 3, 4, 5, 6, 7, 0x82]) {
        if (other === suite) continue
        const bytes = message1For(running.listener.address, { suite, seed: other })
        bytes[2] = other
        probes.push(await probeWith(running, bytes))
      }
    }
    await expectSilence(running, probes)
  })

  it('to a replayed message 1, and to what comes behind it', async () => {
    const running = await quietListener()
    const original = message1For(running.listener.address)
    const first = await probeWith(running, original)
    await until(() => first.bytes > 0, 'message 2')
    const replays = [
      await probeWith(running, original),
      await probeWith(running, concat(original, new Uint8Array(500).fill(7))),
    ]
    await expectSilence(running, replays)
    expect(running.outcomes.filter((outcome) => outcome === 'silent').length).toBe(2)
  })

  it('while it also answers those who know its key', async () => {
    const running = await quietListener()
    const known = await probeWith(running, message1For(running.listener.address))
    await until(() => known.bytes > 0, 'message 2')
    expect(known.bytes).toBeGreaterThan(1150)
  })
})

describe('the end of a silent link', () => {
  /** Largest distance of two empirical distributions (Kolmogorov and Smirnov). */
  const distance = (a: readonly number[], b: readonly number[]): number => {
    const all = [...a, ...b].sort((x, y) => x - y)
    const share = (list: readonly number[], at: number): number =>
      list.filter((value) => value <= at).length / list.length
    return Math.max(...all.map((at) => Math.abs(share(a, at) - share(b, at))))
  }
  const SAMPLES = 500
  /** For p = 0.01 and two samples of this size: 1.628 * sqrt(2 / n). */
  const LIMIT = 1.628 * Math.sqrt(2 / SAMPLES)

  async function endTimes(running: Quiet, bytesOf: (index: number) => Uint8Array): Promise<number[]> {
    const start = running.clock.now()
    const probes: Probe[] = []
    for (let i = 0; i < SAMPLES; i++) probes.push(await probeWith(running, bytesOf(i)))
    await turns(20)
    for (let second = 0; second < 215; second++) {
      running.clock.advance(1000)
      await turns(1)
    }
    await until(() => probes.every(({ ended }) => ended), 'the ends')
    return probes.map(({ endedAt }) => endedAt - start)
  }

  it('comes at a time that does not depend on what was sent', async () => {
    const running = await quietListener()
    const random = new SeededRandom(4)
    const garbage = await endTimes(running, () => random.bytes(1400))
    const nothing = await endTimes(running, () => new Uint8Array(0))
    const { address } = running.listener
    const genuine = message1For(address, { suite: 1 })
    const flipped = await endTimes(running, (i) => flipBit(genuine, 8 * 40 + (i % 400)))
    for (const times of [garbage, nothing, flipped]) {
      expect(Math.min(...times)).toBeGreaterThanOrEqual(60_000)
      expect(Math.max(...times)).toBeLessThanOrEqual(211_000)
      // One draw for the listener, up to 30 s more for each link.
      expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(31_000)
      expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(25_000)
    }
    expect(distance(garbage, nothing)).toBeLessThan(LIMIT)
    expect(distance(garbage, flipped)).toBeLessThan(LIMIT)
    // The same test tells apart ends that come two seconds earlier.
    const early = garbage.map((ms) => ms - 4000)
    expect(distance(early, nothing)).toBeGreaterThan(LIMIT)
  })

  it('is the same for idle links although the operator gives handshakes more time', async () => {
    const running = await quietListener({ handshakeTimeoutMs: 3_600_000 })
    const [idle, judged] = [
      await probeWith(running, new Uint8Array(0)),
      await probeWith(running, new Uint8Array(9)),
    ]
    await turns(10)
    for (let second = 0; second < 215; second++) {
      running.clock.advance(1000)
      await turns(2)
    }
    expect([idle.ended, judged.ended]).toEqual([true, true])
    expect(Math.abs(idle.endedAt - judged.endedAt)).toBeLessThanOrEqual(31_000)
  })

  it('differs from listener to listener', async () => {
    const ends: number[] = []
    for (let seed = 0; seed < 8; seed++) {
      const running = await quietListener({ random: new SeededRandom(seed) })
      const one = await probeWith(running, new Uint8Array(100))
      await turns(10)
      for (let second = 0; second < 215 && !one.ended; second++) {
        running.clock.advance(1000)
        await turns(2)
      }
      ends.push(one.endedAt)
    }
    expect(Math.max(...ends) - Math.min(...ends)).toBeGreaterThan(45_000)
  })

  it('answers the end of the prober at once, whatever it had sent', async () => {
    const running = await quietListener()
    const original = message1For(running.listener.address)
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(900),
      original.subarray(0, 700),
      flipBit(original, 500),
    ]) {
      const one = await probeWith(running, bytes)
      await turns(10)
      one.link.end()
      await until(() => one.closed, 'the close')
      expect([one.bytes, one.ended, one.error]).toEqual([0, true, undefined])
    }
  })
})
