/** Whether the last hop of a path can see how long the path was. */
import { type RandomSource, SeededRandom } from '../../../src/lib/core/index.ts'
import { binomialUpperTail } from '../../../src/lib/mix/analysis/statistics/index.ts'
import { createPacket, type Geometry, type MixKey, PlainSphinxKernel } from '../../../src/lib/sphinx/index.ts'
import { makePath, packetsOf } from '../../sphinx/network.ts'

const ELEMENT_AT = 2
const ROUTING_AT = 34

export interface PathLengthOptions {
  readonly geometry: Geometry
  /** For each length of paths. */
  readonly packets: number
  readonly seed: number
  /** Probability of an alarm although all is well. */
  readonly alpha: number
  /** Where the sender takes its random bytes from, if not from the seed. */
  readonly source?: (random: SeededRandom) => RandomSource
}

/**
 * Counts ones at each byte of the routing slots that the last hop deciphers behind its own, which is all that it sees of the
 * rest of the header. For paths of every length they are coin tosses.
 * @returns lines that say where they are not
 */
export function pathLengthProblems({
  geometry,
  packets,
  seed,
  alpha,
  source = (random) => random,
}: PathLengthOptions): readonly string[] {
  const random = new SeededRandom(seed)
  const limit = alpha / (2 * geometry.hops * geometry.routingBytes)
  const problems: string[] = []
  for (let hops = 1; hops <= geometry.hops; hops++) {
    const ones = new Uint32Array(geometry.routingBytes)
    const way = makePath({ random, hops })
    for (let i = 0; i < packets; i++) {
      const payload = random.bytes(geometry.payloadBytes)
      const packet = createPacket(geometry, way.path, payload, source(random))
      if (packet.length !== geometry.packetBytes) problems.push(`${hops} hops: ${packet.length} bytes`)
      const last = packetsOf(geometry, way, packet).at(-1) as Uint8Array
      viewOfLastHop(geometry, way.keys.at(-1) as MixKey, last).forEach((byte, at) => {
        for (let rest = byte; rest !== 0; rest &= rest - 1) ones[at] = (ones[at] as number) + 1
      })
    }
    const tosses = 8 * packets
    ones.forEach((count, at) => {
      const tail = Math.min(
        binomialUpperTail(count, tosses, 0.5),
        binomialUpperTail(tosses - count, tosses, 0.5),
      )
      if (tail < limit) problems.push(`${hops} hops: ${count} of ${tosses} bits are ones at ${at}`)
    })
  }
  return problems
}

function viewOfLastHop(geometry: Geometry, key: MixKey, packet: Uint8Array): Uint8Array {
  const kernel = new PlainSphinxKernel(geometry)
  kernel.packet.set(packet)
  kernel.dh.set(key.sharedWith(packet.subarray(ELEMENT_AT, ROUTING_AT)) as Uint8Array)
  kernel.hopPublic.set(key.publicKey)
  if (!kernel.open()) throw new Error('the last hop does not take the packet')
  return kernel.packet.subarray(ROUTING_AT, ROUTING_AT + geometry.routingBytes)
}
