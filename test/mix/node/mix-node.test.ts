import { afterEach, describe, expect, it } from 'vitest'
import { SeededRandom, systemClock } from '../../../src/lib/core/index.ts'
import { systemRandom } from '../../../src/lib/crypto/index.ts'
import { FILTER_SECRET_BYTES, ReplayFilter } from '../../../src/lib/mix/index.ts'
import { unaccounted } from '../../../src/lib/mix/node/counters.ts'
import { MixNode } from '../../../src/lib/mix/node/mix-node.ts'
import { RouteTable } from '../../../src/lib/mix/node/route-table.ts'
import type { NodeKey } from '../../../src/lib/mix/node/worker/mix-workers.ts'
import {
  createPacket,
  createSurb,
  type Geometry,
  MixKey,
  makeGeometry,
  openSurbReply,
  packetFromSurb,
} from '../../../src/lib/sphinx/index.ts'

const WORKERS = 2
const RECIPIENT = new Uint8Array(32).fill(0x77)

function nodeKey(mixKey: MixKey, epoch = 1): NodeKey {
  const secret = systemRandom.bytes(FILTER_SECRET_BYTES)
  return {
    epoch,
    privateKey: mixKey.exportPrivate(),
    filter: new ReplayFilter({ bytes: 1 << 20, workers: WORKERS, journalTags: 0, secret }),
    delay: { mode: 'sender', meanUs: 0, betaE: new Uint8Array(0) },
  }
}

interface Hop {
  readonly id: Uint8Array
  readonly mixKey: MixKey
  readonly node: MixNode
}

interface Chain {
  readonly geometry: Geometry
  readonly hops: readonly Hop[]
  readonly delivered: Uint8Array[]
  readonly replies: { readonly surbId: Uint8Array; readonly payload: Uint8Array }[]
  deaths: number
}

const running: MixNode[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((node) => node.stop()))
})

/** Nodes that hand their packets to one another without links; all may deliver. */
async function chain(geometry: Geometry, length = geometry.hops, isProvider = true): Promise<Chain> {
  const ids = Array.from({ length }, () => systemRandom.bytes(32))
  const made: Chain & { hops: Hop[] } = { geometry, hops: [], delivered: [], replies: [], deaths: 0 }
  for (const id of ids) {
    const mixKey = MixKey.generate()
    const node = await MixNode.start({
      geometry,
      workers: WORKERS,
      isProvider,
      routes: new RouteTable(ids),
      limits: { maxDelayUs: 60_000_000, maxDwellUs: 60_000_000 },
      clock: systemClock,
      onWorkerDeath: () => {
        made.deaths++
      },
      sink: {
        forward: (route, packet) => {
          const next = made.hops[route]?.node as MixNode
          next.receive(packet)
          next.flush()
          return true
        },
        deliver: (_, payload) => made.delivered.push(payload.slice()) > 0,
        reply: (_, surbId, payload) => made.replies.push({ surbId, payload: payload.slice() }) > 0,
      },
    })
    running.push(node)
    await node.setKeys([nodeKey(mixKey)])
    made.hops.push({ id, mixKey, node })
  }
  return made
}

function pathOf({ hops }: Chain, last: Parameters<typeof createPacket>[1][number]['commands']) {
  return hops.map(({ id, mixKey }, hop) => ({
    id,
    publicKey: mixKey.publicKey,
    commands: hop === hops.length - 1 ? last : [{ type: 'delay' as const, ms: 1 }],
  }))
}

