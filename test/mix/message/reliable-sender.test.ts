import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom, u32 } from '../../../src/lib/core/index.ts'
import {
  fragmentAt,
  fragmentCount,
  Reassembler,
  ReliableSender,
  SENDER_LIMITS,
  type SenderEvent,
} from '../../../src/lib/mix/message/index.ts'

const BODY = 100

interface Run {
  readonly events: readonly SenderEvent[]
  readonly received: readonly Uint8Array[]
  readonly transmissions: number
}

/** Messages over a mixnet that loses packets and answers, and delays each by three exponential hops of 33 ms. */
function simulate(seed: number, messages: readonly Uint8Array[], loss: number, limits = SENDER_LIMITS): Run {
  const random = new SeededRandom(seed)
  const clock = new ManualClock()
  const sender = new ReliableSender(clock, limits)
  const receiver = new Reassembler(clock)
  const events: SenderEvent[] = []
  const received: Uint8Array[] = []
  let transmissions = 0
  const exponential = (): number => -33 * Math.log(1 - random.uint32() / 2 ** 32)
  const travel = (arrive: () => void): void => {
    if (random.chance(loss)) return
    clock.schedule(exponential() + exponential() + exponential(), arrive)
  }
  messages.forEach((message, i) => {
    sender.enqueue(String(i), fragmentCount(message.length, BODY))
  })
  // A packet every 5 ms, as a schedule of cover traffic would let it go.
  for (let tick = 0; tick < 200_000 && sender.pending > 0; tick += 1) {
    clock.advance(5)
    events.push(...sender.timeOut())
    const next = sender.next()
    if (next === undefined) continue
    transmissions += 1
    const surb = u32(transmissions)
    sender.sent(next, surb)
    const id = new Uint8Array(16).fill(Number(next.message) + 1)
    const body = fragmentAt(id, messages[Number(next.message)] as Uint8Array, next.index, BODY)
    travel(() => {
      const step = receiver.add(body)
      if (step.kind === 'complete') received.push(step.message)
      travel(() => events.push(...[sender.acknowledge(surb)].filter((event) => event !== undefined)))
    })
  }
  return { events, received, transmissions }
}

const MESSAGES = [3, 1000, 20_000, 0].map((length, i) => new Uint8Array(length).fill(i + 1))
const PACKETS = MESSAGES.reduce((sum, { length }) => sum + fragmentCount(length, BODY), 0)

describe('messages', () => {
  it.each([0, 0.05, 0.3])('arrive once and are known to have, whatever gets lost (%f)', (loss) => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { events, received } = simulate(seed, MESSAGES, loss)
      expect(events.map(({ kind }) => kind)).toEqual(MESSAGES.map(() => 'delivered'))
      expect(received.toSorted((a, b) => a.length - b.length)).toEqual(
        MESSAGES.toSorted((a, b) => a.length - b.length),
      )
    }
  })

  it('cost hardly a packet more than needed where nothing gets lost', () => {
    expect(simulate(1, MESSAGES, 0).transmissions).toBeLessThanOrEqual(PACKETS * 1.01)
  })

  it('are given up, and that is said, where nobody answers', () => {
    const { events, received, transmissions } = simulate(1, MESSAGES, 1, { ...SENDER_LIMITS, maxAttempts: 4 })
    expect(events.map(({ kind }) => kind)).toEqual(MESSAGES.map(() => 'failed'))
    expect(received).toEqual([])
    expect(transmissions).toBeGreaterThanOrEqual(4 * MESSAGES.length)
  })
})

describe('the sender', () => {
  const limits = { ...SENDER_LIMITS, window: 2, maxAttempts: 2 }

  it('awaits no more answers than its window has room for', () => {
    const clock = new ManualClock()
    const sender = new ReliableSender(clock, limits)
    sender.enqueue('a', 5)
    for (const surb of [1, 2]) sender.sent(sender.next() ?? expect.fail(), u32(surb))
    expect(sender.next()).toBeUndefined()
    expect(sender.acknowledge(u32(1))).toBeUndefined()
    expect(sender.next()).toMatchObject({ message: 'a', index: 2 })
  })

  it('takes the late answer to a copy that it has sent again, and sends no third', () => {
    const clock = new ManualClock()
    const sender = new ReliableSender(clock, limits)
    sender.enqueue('a', 1)
    sender.sent(sender.next() ?? expect.fail(), u32(1))
    expect(sender.nextTimeoutAt()).toBe(limits.firstTimeoutMs)
    clock.advance(limits.firstTimeoutMs)
    expect(sender.timeOut()).toEqual([])
    sender.sent(sender.next() ?? expect.fail(), u32(2))
    expect(sender.acknowledge(u32(1))).toEqual({ kind: 'delivered', message: 'a' })
    expect(sender.acknowledge(u32(2))).toBeUndefined()
    expect(sender.nextTimeoutAt()).toBeUndefined()
    expect(sender.next()).toBeUndefined()
  })

  it('does not send again what was answered while it waited in line', () => {
    const clock = new ManualClock()
    const sender = new ReliableSender(clock, limits)
    sender.enqueue('a', 1)
    sender.sent(sender.next() ?? expect.fail(), u32(1))
    clock.advance(limits.firstTimeoutMs)
    sender.timeOut()
    expect(sender.acknowledge(u32(1))).toEqual({ kind: 'delivered', message: 'a' })
    expect(sender.next()).toBeUndefined()
  })

  it('ignores answers that nobody asked for, and a message beside one that failed', () => {
    const clock = new ManualClock()
    const sender = new ReliableSender(clock, { ...limits, maxAttempts: 1 })
    expect(sender.acknowledge(u32(9))).toBeUndefined()
    sender.enqueue('a', 1)
    sender.sent(sender.next() ?? expect.fail(), u32(1))
    sender.enqueue('b', 1)
    clock.advance(limits.firstTimeoutMs - 1)
    sender.sent(sender.next() ?? expect.fail(), u32(2))
    clock.advance(1)
    expect(sender.timeOut()).toEqual([{ kind: 'failed', message: 'a' }])
    expect(sender.acknowledge(u32(2))).toEqual({ kind: 'delivered', message: 'b' })
    expect(sender.pending).toBe(0)
  })
})
