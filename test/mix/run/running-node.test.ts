import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, utf8 } from '../../../src/lib/core/index.ts'
import { loadEcvrf, systemRandom } from '../../../src/lib/crypto/index.ts'
import { createIdentity } from '../../../src/lib/identity/index.ts'
import { drawnDelayUs, proveDelaySeed } from '../../../src/lib/mix/delay/index.ts'
import { LEAF_BYTES, openLeaf } from '../../../src/lib/mix/delay/log/leaf.ts'
import { byId, checkedDirectory, epochAt, type MixDirectory, mixKeyOf } from '../../../src/lib/mix/index.ts'
import { dialPackets } from '../../../src/lib/mix/link/endpoints.ts'
import { decodePayload, encodePayload } from '../../../src/lib/mix/message/index.ts'
import { PING_SERVICE } from '../../../src/lib/mix/provider/index.ts'
import {
  MAILBOX_SCHEMA,
  Mailboxes,
  type NodeEvent,
  Provider,
  RunningNode,
} from '../../../src/lib/mix/run/index.ts'
import {
  createPacket,
  createSurb,
  createTracedPacket,
  geometryHash,
  makeGeometry,
  openSurbReply,
  type PathHop,
  type TracedPacket,
} from '../../../src/lib/sphinx/index.ts'
import { openMemoryStore } from '../../../src/lib/storage/index.ts'

const EPOCH_LENGTH_S = 86_400
const GEOMETRY = makeGeometry()

interface LabReply {
  readonly surbId: Uint8Array
  readonly payload: Uint8Array
}

let folder: string
let running: RunningNode[]
let replies: LabReply[]
let events: NodeEvent[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aiv-mix-node-'))
  running = []
  replies = []
  events = []
})
afterEach(async () => {
  await Promise.all(running.map((node) => node.stop()))
  rmSync(folder, { recursive: true })
})

async function startNode(scheme: string, name: string, mailboxes?: Mailboxes): Promise<RunningNode> {
  const identity = createIdentity(systemRandom, systemClock)
  const node = await RunningNode.start({
    identity,
    endpointIdentity: { identity },
    listen: [`${scheme}://127.0.0.1:0`],
    role: mailboxes === undefined ? 'mix' : 'provider',
    geometry: GEOMETRY,
    workers: 1,
    keyFolder: join(folder, name),
    epochLengthS: EPOCH_LENGTH_S,
    filter: { bytes: 1 << 20 },
    provider: mailboxes === undefined ? undefined : (id) => new Provider(id, GEOMETRY, mailboxes),
    onReply: (_, surbId, payload) => replies.push({ surbId, payload }) > 0,
    clock: systemClock,
    random: systemRandom,
    onEvent: (event) => events.push(event),
  })
  running.push(node)
  return node
}

function directoryOf(nodes: readonly RunningNode[]): MixDirectory {
  const epoch = epochAt(systemClock.wallMs() / 1000, EPOCH_LENGTH_S)
  return checkedDirectory({
    version: 1,
    epoch,
    epochLengthS: EPOCH_LENGTH_S,
    validFrom: epoch * EPOCH_LENGTH_S,
    validUntil: (epoch + 1) * EPOCH_LENGTH_S,
    geometry: GEOMETRY,
    parameters: { hopDelayUs: 1_000, payloadUs: 0, loopUs: 0, dropUs: 0, mixLoopUs: 0 },
    topology: { layers: 3, active: 0 },
    sharedRandom: systemRandom.bytes(32),
    nodes: nodes.map((node) => node.descriptor()).toSorted(byId),
    signatures: [],
  })
}

function pathThrough(
  directory: MixDirectory,
  nodes: readonly RunningNode[],
  last: PathHop['commands'],
): PathHop[] {
  return nodes.map(({ id }, hop) => {
    const listed = directory.nodes.find((node) => Buffer.from(node.id).equals(id))
    if (listed === undefined) throw new Error('the node is not listed')
    const commands = hop === nodes.length - 1 ? last : [{ type: 'delay' as const, ms: 2 }]
    return { id, publicKey: mixKeyOf(listed, directory.epoch) as Uint8Array, commands }
  })
}

