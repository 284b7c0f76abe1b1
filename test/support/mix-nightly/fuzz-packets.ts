/**
 * Packets that a stranger might send, for one node: random bytes, damaged packets, and ones with a genuine MAC over a slot or
 * a payload that nobody honest makes, which only who knows the node's public key can do: anybody.
 */
import { SeededRandom } from '../../../src/lib/core/index.ts'
import { hmac, kemSecret } from '../../../src/lib/crypto/index.ts'
import { deriveHopKeys } from '../../../src/lib/sphinx/hop-keys.ts'
import {
  createPacket,
  createSurb,
  dropReasonOf,
  type Geometry,
  loadSphinxKernel,
  MixKey,
  makeGeometry,
  PacketUnwrapper,
  packetFromSurb,
  UNWRAP_STATUS,
} from '../../../src/lib/sphinx/index.ts'
import { ALL_FORMATS, makePath, type TestPath } from '../../sphinx/network.ts'

export interface FuzzOptions {
  readonly count: number
  readonly seed: number
}

export interface FuzzAnswers {
  readonly fed: number
  /** How often each answer was given: `forward`, `deliver`, `reply` or the reason of a drop. */
  readonly answers: ReadonlyMap<string, number>
}

const ELEMENT_AT = 2
const ELEMENT_BYTES = 32
const COMMANDS_BYTES = 82
const ANSWERS = Object.keys(UNWRAP_STATUS)

interface Target {
  readonly geometry: Geometry
  readonly key: MixKey
  readonly unwrapper: PacketUnwrapper
  readonly genuine: readonly Uint8Array[]
}

/** @throws Error when an unwrap throws or answers something that is no answer */
export function fuzzPackets({ count, seed }: FuzzOptions): FuzzAnswers {
  const random = new SeededRandom(seed)
  const targets = ALL_FORMATS.map((format) =>
    makeTarget(makeGeometry({ ...format, payloadBytes: 600 }), random),
  )
  const answers = new Map<string, number>()
  let fed = 0
  for (; fed < count; fed++) {
    const target = targets[random.below(targets.length)] as Target
    const status = target.unwrapper.unwrap(makePacket(target, random))
    const answer = dropReasonOf(status) ?? ANSWERS[status]
    if (answer === undefined) throw new Error(`an unwrap answered ${status}`)
    answers.set(answer, (answers.get(answer) ?? 0) + 1)
  }
  return { fed, answers }
}

function makeTarget(geometry: Geometry, random: SeededRandom): Target {
  const forward = makePath({ random, hops: 2 })
  const key = forward.keys[0] as MixKey
  const atKey = (path: TestPath): TestPath['path'] =>
    path.path.map((hop, i) => (i === 0 ? { ...hop, publicKey: key.publicKey } : hop))
  const payload = random.bytes(geometry.payloadBytes)
  const surbPath = atKey(makePath({ random, hops: 1, surbId: random.bytes(16) }))
  const { surb } = createSurb(geometry, surbPath, random)
  const unwrapper = new PacketUnwrapper(geometry, loadSphinxKernel(geometry))
  unwrapper.wantTau = true
  unwrapper.setKeys([key, MixKey.generate(random)])
  return {
    geometry,
    key,
    unwrapper,
    genuine: [
      createPacket(geometry, forward.path, payload, random),
      createPacket(geometry, atKey(makePath({ random, hops: 1 })), payload, random),
      packetFromSurb(geometry, surb, payload).packet,
    ],
  }
}

function makePacket(target: Target, random: SeededRandom): Uint8Array {
  const { genuine, geometry } = target
  const packet = (genuine[random.below(genuine.length)] as Uint8Array).slice()
  switch (random.below(8)) {
    case 0:
      return random.bytes(random.chance(0.5) ? geometry.packetBytes : random.below(2 * geometry.packetBytes))
    case 1:
      // Low order, or another point.
      packet.fill(0, ELEMENT_AT, ELEMENT_AT + ELEMENT_BYTES)
      packet[ELEMENT_AT] = random.below(3)
      return packet
    case 2:
      return packet.subarray(0, random.below(packet.length + 1))
    case 3:
      packet[random.below(geometry.headerBytes)] = random.below(256)
      return packet
    case 4:
      packet[geometry.headerBytes + random.below(packet.length - geometry.headerBytes)] = random.below(256)
      return packet
    case 5:
      return packet
    default:
      return withChangedCommands(target, packet, random)
  }
}

/** A stream cipher under a MAC: who knows the keys of the hop changes its slot at will, and makes the MAC fit again. */
function withChangedCommands(
  { geometry, key }: Target,
  packet: Uint8Array,
  random: SeededRandom,
): Uint8Array {
  const element = packet.subarray(ELEMENT_AT, ELEMENT_AT + ELEMENT_BYTES)
  const dh = key.sharedWith(element) as Uint8Array
  const secret = geometry.format === 'kem' ? kemSecret(geometry.prf, dh, key.publicKey, element) : dh
  const slotAt = ELEMENT_AT + ELEMENT_BYTES
  const changes = 1 + random.below(3)
  for (let i = 0; i < changes; i++) {
    // Mostly where tags stand.
    const at = slotAt + ([0, 1, 5, 17, 33, 50, 65, random.below(COMMANDS_BYTES)][random.below(8)] as number)
    packet[at] = (packet[at] as number) ^ ([0x80, 1, 2, 3, random.below(256)][random.below(5)] as number)
  }
  const macAt = geometry.headerBytes - 32
  packet.set(hmac('sha256', deriveHopKeys(secret).macKey, packet.subarray(0, macAt)), macAt)
  return packet
}
