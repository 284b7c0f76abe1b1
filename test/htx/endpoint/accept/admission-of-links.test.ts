import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom } from '../../../../src/lib/core/index.ts'
import { flipBit } from '../../handshake/sides.ts'
import {
  connectTo,
  type Probe,
  probe,
  type Running,
  START_MS,
  startListener,
  turns,
  until,
} from '../endpoints.ts'
import { HandClient, message1For } from '../hand-client.ts'

interface Timed extends Running {
  readonly clock: ManualClock
}

async function listener(options: Parameters<typeof startListener>[0] = {}): Promise<Timed> {
  const clock = new ManualClock(START_MS)
  return { ...(await startListener({ random: new SeededRandom(3), ...options, clock })), clock }
}

async function probeWith(running: Running, bytes: Uint8Array): Promise<Probe> {
  const one = await probe(running)
  one.link.write([bytes])
  await turns(6)
  return one
}

const GARBAGE = new Uint8Array(300).fill(1)

describe('a link whose message 1 does not come', () => {
  it('keeps its handshake slot for 10 s and its connection for longer', async () => {
    const running = await listener({ admission: { handshakesPerPrefix: 1 } })
    const idle = await probe(running)
    await turns(3)
    const { address } = running.listener
    const crowdedOut = await HandClient.dial(address)
    await turns(10)
    expect(crowdedOut.probe.bytes).toBe(0)
    running.clock.advance(9_999)
    const stillCrowdedOut = await HandClient.dial(address, { seed: 2 })
    await turns(10)
    expect(stillCrowdedOut.probe.bytes).toBe(0)
    running.clock.advance(1)
    expect(running.outcomes).toEqual(['silent'])
    await connectTo(running)
    expect([idle.ended, crowdedOut.probe.ended, idle.bytes]).toEqual([false, false, 0])
  })

  it('cannot stretch its time by single bytes', async () => {
    const running = await listener()
    const bytes = message1For(running.listener.address)
    const slow = await probe(running)
    for (let at = 0; at < 20; at++) {
      slow.link.write([bytes.slice(at, at + 1)])
      await turns(3)
      running.clock.advance(1000)
    }
    expect(running.outcomes).toEqual(['silent'])
    slow.link.write([bytes.slice(20)])
    await turns(10)
    expect(slow.bytes).toBe(0)
  })

  it('gets as long as the option says', async () => {
    const running = await listener({ handshakeTimeoutMs: 2000 })
    await probe(running)
    await turns(3)
    running.clock.advance(1999)
    expect(running.outcomes).toEqual([])
    running.clock.advance(1)
    expect(running.outcomes).toEqual(['silent'])
  })
})

describe('a link that waits for message 3', () => {
  it('is closed after 10 s in all, in good order', async () => {
    const running = await listener()
    running.clock.advance(5)
    const client = await HandClient.dial(running.listener.address)
    await client.readMessage2()
    running.clock.advance(9_999)
    await turns(5)
    expect(client.probe.ended).toBe(false)
    running.clock.advance(1)
    await until(() => client.probe.ended, 'the end')
    client.probe.link.end()
    await until(() => client.probe.closed, 'the close')
    expect(client.probe.error).toBeUndefined()
    expect(running.outcomes).toEqual(['timeout'])
  })

  it('holds its slot until then', async () => {
    const running = await listener({ admission: { handshakesPerPrefix: 1 } })
    const client = await HandClient.dial(running.listener.address)
    await client.readMessage2()
    const second = await HandClient.dial(running.listener.address, { seed: 2 })
    await turns(10)
    expect(second.probe.bytes).toBe(0)
    running.clock.advance(10_000)
    await connectTo(running)
  })
})

describe('a forged message 3', () => {
  it('is met without a word, by an end within 30 s that the deadline does not shorten', async () => {
    const running = await listener({
      admission: { handshakesPerPrefix: 1e6, bucket: { capacity: 1e6, refillPerSecond: 0 } },
    })
    const clients: HandClient[] = []
    for (let seed = 0; seed < 60; seed++) {
      const client = await HandClient.dial(running.listener.address, { seed, suite: 1 })
      client.write(flipBit(await client.readMessage2(), 100 + seed))
      clients.push(client)
    }
    await turns(10)
    const answered = clients.map(({ probe }) => probe.bytes)
    const endsPerSecond: number[] = []
    let before = 0
    for (let second = 0; second < 30; second++) {
      running.clock.advance(1000)
      await turns(3)
      const ended = clients.filter(({ probe }) => probe.ended).length
      endsPerSecond.push(ended - before)
      before = ended
    }
    expect(before).toBe(60)
    // Spread over the whole time: a third of them in each third, give or take.
    for (const third of [0, 10, 20]) {
      const share = endsPerSecond.slice(third, third + 10).reduce((sum, count) => sum + count, 0)
      expect(share).toBeGreaterThan(8)
      expect(share).toBeLessThan(34)
    }
    expect(clients.map(({ probe }) => probe.bytes)).toEqual(answered)
    expect(running.outcomes).toEqual(new Array(60).fill('failed'))
  })
})

