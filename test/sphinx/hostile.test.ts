import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../src/lib/core/index.ts'
import {
  createPacket,
  decodeLinkCommand,
  dropReasonOf,
  encodeLinkCommand,
  isAuthenticDrop,
  MixKey,
  makeGeometry,
  PacketUnwrapper,
  UNWRAP_DROP_REASONS,
  unwrap,
} from '../../src/lib/sphinx/index.ts'
import { fuzzPackets } from '../support/mix-nightly/fuzz-packets.ts'
import { ALL_FORMATS, makePath } from './network.ts'

const P = 2n ** 255n - 19n
/** The points of low order as D. J. Bernstein lists them (cr.yp.to/ecdh.html), as far as they differ below 2^255. */
const LOW_ORDER = [
  0n,
  1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  P - 1n,
  P,
  P + 1n,
]
/** Beyond the field and of no low order: 2 to 18 in another encoding. */
const NON_CANONICAL = Array.from({ length: 17 }, (_, i) => P + 2n + BigInt(i))

function littleEndian(value: bigint, topBit: boolean): Uint8Array {
  const out = Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
  if (topBit) out[31] = (out[31] as number) | 0x80
  return out
}

describe.each(ALL_FORMATS)('a node of $format with $prf', ({ format, prf }) => {
  const geometry = makeGeometry({ format, prf })
  const random = new SeededRandom(51)
  const { keys, path } = makePath({ random, hops: 3 })
  const key = keys[0] as MixKey
  const packet = createPacket(geometry, path, random.bytes(geometry.payloadBytes), random)

  const withElement = (element: Uint8Array): Uint8Array => {
    const changed = packet.slice()
    changed.set(element, 2)
    return changed
  }

  test.each([false, true])('drops every point of low order and says so, top bit %s', (topBit) => {
    for (const point of LOW_ORDER)
      expect(unwrap(geometry, key, withElement(littleEndian(point, topBit)))).toEqual({
        kind: 'drop',
        reason: 'low_order_point',
      })
  })

  test.each([false, true])('drops points beyond the field as forgeries, top bit %s', (topBit) => {
    for (const point of NON_CANONICAL)
      expect(unwrap(geometry, key, withElement(littleEndian(point, topBit)))).toEqual({
        kind: 'drop',
        reason: 'bad_mac',
      })
  })

  test('drops the same point in its other encoding, which would be another replay tag', () => {
    const other = packet.slice()
    other[33] = (other[33] as number) ^ 0x80
    expect(unwrap(geometry, key, other)).toEqual({ kind: 'drop', reason: 'bad_mac' })
  })

  test.each([0, 1, 33, 2047, 2049, 100_000])('drops %i bytes', (length) => {
    expect(unwrap(geometry, key, new Uint8Array(length))).toEqual({ kind: 'drop', reason: 'wrong_length' })
  })

  test('drops everything while it has no key', () => {
    const unwrapper = new PacketUnwrapper(geometry)
    expect(dropReasonOf(unwrapper.unwrap(packet))).toBe('no_mix_key')
  })
})

describe('an unwrapper with three keys', () => {
  const geometry = makeGeometry()
  const random = new SeededRandom(52)
  const keys = [1, 2, 3].map(() => MixKey.generate(random))
  const { path } = makePath({ random, hops: 2 })

  test.each([0, 1, 2])('finds that a packet is for key %i', (index) => {
    const unwrapper = new PacketUnwrapper(geometry)
    unwrapper.setKeys(keys)
    const [first, last] = path as [(typeof path)[number], (typeof path)[number]]
    const hops = [{ ...first, publicKey: (keys[index] as MixKey).publicKey }, last]
    const packet = createPacket(geometry, hops, random.bytes(geometry.payloadBytes), random)
    expect(unwrapper.unwrap(packet)).toBe(0)
    expect(unwrapper.keyIndex).toBe(index)
    expect(unwrapper.nextHop).toEqual(last.id)
  })

  test('keeps nothing of one packet for the next', () => {
    const unwrapper = new PacketUnwrapper(geometry)
    unwrapper.wantTau = true
    unwrapper.setKeys(keys)
    const [first, last] = path as [(typeof path)[number], (typeof path)[number]]
    const hops = [{ ...first, publicKey: (keys[0] as MixKey).publicKey }, last]
    const packet = createPacket(geometry, hops, random.bytes(geometry.payloadBytes), random)
    expect(unwrapper.unwrap(packet)).toBe(0)
    expect(unwrapper.tau.some((byte) => byte !== 0)).toBe(true)
    expect(dropReasonOf(unwrapper.unwrap(random.bytes(2048)))).toBeDefined()
    expect(unwrapper.keyIndex).toBe(-1)
    expect(unwrapper.tau.every((byte) => byte === 0)).toBe(true)
  })
})

describe('20,000 fuzzed packets', () => {
  test('are each answered, and the answers add up', () => {
    const { fed, answers } = fuzzPackets({ count: 20_000, seed: 53 })
    expect(fed).toBe(20_000)
    const total = [...answers.values()].reduce((sum, count) => sum + count, 0)
    expect(total).toBe(20_000)
    const known = ['forward', 'deliver', 'reply', ...UNWRAP_DROP_REASONS]
    for (const answer of answers.keys()) expect(known).toContain(answer)
    // The fuzzer gets behind the MAC: otherwise it would test nothing but the MAC.
    for (const answer of ['forward', 'deliver', 'reply', 'bad_mac', 'wrong_length', 'malformed_commands'])
      expect(answers.get(answer)).toBeGreaterThan(0)
    for (const reason of ['unexpected_commands', 'bad_payload_tag', 'low_order_point', 'unknown_version'])
      expect(answers.get(reason)).toBeGreaterThan(0)
  })
})

describe('reasons of drops', () => {
  test('say whether the replay tag counts', () => {
    expect(UNWRAP_DROP_REASONS.filter(isAuthenticDrop)).toEqual([
      'malformed_commands',
      'unexpected_commands',
      'bad_payload_tag',
    ])
  })
})

describe('link commands', () => {
  test('of any bytes are refused or mean exactly these bytes', () => {
    const random = new SeededRandom(54)
    let read = 0
    for (let i = 0; i < 20_000; i++) {
      const bytes = random.bytes(random.below(40))
      if (random.chance(0.9) && bytes.length >= 6)
        bytes.set([[0, 1, 2, 16, 17, 18, 19][random.below(7)] as number, 0, 0, 0, 0, bytes.length - 6])
      const command = decodeLinkCommand(bytes)
      if (command === undefined) continue
      read++
      expect(encodeLinkCommand(command)).toEqual(bytes)
    }
    expect(read).toBeGreaterThan(1000)
  })

  test.each([
    () => encodeLinkCommand({ type: 'retrieve-message', sequence: 2 ** 32 }),
    () => encodeLinkCommand({ type: 'get-consensus', epoch: 2n ** 64n }),
    () => encodeLinkCommand({ type: 'consensus', errorCode: 256, document: new Uint8Array(0) }),
    () =>
      encodeLinkCommand({
        type: 'message',
        sequence: 0,
        surbId: new Uint8Array(3),
        payload: new Uint8Array(0),
      }),
  ])('out of range are not written', (encode) => {
    expect(encode).toThrow(expect.objectContaining({ code: 'E_INPUT' }))
  })
})