function packetThrough(made: Chain, payload: Uint8Array): Uint8Array {
  return createPacket(
    made.geometry,
    pathOf(made, [{ type: 'recipient', id: RECIPIENT }]),
    payload,
    systemRandom,
  )
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited++) {
    if (waited > 5_000) throw new Error('it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

describe.each(['kem', 'nike'] as const)('nodes with worker threads, %s', (format) => {
  const geometry = makeGeometry({ format })

  it('carry packets over three hops to the last, and account for all of them', async () => {
    const made = await chain(geometry)
    const payloads = Array.from({ length: 60 }, () => systemRandom.bytes(geometry.payloadBytes))
    const first = made.hops[0]?.node as MixNode
    for (const payload of payloads) first.receive(packetThrough(made, payload))
    first.flush()
    await until(() => made.delivered.length === payloads.length)
    expect(made.delivered.map((payload) => Buffer.from(payload).toString('hex')).toSorted()).toEqual(
      payloads.map((payload) => Buffer.from(payload).toString('hex')).toSorted(),
    )
    expect(made.hops.map(({ node }) => node.counts)).toEqual([
      { received: 60, forwarded: 60, delivered: 0, dropped: {}, queued: 0 },
      { received: 60, forwarded: 60, delivered: 0, dropped: {}, queued: 0 },
      { received: 60, forwarded: 0, delivered: 60, dropped: {}, queued: 0 },
    ])
  })

  it('carry an answer back by a SURB', async () => {
    const made = await chain(geometry)
    const surbId = systemRandom.bytes(16)
    const commands = [
      { type: 'recipient' as const, id: RECIPIENT },
      { type: 'surb-reply' as const, id: surbId },
    ]
    const { surb, keys } = createSurb(geometry, pathOf(made, commands), systemRandom)
    const payload = systemRandom.bytes(geometry.payloadBytes)
    const { packet } = packetFromSurb(geometry, surb, payload)
    const first = made.hops[0]?.node as MixNode
    first.receive(packet)
    first.flush()
    await until(() => made.replies.length === 1)
    expect(made.replies[0]?.surbId).toEqual(surbId)
    expect(openSurbReply(geometry, keys, made.replies[0]?.payload as Uint8Array)).toEqual(payload)
  })
})

describe('a node with worker threads', () => {
  const geometry = makeGeometry()

  it('lets one of many copies of a packet through, whichever worker gets which', async () => {
    const made = await chain(geometry, 1)
    const { node } = made.hops[0] as Hop
    const packet = packetThrough(made, systemRandom.bytes(geometry.payloadBytes))
    for (let copy = 0; copy < 200; copy++) node.receive(packet)
    node.flush()
    await until(() => node.counts.queued === 0)
    expect(node.counts).toMatchObject({ received: 200, delivered: 1, dropped: { replayed: 199 } })
  })

  it('takes packets of the key before and the next during a change, and of no other', async () => {
    const made = await chain(geometry, 1)
    const { node, id } = made.hops[0] as Hop
    const mixKeys = [1, 2, 3, 4].map(() => MixKey.generate())
    const [previous, current, next, stranger] = mixKeys as [MixKey, MixKey, MixKey, MixKey]
    const keys = [nodeKey(current, 5), nodeKey(previous, 4), nodeKey(next, 6)]
    await node.setKeys(keys)
    for (const { publicKey } of [previous, current, next, stranger]) {
      const commands = [{ type: 'recipient' as const, id: RECIPIENT }]
      node.receive(
        createPacket(
          geometry,
          [{ id, publicKey, commands }],
          systemRandom.bytes(geometry.payloadBytes),
          systemRandom,
        ),
      )
    }
    node.flush()
    await until(() => node.counts.queued === 0)
    expect(node.counts).toMatchObject({ delivered: 3, dropped: { bad_mac: 1 } })
    expect(keys.map(({ filter }) => filter.count)).toEqual([1, 1, 1])
  })

  it('replaces workers that die, counts what they had, and opens packets again', async () => {
    const made = await chain(geometry, 1)
    const { node, mixKey } = made.hops[0] as Hop
    const broken = { ...nodeKey(mixKey), privateKey: new Uint8Array(31) }
    // A key that cannot be read ends each worker as any defect would.
    await node.setKeys([broken])
    await until(() => made.deaths >= WORKERS)
    for (let i = 0; i < 10; i++) node.receive(packetThrough(made, systemRandom.bytes(geometry.payloadBytes)))
    node.flush()
    expect(unaccounted(node.counts)).toBe(0)
    await node.setKeys([nodeKey(mixKey)])
    await until(() => {
      node.receive(packetThrough(made, systemRandom.bytes(geometry.payloadBytes)))
      node.flush()
      return node.counts.delivered > 3
    })
    await until(() => node.counts.queued === 0)
    expect(unaccounted(node.counts)).toBe(0)
    expect(node.counts.dropped.queue_full ?? node.counts.dropped.worker_lost).toBeGreaterThan(0)
  })

  it('drops hostile bytes without a worker ending, each under a reason', async () => {
    const made = await chain(geometry, 2, false)
    const { node } = made.hops[0] as Hop
    const random = new SeededRandom(0x4d4958)
    const valid = packetThrough(made, systemRandom.bytes(geometry.payloadBytes))
    let sent = 0
    for (; sent < 800; sent++) {
      const kind = sent % 4
      const packet = kind === 0 ? random.bytes(geometry.packetBytes) : valid.slice()
      if (kind === 1) packet.set(random.bytes(32), 2)
      if (kind === 2) packet[random.below(geometry.headerBytes)] = random.below(256)
      if (kind === 3) packet.fill(0, 2, 34)
      node.receive(packet.subarray(0, sent % 97 === 0 ? random.below(geometry.packetBytes) : undefined))
    }
    node.flush()
    await until(() => node.counts.queued === 0)
    expect(made.deaths).toBe(0)
    expect(unaccounted(node.counts)).toBe(0)
    const { forwarded, dropped } = node.counts
    // A byte that was replaced by itself leaves the packet as it was.
    expect(forwarded).toBeLessThanOrEqual(1)
    expect(Object.keys(dropped)).toEqual(
      expect.arrayContaining(['bad_mac', 'low_order_point', 'unknown_version', 'wrong_length']),
    )
  })

  it('counts what it held as stopped when it ends', async () => {
    const made = await chain(geometry, 2)
    const { node } = made.hops[0] as Hop
    const commands = [{ type: 'delay' as const, ms: 30_000 }]
    const path = pathOf(made, [{ type: 'recipient', id: RECIPIENT }]).map((hop, at) =>
      at === 0 ? { ...hop, commands } : hop,
    )
    node.receive(createPacket(geometry, path, systemRandom.bytes(geometry.payloadBytes), systemRandom))
    node.flush()
    await until(() => node.counts.queued === 1)
    await node.stop()
    const { dropped, queued } = node.counts
    expect((dropped.stopped ?? 0) + (dropped.worker_lost ?? 0)).toBe(1)
    expect(queued).toBe(0)
  })
})