describe('the discard set', () => {
  it('refuses new links of a prefix at accept while it is full of that prefix', async () => {
    const running = await listener({ admission: { discardedPerPrefix: 3 } })
    const discarded = [
      await probeWith(running, GARBAGE),
      await probeWith(running, GARBAGE),
      await probeWith(running, GARBAGE),
    ]
    const refused = await probeWith(running, message1For(running.listener.address))
    await until(() => refused.ended, 'the refusal')
    expect(refused.bytes).toBe(0)
    expect(running.outcomes.at(-1)).toBe('not-admitted')
    expect(discarded.map(({ ended }) => ended)).toEqual([false, false, false])
    // One of them goes, and there is room again.
    discarded[0]?.link.end()
    await until(() => discarded[0]?.closed === true, 'the close')
    await connectTo(running)
  })

  it('lets go of a refused link although its other end stays', async () => {
    const running = await listener({ admission: { discarded: 0 } })
    const refused = await probe(running)
    await until(() => refused.ended, 'the refusal')
    refused.link.write([GARBAGE])
    await until(() => refused.closed, 'the close')
    expect(refused.bytes).toBe(0)
  })

  it('is left in the time of section 15, and takes no handshake slot meanwhile', async () => {
    const running = await listener({ admission: { handshakesPerPrefix: 1, discardedPerPrefix: 8 } })
    for (let i = 0; i < 5; i++) await probeWith(running, GARBAGE)
    const session = await connectTo(running)
    expect(session.isOpen).toBe(true)
    for (let i = 0; i < 3; i++) await probeWith(running, GARBAGE)
    const refused = await probe(running)
    await until(() => refused.ended, 'the refusal')
    for (let second = 0; second < 215; second++) {
      running.clock.advance(1000)
      await turns(2)
    }
    await connectTo(running, { clock: running.clock })
  })
})

describe('the bucket of a prefix', () => {
  it('silences genuine messages as well once it is empty', async () => {
    const running = await listener({
      admission: { bucket: { capacity: 2, refillPerSecond: 1 }, discardedPerPrefix: 100 },
    })
    const { address } = running.listener
    const answers: boolean[] = []
    for (let seed = 0; seed < 4; seed++) {
      const client = await HandClient.dial(address, { seed })
      await turns(10)
      answers.push(client.probe.bytes > 0)
    }
    expect(answers).toEqual([true, true, false, false])
    running.clock.advance(1000)
    const client = await HandClient.dial(address, { seed: 9 })
    await until(() => client.probe.bytes > 0, 'message 2')
  })

  it('is not touched by links that send no whole message', async () => {
    const running = await listener({
      admission: {
        bucket: { capacity: 1, refillPerSecond: 0 },
        discardedPerPrefix: 100,
        handshakesPerPrefix: 100,
      },
    })
    for (let i = 0; i < 20; i++) await probeWith(running, GARBAGE.subarray(0, 1))
    await connectTo(running)
  })
})

describe('a listener that closes', () => {
  it('lets go of every link that has no session yet, in good order', async () => {
    const running = await listener()
    const idle = await probe(running)
    const discarded = await probeWith(running, GARBAGE)
    const half = await HandClient.dial(running.listener.address)
    await half.readMessage2()
    const closing = running.listener.close()
    await until(() => idle.ended && discarded.ended && half.probe.ended, 'the ends')
    for (const each of [idle, discarded, half.probe]) each.link.end()
    await until(() => idle.closed && discarded.closed && half.probe.closed, 'the closes')
    expect([idle.error, discarded.error, half.probe.error]).toEqual([undefined, undefined, undefined])
    await closing
    expect(running.sessions).toEqual([])
  })

  it('starts no session from a handshake that was under way', async () => {
    const running = await listener()
    const half = await HandClient.dial(running.listener.address)
    const message3 = await half.readMessage2()
    const closing = running.listener.close()
    half.write(message3)
    await closing
    await until(() => half.probe.ended, 'the end')
    expect(running.sessions).toEqual([])
  })
})
