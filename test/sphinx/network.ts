/** Nodes and paths for tests of packets, repeatable by seed. */
import type { RandomSource } from '../../src/lib/core/index.ts'
import {
  type Geometry,
  MixKey,
  type PathHop,
  type RoutingCommand,
  unwrap,
} from '../../src/lib/sphinx/index.ts'

export interface TestPath {
  readonly keys: readonly MixKey[]
  readonly path: readonly PathHop[]
}

export interface TestPathOptions {
  readonly random: RandomSource
  readonly hops: number
  /** Of the hops on the way. */
  readonly delayMs?: (hop: number) => number | undefined
  /** Makes the path one of a SURB with this id. */
  readonly surbId?: Uint8Array
}

export function makePath({ random, hops, delayMs = (hop) => 10 + hop, surbId }: TestPathOptions): TestPath {
  const keys = Array.from({ length: hops }, () => MixKey.generate(random))
  const path = keys.map(({ publicKey }, hop) => {
    const commands: RoutingCommand[] = []
    const ms = delayMs(hop)
    if (hop < hops - 1) {
      if (ms !== undefined) commands.push({ type: 'delay', ms })
    } else {
      commands.push({ type: 'recipient', id: random.bytes(32) })
      if (surbId !== undefined) commands.push({ type: 'surb-reply', id: surbId })
    }
    return { id: random.bytes(32), publicKey, commands }
  })
  return { keys, path }
}

/** The packet as each hop gets it, the first one included. */
export function packetsOf(geometry: Geometry, { keys }: TestPath, packet: Uint8Array): Uint8Array[] {
  const packets = [packet]
  for (const key of keys.slice(0, -1)) {
    const unwrapped = unwrap(geometry, key, packets.at(-1) as Uint8Array)
    if (unwrapped.kind !== 'forward') throw new Error(`a hop answered ${unwrapped.kind}`)
    packets.push(unwrapped.packet)
  }
  return packets
}

/** What the last hop makes of a packet that all others forward; a drop on the way otherwise. */
export function travel(geometry: Geometry, { keys }: TestPath, packet: Uint8Array) {
  let at = packet
  for (const [hop, key] of keys.entries()) {
    const unwrapped = unwrap(geometry, key, at)
    if (unwrapped.kind !== 'forward') return { hop, unwrapped }
    at = unwrapped.packet
  }
  throw new Error('the last hop forwarded')
}

export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice()
  flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (0x80 >> (bit & 7))
  return flipped
}

export const ALL_FORMATS = [
  { format: 'kem', prf: 'sha256-v1' },
  { format: 'kem', prf: 'blake2b-xof' },
  { format: 'nike', prf: 'sha256-v1' },
] as const
