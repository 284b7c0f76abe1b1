import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/lib/core/index.ts'
import { LabNode, nodeId } from './lab-node.ts'

const FORWARD = 0
const DELIVER = 1
const REPLY = 2
const BAD_MAC = 20
const BAD_PAYLOAD_TAG = 23

describe('a mix node', () => {
  it('forwards a packet to the node that it names, when its delay is over and not before', () => {
    const node = new LabNode()
    node.receive({ status: FORWARD, serial: 1, delayMs: 30, next: 2 })
    node.settle()
    node.pass(29_999)
    expect(node.forwarded).toEqual([])
    node.pass(1)
    expect(node.forwarded).toEqual([{ serial: 1, route: 2, atUs: 30_000 }])
    expect(node.core.counts).toEqual({ received: 1, forwarded: 1, delivered: 0, dropped: {}, queued: 0 })
  })

  it('lets packets leave in the order of their release, whatever the order in which they came', () => {
    const node = new LabNode()
    const delays = [50, 10, 40, 20, 30]
    for (const delayMs of delays) node.receive({ status: FORWARD, serial: delayMs, delayMs })
    node.settle()
    node.pass(60_000)
    expect(node.forwarded.map(({ serial }) => serial)).toEqual([10, 20, 30, 40, 50])
  })

  it('subtracts from the delay what a packet waited for its worker', () => {
    const node = new LabNode()
    node.receive({ status: FORWARD, serial: 1, delayMs: 30 })
    node.nowUs = 20_000
    node.settle()
    node.pass(10_000)
    expect(node.forwarded).toHaveLength(1)
  })

  it('drops a packet that waited too long for its worker', () => {
    const node = new LabNode()
    node.receive({ status: FORWARD, serial: 1, delayMs: 30 })
    node.nowUs = 250_001
    node.settle()
    expect(node.core.counts).toMatchObject({ forwarded: 0, dropped: { dwell_exceeded: 1 } })
  })

  it('holds a packet for a millisecond at least', () => {
    const node = new LabNode()
    node.receive({ status: FORWARD, serial: 1, delayMs: 0 })
    node.settle()
    node.pass(999)
    expect(node.forwarded).toEqual([])
    node.pass(1)
    expect(node.forwarded).toHaveLength(1)
  })

  it('hands payloads and replies to the provider', () => {
    const node = new LabNode()
    node.receive({ status: DELIVER, serial: 1, next: 3 })
    node.receive({ status: REPLY, serial: 2 })
    node.settle()
    expect(node.delivered).toEqual([{ recipient: nodeId(3), payload: expect.anything() }])
    expect(node.delivered[0]?.payload).toHaveLength(96)
    expect(node.core.counts).toMatchObject({ delivered: 2, queued: 0 })
  })

  it.each([
    ['unknown_next_hop', { status: FORWARD, serial: 1, next: 200 }, {}],
    ['excessive_delay', { status: FORWARD, serial: 1, delayMs: 0xffffffff }, {}],
    ['excessive_delay', { status: FORWARD, serial: 1, delayMs: 10_001 }, {}],
    ['bad_mac', { status: BAD_MAC, serial: 1 }, {}],
    ['bad_payload_tag', { status: BAD_PAYLOAD_TAG, serial: 1 }, {}],
    ['not_a_provider', { status: DELIVER, serial: 1 }, { isProvider: false }],
    ['not_a_provider', { status: REPLY, serial: 1 }, { isProvider: false }],
    ['next_hop_unreachable', { status: FORWARD, serial: 1 }, { sink: { forward: () => false } }],
    ['recipient_unavailable', { status: DELIVER, serial: 1 }, { sink: { deliver: () => false } }],
    ['recipient_unavailable', { status: REPLY, serial: 1 }, { sink: { reply: () => false } }],
    ['replay_filter_full', { status: FORWARD, serial: 1 }, { filterCapacity: 0 }],
    ['replay_log_behind', { status: FORWARD, serial: 1 }, { isDiskSlow: true }],
  ] as const)('counts a drop as %s', (reason, packet, options) => {
    const node = new LabNode(options)
    node.receive(packet)
    node.settle()
    node.pass(20_000_000)
    expect(node.forwarded).toEqual([])
    expect(node.core.counts).toEqual({
      received: 1,
      forwarded: 0,
      delivered: 0,
      dropped: { [reason]: 1 },
      queued: 0,
    })
  })

  it('drops packets of another size before they reach a worker', () => {
    const node = new LabNode()
    for (const length of [0, 1, 159, 161, 65_536]) node.core.receive(new Uint8Array(length), 0)
    expect(node.core.counts).toMatchObject({ received: 5, dropped: { wrong_length: 5 }, queued: 0 })
  })

  it('forwards one of two equal packets', () => {
    const node = new LabNode()
    node.receive({ status: FORWARD, serial: 1 })
    node.receive({ status: FORWARD, serial: 1 })
    node.settle()
    node.pass(1_000)
    expect(node.core.counts).toMatchObject({ forwarded: 1, dropped: { replayed: 1 } })
  })

  it('calls the second of two equal packets a replay also where it drops the first', () => {
    const node = new LabNode()
    node.receive({ status: BAD_PAYLOAD_TAG, serial: 1 })
    node.receive({ status: BAD_PAYLOAD_TAG, serial: 1 })
    node.settle()
    expect(node.core.counts.dropped).toEqual({ bad_payload_tag: 1, replayed: 1 })
  })

  it('never lets a packet with a wrong MAC into the replay filter, and an authentic one that it drops always', () => {
    const node = new LabNode({ isProvider: false })
    node.receive({ status: BAD_MAC, serial: 1 })
    node.settle()
    expect(node.tags.size).toBe(0)
    node.receive({ status: BAD_PAYLOAD_TAG, serial: 2 })
    node.receive({ status: DELIVER, serial: 3 })
    node.receive({ status: FORWARD, serial: 4, next: 200 })
    node.settle()
    expect(node.tags.size).toBe(3)
  })

  it('drops what comes when no worker, no place in a ring, or no slot is free', () => {
    const crowded = new LabNode({ slots: 8, ringSlots: 4, lanes: 1 })
    for (let serial = 0; serial < 6; serial++) crowded.receive({ status: FORWARD, serial, delayMs: 100 })
    expect(crowded.core.counts).toMatchObject({ received: 6, queued: 4, dropped: { queue_full: 2 } })
    crowded.settle()
    for (let serial = 6; serial < 12; serial++) {
      crowded.receive({ status: FORWARD, serial, delayMs: 100 })
      crowded.settle()
    }
    expect(crowded.core.counts).toMatchObject({ received: 12, queued: 8, dropped: { queue_full: 4 } })
    crowded.core.loseLane(0, crowded.nowUs)
    crowded.receive({ status: FORWARD, serial: 12 })
    expect(crowded.core.counts).toMatchObject({ dropped: { queue_full: 5 } })
  })

  it('counts the packets that a dead worker had, keeps those it had finished, and goes on with the next worker', () => {
    const node = new LabNode({ lanes: 1, slots: 128, ringSlots: 64 })
    for (let serial = 0; serial < 40; serial++) node.receive({ status: FORWARD, serial, delayMs: 5 })
    node.core.flush()
    // One batch of 32 is finished, 8 packets are not.
    node.work(0)
    node.core.loseLane(0, node.nowUs)
    expect(node.core.counts).toMatchObject({ queued: 32, dropped: { worker_lost: 8 } })
    node.startLane(0)
    node.receive({ status: FORWARD, serial: 100, delayMs: 5 })
    node.settle()
    node.pass(5_000)
    expect(node.core.counts).toMatchObject({ received: 41, forwarded: 33, queued: 0 })
  })

  it('keeps a packet back until its replay tag is on the disk', () => {
    const asked: [number, number, number][] = []
    let durable = 0
    const isDurable = (keyEpoch: number, worker: number, ticket: number): boolean => {
      asked.push([keyEpoch, worker, ticket])
      return ticket <= durable
    }
    const node = new LabNode({ lanes: 1, durability: { isDurable } })
    node.receive({ status: FORWARD, serial: 11, delayMs: 5 })
    node.receive({ status: DELIVER, serial: 12 })
    node.receive({ status: FORWARD, serial: 13, delayMs: 5 })
    node.settle()
    node.pass(5_000)
    expect(asked).toEqual(
      expect.arrayContaining([
        [7, 0, 1],
        [7, 0, 2],
        [7, 0, 3],
      ]),
    )
    expect(node.core.counts).toMatchObject({ forwarded: 0, delivered: 0, queued: 3 })
    durable = 2
    node.pass(1)
    expect(node.core.counts).toMatchObject({ forwarded: 1, delivered: 1, queued: 1 })
    durable = 3
    node.pass(1)
    expect(node.core.counts).toMatchObject({ forwarded: 2, delivered: 1, queued: 0, dropped: {} })
  })

  it('has a line in its log for a packet before it is handed out, with the times of the packet', () => {
    const steps: string[] = []
    const lines: unknown[][] = []
    const node = new LabNode({
      drawnDelays: {
        hasRoom: () => true,
        append: (keyEpoch, tau, delayUs, arrivedUs, releasedUs) => {
          steps.push('append')
          lines.push([keyEpoch, [...tau], delayUs, arrivedUs, releasedUs])
        },
        flush: () => steps.push('logged'),
      },
      sink: { flush: () => steps.push('sent') },
    })
    node.nowUs = 500
    node.receive({ status: FORWARD, serial: 1, delayMs: 5 })
    node.settle()
    steps.length = 0
    node.pass(6_000)
    expect(steps).toEqual(['append', 'logged', 'sent'])
    expect(lines).toEqual([[7, Array(32).fill(0x7a), 5_000, 500, 6_500]])
  })

  it('drops packets for which its log of delays has no line left', () => {
    let room = 2
    const drawnDelays = { hasRoom: () => room > 0, append: () => void room--, flush: () => {} }
    const node = new LabNode({ drawnDelays })
    for (let serial = 0; serial < 3; serial++) node.receive({ status: FORWARD, serial, delayMs: 5 })
    node.settle()
    node.pass(5_000)
    node.receive({ status: FORWARD, serial: 4, delayMs: 5 })
    node.settle()
    expect(node.core.counts).toMatchObject({ forwarded: 2, dropped: { delay_log_full: 2 }, queued: 0 })
  })

  it('drops and counts what it holds when it is stopped', () => {
    const node = new LabNode({ durability: { isDurable: () => false } })
    node.receive({ status: FORWARD, serial: 1, delayMs: 1 })
    node.receive({ status: FORWARD, serial: 2, delayMs: 9_000 })
    node.settle()
    node.pass(2_000)
    node.receive({ status: FORWARD, serial: 3, delayMs: 1 })
    node.core.flush()
    node.core.stop(node.nowUs)
    expect(node.core.counts).toMatchObject({ queued: 0, dropped: { stopped: 2, worker_lost: 1 } })
    expect(node.unaccounted).toBe(0)
  })

  it('overwrites where a packet went and its secrets when it is gone', () => {
    const slots: Uint8Array[] = []
    const node = new LabNode({
      slots: 1,
      sink: {
        forward: (_, packet) => {
          slots.push(new Uint8Array(packet.buffer, 0, packet.byteOffset))
          return true
        },
      },
    })
    node.receive({ status: FORWARD, serial: 1, next: 3 })
    node.settle()
    node.pass(1_000)
    const fields = slots[0] as Uint8Array
    expect(Buffer.from(fields).includes(nodeId(3).subarray(0, 8))).toBe(false)
    expect(fields.subarray(40, 128).every((byte) => byte === 0)).toBe(true)
  })

  it.each([1, 2, 3, 4, 5, 6])('accounts for every packet at every moment of a busy life, seed %i', (seed) => {
    const random = new SeededRandom(seed)
    const node = new LabNode({ slots: 96, ringSlots: 16, lanes: 3, nodes: 6 })
    const dues = new Map<number, number>()
    for (let step = 0; step < 4_000; step++) {
      const lane = random.below(3)
      const choice = random.below(100)
      if (choice < 40) {
        const serial = step
        const delayMs = random.below(20)
        const status = [FORWARD, FORWARD, FORWARD, DELIVER, REPLY, BAD_MAC, BAD_PAYLOAD_TAG][random.below(7)]
        node.receive({ status: status as number, serial, delayMs, next: random.below(8) })
        dues.set(serial, node.nowUs + Math.max(1, delayMs) * 1_000)
      } else if (choice < 60) node.core.flush()
      else if (choice < 75) node.work(lane)
      else if (choice < 85) node.core.collect(node.nowUs)
      else if (choice < 99) node.pass(random.below(3_000))
      else {
        node.core.loseLane(lane, node.nowUs)
        node.startLane(lane)
      }
      expect(node.unaccounted).toBe(0)
    }
    for (const { serial, atUs } of node.forwarded)
      expect(atUs).toBeGreaterThanOrEqual(dues.get(serial) as number)
    const { forwarded, dropped } = node.core.counts
    expect(forwarded).toBeGreaterThan(300)
    expect(Object.keys(dropped)).toEqual(
      expect.arrayContaining(['bad_mac', 'unknown_next_hop', 'worker_lost']),
    )
    node.core.stop(node.nowUs)
    expect(node.core.queued).toBe(0)
    expect(node.unaccounted).toBe(0)
  })
})
