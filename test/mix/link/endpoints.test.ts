import { afterEach, expect, it } from 'vitest'
import { systemClock } from '../../../src/lib/core/index.ts'
import { systemRandom } from '../../../src/lib/crypto/index.ts'
import { dialPackets, listenPackets } from '../../../src/lib/mix/link/endpoints.ts'
import type { PacketPipe } from '../../../src/lib/mix/link/packet-pipe.ts'
import { PacketReader } from '../../../src/lib/mix/link/packet-reader.ts'
import { geometryHash, makeGeometry } from '../../../src/lib/sphinx/index.ts'

const PACKET_BYTES = 2048
const GEOMETRY_HASH = geometryHash(makeGeometry())

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

function options(hash = GEOMETRY_HASH) {
  const controller = new AbortController()
  return { identity: {}, geometryHash: hash, clock: systemClock, signal: controller.signal }
}

async function listening(address: string) {
  const packets: Uint8Array[] = []
  const pipes: PacketPipe[] = []
  const listener = await listenPackets(address, options(), {
    node: (pipe) => {
      pipes.push(pipe)
      const reader = new PacketReader(PACKET_BYTES, (packet) => packets.push(packet.slice()))
      pipe.attach({ data: (chunk) => reader.push(chunk), close: () => {} })
    },
  })
  ends.push(() => listener.close())
  return { address: listener.address, packets, pipes }
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited++) {
    if (waited > 5_000) throw new Error('it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

it.each(['tcp://127.0.0.1:0', 'htx+tcp://127.0.0.1:0'])('carries packets over %s', async (asked) => {
  const { address, packets } = await listening(asked)
  const pipe = await dialPackets(address, options())
  const closed = Promise.withResolvers<void>()
  pipe.attach({ data: () => {}, close: closed.resolve })
  const sent = systemRandom.bytes(PACKET_BYTES * 100)
  for (let at = 0; at < sent.length; at += PACKET_BYTES * 10)
    pipe.write(sent.subarray(at, at + PACKET_BYTES * 10))
  await until(() => packets.length === 100)
  expect(Buffer.concat(packets).equals(sent)).toBe(true)
  pipe.close()
  await closed.promise
})

it('is refused by a node of another geometry', async () => {
  const { address, pipes } = await listening('htx+tcp://127.0.0.1:0')
  const other = geometryHash(makeGeometry({ hops: 5 }))
  await expect(dialPackets(address, options(other))).rejects.toMatchObject({ code: 'E_SERVICE_REFUSED' })
  expect(pipes).toEqual([])
})

it.each(['tcp://127.0.0.1', 'tcp://:5', 'htx+nothing://x:1', 'mix'])(
  'does not take %s for an address',
  async (address) => {
    await expect(dialPackets(address, options())).rejects.toMatchObject({ code: 'E_ADDRESS' })
  },
)
