/** The vector suite `sphinxmixcrypto`: the forward packet and the primitives on which two implementations agree. */
import { equal, type RandomSource, utf8, type VectorCheck } from '../../../core/index.ts'
import {
  chacha20Keystream,
  loadVariableBlake2b,
  type VariableBlake2b,
  x25519,
} from '../../../crypto/index.ts'
import {
  blindingFactor,
  clamped,
  createMixPacket,
  type MixHop,
  type MixPacket,
  PAYLOAD_BYTES,
  REGION_BYTES,
  type UnwrappedMix,
  unwrapMixPacket,
} from '../sphinxmixcrypto.ts'
import {
  bytes,
  expectBytes,
  expectEqual,
  jsonSuite,
  object,
  text,
  type Vector,
  vector,
  vectors,
} from './fields.ts'

interface VectorNode extends MixHop {
  readonly privateKey: Uint8Array
}

export const sphinxmixcryptoSuite = jsonSuite('sphinxmixcrypto', async (document) => {
  const file = vector(document)
  const hash = await loadVariableBlake2b()
  const nodes = vectors(file, 'nodes_in_route_order').map(nodeOf)
  const seed = bytes(file, 'entropy_chacha20_seed')
  return [
    ...nodes.map((node, i) => publicKeyCheck(node, i)),
    ...primitiveChecks(object(file, 'primitives'), seed),
    ...vectors(file, 'vectors').map((each) => ({
      id: text(each, 'name'),
      run: () => replayForward(hash, nodes, seed, each),
    })),
  ]
})

function nodeOf(node: Vector): VectorNode {
  return {
    id: bytes(node, 'id'),
    publicKey: bytes(node, 'publicKey'),
    privateKey: bytes(node, 'privateKey'),
  }
}

function publicKeyCheck({ privateKey, publicKey }: VectorNode, i: number): VectorCheck {
  return {
    id: `node ${i}`,
    run: () => expectBytes('publicKey', x25519.fromPrivate(privateKey).publicKey, publicKey),
  }
}

function primitiveChecks(primitives: Vector, seed: Uint8Array): VectorCheck[] {
  return [
    {
      id: 'chacha_noise_first32',
      run() {
        expectBytes('the noise', chacha20Keystream(seed, 32), bytes(primitives, 'chacha_noise_first32'))
      },
    },
    {
      id: 'hash_blinding',
      run() {
        const blinding = object(primitives, 'hash_blinding')
        const factor = blindingFactor(bytes(blinding, 'alpha'), bytes(blinding, 's'))
        expectBytes('b', clamped(factor), bytes(blinding, 'b'))
      },
    },
  ]
}

/** The stream that both implementations took for randomness. */
function noiseOf(seed: Uint8Array): RandomSource {
  const noise = chacha20Keystream(seed, 256)
  let at = 0
  return {
    bytes(length) {
      at += length
      if (at > noise.length) throw new Error('the replay draws more than the vector gives')
      return noise.slice(at - length, at)
    },
  }
}

/** Creates the packet, and unwraps it hop by hop as far as its destination. */
function replayForward(
  hash: VariableBlake2b,
  nodes: readonly VectorNode[],
  seed: Uint8Array,
  of: Vector,
): void {
  const destination = bytes(of, 'destination')
  const message = utf8(text(of, 'message'))
  const expected = object(of, 'packet_as_received_by_last_hop')
  const judgedAt = bytes(expected, 'at_hop_input')
  let packet: MixPacket = createMixPacket(hash, nodes, destination, message, noiseOf(seed))
  let judged = 0
  for (const [i, { id, privateKey }] of nodes.entries()) {
    if (equal(id, judgedAt)) {
      judged++
      packet = expectPacket(packet, expected)
    }
    const unwrapped = unwrapMixPacket(hash, privateKey, packet)
    const next = nodes[i + 1]
    if (next === undefined) expectDelivery(unwrapped, destination, message)
    else packet = expectForward(unwrapped, next.id)
  }
  expectEqual('hops at which the packet is known', judged, 1)
}

/** The packet of the vector itself goes on: so its own bytes are unwrapped, and not only ours. */
function expectPacket(packet: MixPacket, expected: Vector): MixPacket {
  const published = {
    alpha: bytes(expected, 'alpha'),
    beta: bytes(expected, 'beta'),
    gamma: bytes(expected, 'gamma'),
    delta: bytes(expected, 'delta'),
  }
  expectEqual('bytes of beta', published.beta.length, REGION_BYTES)
  expectEqual('bytes of delta', published.delta.length, PAYLOAD_BYTES)
  for (const part of ['alpha', 'beta', 'gamma', 'delta'] as const)
    expectBytes(part, packet[part], published[part])
  return published
}

function expectForward(unwrapped: UnwrappedMix, next: Uint8Array): MixPacket {
  if (unwrapped.kind !== 'forward') throw new Error(`the packet ends before ${unwrapped.kind}`)
  expectBytes('the next hop', unwrapped.next, next)
  return unwrapped.packet
}

function expectDelivery(unwrapped: UnwrappedMix, destination: Uint8Array, message: Uint8Array): void {
  if (unwrapped.kind !== 'deliver') throw new Error('the last hop delivers nothing')
  expectBytes('the destination', unwrapped.destination, destination)
  expectBytes('the message', unwrapped.message, message)
}