async function sendTo(node: RunningNode, packets: readonly Uint8Array[]): Promise<void> {
  const signal = new AbortController().signal
  const pipe = await dialPackets(node.addresses[0] as string, {
    identity: {},
    geometryHash: geometryHash(GEOMETRY),
    clock: systemClock,
    signal,
  })
  pipe.attach({ data: () => {}, close: () => {} })
  for (const packet of packets) pipe.write(packet)
  pipe.close()
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await condition()); waited++) {
    if (waited > 4_000) throw new Error('it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

describe.each(['tcp', 'htx+tcp'])('nodes that run, over %s', (scheme) => {
  it('carry packets from link to link into a mailbox, and an answer back', async () => {
    const mailboxes = await Mailboxes.open(await openMemoryStore(MAILBOX_SCHEMA), systemClock)
    const nodes = [
      await startNode(scheme, 'a'),
      await startNode(scheme, 'b'),
      await startNode(scheme, 'c', mailboxes),
    ]
    const directory = directoryOf(nodes)
    for (const node of nodes) await node.setDirectory(directory)
    const mailbox = systemRandom.bytes(32)
    const bodies = Array.from({ length: 20 }, (_, i) => utf8(`body ${i}`))
    const toMailbox = pathThrough(directory, nodes, [{ type: 'recipient', id: mailbox }])
    const surbId = systemRandom.bytes(16)
    // The answer goes round through the second node and ends where the question did.
    const back = pathThrough(
      directory,
      [nodes[1] as RunningNode, nodes[2] as RunningNode],
      [
        { type: 'recipient', id: mailbox },
        { type: 'surb-reply', id: surbId },
      ],
    )
    const { surb, keys } = createSurb(GEOMETRY, back, systemRandom)
    const ping = createPacket(
      GEOMETRY,
      pathThrough(directory, nodes, [{ type: 'recipient', id: PING_SERVICE }]),
      encodePayload(GEOMETRY, { surb, body: utf8('are you there') }),
      systemRandom,
    )
    const packets = bodies.map((body) =>
      createPacket(GEOMETRY, toMailbox, encodePayload(GEOMETRY, { body }), systemRandom),
    )
    await sendTo(nodes[0] as RunningNode, [...packets, ping, packets[0] as Uint8Array])
    // 20 bodies, the ping, its answer.
    await until(() => nodes[2]?.counts.delivered === 22)
    const found: string[] = []
    await until(async () => {
      const waiting = await mailboxes.take(mailbox)
      if (waiting !== undefined) found.push(Buffer.from(waiting.body).toString())
      return found.length === bodies.length
    })
    expect(found.toSorted()).toEqual(bodies.map((body) => Buffer.from(body).toString()).toSorted())
    await until(() => replies.length === 1)
    expect(replies[0]?.surbId).toEqual(surbId)
    const opened = openSurbReply(GEOMETRY, keys, replies[0]?.payload as Uint8Array) as Uint8Array
    expect(decodePayload(GEOMETRY, opened)?.body).toEqual(utf8('are you there'))
    expect(nodes[0]?.counts).toEqual({
      received: 22,
      forwarded: 21,
      delivered: 0,
      dropped: { replayed: 1 },
      queued: 0,
    })
  })
})

describe('a node that runs', () => {
  it('drops what goes on while it has no directory, and forwards once it has one', async () => {
    const nodes = [await startNode('tcp', 'a'), await startNode('tcp', 'b')] as const
    const directory = directoryOf(nodes)
    const path = pathThrough(directory, nodes, [{ type: 'recipient', id: systemRandom.bytes(32) }])
    const packet = (): Uint8Array =>
      createPacket(GEOMETRY, path, encodePayload(GEOMETRY, { body: utf8('x') }), systemRandom)
    await sendTo(nodes[0], [packet()])
    await until(() => nodes[0].counts.dropped.unknown_next_hop === 1)
    await nodes[0].setDirectory(directory)
    await sendTo(nodes[0], [packet()])
    await until(() => nodes[0].counts.forwarded === 1)
    await until(() => nodes[1].counts.dropped.not_a_provider === 1)
  })

  it('lets no packet through again after a restart', async () => {
    const identity = createIdentity(systemRandom, systemClock)
    const start = async (): Promise<RunningNode> =>
      await RunningNode.start({
        identity,
        endpointIdentity: { identity },
        listen: ['tcp://127.0.0.1:0'],
        role: 'mix',
        geometry: GEOMETRY,
        workers: 1,
        keyFolder: join(folder, 'kept'),
        epochLengthS: EPOCH_LENGTH_S,
        filter: { bytes: 1 << 20 },
        clock: systemClock,
        random: systemRandom,
        onEvent: () => {},
      })
    const first = await start()
    const other = await startNode('tcp', 'b')
    const directory = directoryOf([first, other])
    await first.setDirectory(directory)
    const path = pathThrough(directory, [first, other], [{ type: 'recipient', id: systemRandom.bytes(32) }])
    const packet = createPacket(GEOMETRY, path, systemRandom.bytes(GEOMETRY.payloadBytes), systemRandom)
    await sendTo(first, [packet])
    await until(() => first.counts.forwarded === 1)
    await first.stop()
    const second = await start()
    running.push(second)
    await second.setDirectory(directory)
    await sendTo(second, [packet])
    await until(() => second.counts.received === 1 && second.counts.queued === 0)
    expect(second.counts).toMatchObject({ forwarded: 0, dropped: { replayed: 1 } })
  })

  it('draws delays by its VRF key, keeps to them, and has a line for each that its sender can open', async () => {
    const identity = createIdentity(systemRandom, systemClock)
    const meanUs = 20_000
    const drawing = await RunningNode.start({
      identity,
      endpointIdentity: { identity },
      listen: ['tcp://127.0.0.1:0'],
      role: 'mix',
      delay: { mode: 'vrf', meanUs },
      delayFolder: join(folder, 'delays'),
      geometry: GEOMETRY,
      workers: 1,
      keyFolder: join(folder, 'drawing'),
      epochLengthS: EPOCH_LENGTH_S,
      filter: { bytes: 1 << 20 },
      clock: systemClock,
      random: systemRandom,
      onEvent: (event) => events.push(event),
    })
    running.push(drawing)
    const other = await startNode('tcp', 'b')
    const directory = directoryOf([drawing, other])
    const path = pathThrough(directory, [drawing, other], [{ type: 'recipient', id: systemRandom.bytes(32) }])
    const traced = Array.from({ length: 30 }, () =>
      createTracedPacket(GEOMETRY, path, systemRandom.bytes(GEOMETRY.payloadBytes), systemRandom),
    )
    // Without the random value of the epoch no delay is defined.
    await sendTo(drawing, [(traced[0] as TracedPacket).packet])
    await until(() => drawing.counts.dropped.no_mix_key === 1)
    await drawing.setDirectory(directory)
    await sendTo(
      drawing,
      traced.map(({ packet }) => packet),
    )
    await until(() => drawing.counts.forwarded === traced.length)
    await drawing.stop()
    running.splice(running.indexOf(drawing), 1)
    const log = readFileSync(join(folder, 'delays', `${directory.epoch}`, 'lines'))
    expect(log.length).toBe(traced.length * LEAF_BYTES)
    const lines = Array.from({ length: traced.length }, (_, at) =>
      log.subarray(at * LEAF_BYTES, (at + 1) * LEAF_BYTES),
    )
    const { beta } = proveDelaySeed(await loadEcvrf(), identity.vrf.seed, {
      epoch: directory.epoch,
      sharedRandom: directory.sharedRandom,
      node: drawing.id,
    })
    for (const { taus } of traced) {
      const tau = taus[0] as Uint8Array
      const times = lines.map((line) => openLeaf(tau, line)).find((found) => found !== undefined)
      expect(times?.delayUs).toBe(drawnDelayUs(beta, tau, meanUs))
      expect((times?.releasedUs ?? 0) - (times?.arrivedUs ?? 0)).toBeGreaterThanOrEqual(times?.delayUs ?? 1)
    }
  })

  it('takes no directory of packets or epochs that are not its own', async () => {
    const node = await startNode('tcp', 'a')
    const directory = directoryOf([node])
    const longer = { ...directory, geometry: makeGeometry({ hops: 5 }) }
    await expect(node.setDirectory(longer)).rejects.toThrow(/geometry/)
    const shorter = { ...directory, epochLengthS: 60 }
    await expect(node.setDirectory(shorter)).rejects.toThrow(/epochs of 60 seconds/)
  })
})
