/** Hostile bytes from a seed: valid ones with something wrong, so that they get deep before they are refused. */
import { concat, encodeVarint, type SeededRandom, u16, u32, utf8 } from '../../src/lib/core/index.ts'

const BYTES = [0, 1, 2, 7, 8, 15, 16, 63, 64, 127, 128, 191, 192, 254, 255] as const
const NUMBERS = [
  0n,
  1n,
  2n,
  3n,
  5n,
  16_387n,
  63n,
  64n,
  16_383n,
  16_384n,
  2n ** 30n,
  2n ** 31n,
  2n ** 53n - 1n,
  2n ** 53n + 1n,
  2n ** 62n - 1n,
] as const

export function pickOne<T>(random: SeededRandom, values: readonly T[]): T {
  return values[random.below(values.length)] as T
}

/** A varint of an interesting value, now and then in a longer form than allowed. */
export function oddVarint(random: SeededRandom): Uint8Array {
  const value = pickOne(random, NUMBERS)
  if (!random.chance(0.1) || value >= 2n ** 30n) return encodeVarint(value)
  return concat(Uint8Array.of(0x80), u32(Number(value)).subarray(1))
}

/** Changes a few bytes: flips, replaces, inserts, removes, repeats, cuts, extends. */
export function mutate(random: SeededRandom, input: Uint8Array): Uint8Array {
  let bytes = input
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = bytes.length === 0 ? 0 : random.below(bytes.length)
    const before = bytes.subarray(0, at)
    const after = bytes.subarray(at)
    switch (random.below(8)) {
      case 0:
        bytes = bytes.slice()
        if (bytes.length > 0) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8))
        break
      case 1:
        bytes = bytes.slice()
        if (bytes.length > 0) bytes[at] = pickOne(random, BYTES)
        break
      case 2:
        bytes = concat(before, random.bytes(1 + random.below(9)), after)
        break
      case 3:
        bytes = concat(before, after.subarray(1 + random.below(9)))
        break
      case 4:
        bytes = before.slice()
        break
      case 5:
        bytes = concat(bytes, new Uint8Array(1 + random.below(40)))
        break
      case 6:
        bytes = concat(before, oddVarint(random), after)
        break
      default:
        bytes = concat(before, after, after)
    }
  }
  return bytes
}

export interface PlainFrame {
  readonly type: number
  /** Encoded, for types 0 and 4. */
  readonly id: Uint8Array
  readonly plaintext: Uint8Array
}

const IDS = [0, 1, 1, 1, 3, 3, 5, 7, 9, 2, 4, 16_387, 2 ** 53 - 1] as const

/** A frame as a peer might send it: mostly sensible, so that sessions live long enough to get into odd states. */
export function plausibleFrame(random: SeededRandom): PlainFrame {
  const id = random.chance(0.03) ? oddVarint(random) : encodeVarint(pickOne(random, IDS))
  const none = new Uint8Array(0)
  const data = random.bytes(random.chance(0.1) ? random.below(3_000) : random.below(30))
  switch (random.below(12)) {
    case 0:
    case 1:
      return {
        type: 0,
        id,
        plaintext: concat(Uint8Array.of(8 | random.below(2), 1 + random.below(255)), data),
      }
    case 2:
    case 3:
      return { type: 0, id, plaintext: concat(Uint8Array.of(random.below(2)), data) }
    case 4:
      return { type: 0, id, plaintext: concat(Uint8Array.of(pickOne(random, [2, 4, 6, 5])), u16(0x8101)) }
    case 5:
      return { type: 0, id: Uint8Array.of(0), plaintext: plausibleRecord(random) }
    case 6:
      return {
        type: 1,
        id: none,
        plaintext: concat(Uint8Array.of(random.below(2)), random.bytes(8), new Uint8Array(random.below(20))),
      }
    case 7:
      return { type: 4, id, plaintext: u32(1 + random.below(100_000)) }
    case 8:
      return { type: 64 + random.below(64), id: none, plaintext: data }
    case 9:
      return random.chance(0.3)
        ? {
            type: 2,
            id: none,
            plaintext: concat(u16(0x8001), u16(2), utf8('by'), encodeVarint(random.below(9))),
          }
        : { type: 4, id: Uint8Array.of(0), plaintext: u32(1) }
    case 10:
      return random.chance(0.2)
        ? { type: 2, id: none, plaintext: concat(u16(pickOne(random, [0, 7, 0x8006])), u16(3), utf8('bye')) }
        : { type: 0, id, plaintext: Uint8Array.of(0) }
    default:
      return { type: 0, id, plaintext: concat(Uint8Array.of(0), random.bytes(random.below(200))) }
  }
}

function plausibleRecord(random: SeededRandom): Uint8Array {
  switch (random.below(5)) {
    case 0:
      return new Uint8Array(random.below(300))
    case 1:
      return concat(Uint8Array.of(1), u32(random.below(400)))
    case 2:
      return concat(Uint8Array.of(2), u32(60), random.bytes(16))
    case 3:
      return concat(Uint8Array.of(3), oddVarint(random), Uint8Array.of(random.below(256)))
    default:
      return concat(Uint8Array.of(64 + random.below(192)), random.bytes(random.below(9)))
  }
}
