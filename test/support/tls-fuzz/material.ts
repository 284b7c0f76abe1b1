/** Honest messages from a seed, written by hand from the RFCs: what mutations begin with. */
import { concat, type SeededRandom, u16, u32, utf8 } from '../../../src/lib/core/index.ts'
import { mutate, pickOne } from '../session-mutation.ts'

const GREASE = [0x0a0a, 0x1a1a, 0xbaba, 0xfafa] as const
const NUMBERS = [
  0x0000, 0x001d, 0x0304, 0x0303, 0x0403, 0x1301, 0x11ec, 0xc02b, 0x5600, 0xfefc, 0xfefd, 0xffff,
]
const NAMES = ['h2', 'http/1.1', 'h3', 'x', '', '\u0000', '\xba\xad', '\x1b[2J\n'] as const
/** Enough to make every list of types long, and yet below the most that a hello may have. */
const MANY_EXTENSIONS = 10_000
const MANY_CHANCE = 0.002

/** Type, and what may stand in it. */
const EXTENSIONS: readonly (readonly [type: number, body: (random: SeededRandom) => Uint8Array])[] = [
  [0x0000, (random) => vector16(concat(Uint8Array.of(random.below(2)), vector16(latin1(random))))],
  [0x000a, (random) => vector16(numbers(random))],
  [0x000b, (random) => vector8(random.bytes(random.below(4)))],
  [0x000d, (random) => vector16(numbers(random))],
  [0x0010, (random) => vector16(concat(...several(random, 3, () => vector8(latin1(random)))))],
  [0x002b, (random) => vector8(numbers(random))],
  [0x0033, (random) => vector16(concat(u16(pickOne(random, NUMBERS)), vector16(random.bytes(32))))],
  [0x0015, (random) => new Uint8Array(random.below(100))],
  [0x0022, (random) => vector16(numbers(random))],
  [0x0029, (random) => random.bytes(random.below(60))],
  [
    0xfe0d,
    (random) =>
      concat(Uint8Array.of(0, 0, 1, 0, 1, 7), vector16(random.bytes(32)), vector16(random.bytes(99))),
  ],
  [0xff01, () => Uint8Array.of(0)],
]

/** A ClientHello with its 4-byte header. */
export function plausibleHello(random: SeededRandom, isDtls = false): Uint8Array {
  const start = concat(u16(isDtls ? 0xfefd : pickOne(random, [0x0303, 0x0301, 0x0002])), random.bytes(32))
  const sessionId = vector8(random.bytes(pickOne(random, [0, 32, random.below(33)])))
  const cookie = isDtls ? vector8(random.bytes(random.below(20))) : new Uint8Array(0)
  const compression = vector8(new Uint8Array(random.below(3)))
  const tail = random.chance(0.05) ? new Uint8Array(0) : vector16(extensions(random))
  return message(1, concat(start, sessionId, cookie, vector16(numbers(random)), compression, tail))
}

/** A ServerHello with its 4-byte header. */
export function plausibleServerHello(random: SeededRandom): Uint8Array {
  const start = concat(u16(0x0303), random.bytes(32), vector8(random.bytes(random.below(33))))
  const tail = random.chance(0.1) ? new Uint8Array(0) : vector16(extensions(random))
  return message(2, concat(start, u16(pickOne(random, NUMBERS)), Uint8Array.of(0), tail))
}

/** The message in handshake records of at most so many bytes. */
export function inRecords(random: SeededRandom, bytes: Uint8Array, least = 1): Uint8Array {
  const records: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = random.chance(0.7) ? 16_384 : least + random.below(200)
    const fragment = bytes.subarray(at, at + length)
    records.push(Uint8Array.of(22, 3, 1), u16(fragment.length), fragment)
    at += fragment.length
  }
  return concat(...records)
}

export function message(kind: number, body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(kind), u32(body.length).subarray(1), body)
}

function extensions(random: SeededRandom): Uint8Array {
  if (random.chance(MANY_CHANCE))
    return concat(...Array.from({ length: MANY_EXTENSIONS }, (_, i) => concat(u16(i), u16(0))))
  return concat(
    ...several(random, 20, () => {
      if (random.chance(0.1))
        return concat(u16(pickOne(random, GREASE)), vector16(random.bytes(random.below(2))))
      const [type, content] = pickOne(random, EXTENSIONS)
      const body = content(random)
      return concat(u16(type), vector16(random.chance(0.1) ? mutate(random, body) : body))
    }),
  )
}

function numbers(random: SeededRandom): Uint8Array {
  const list = several(random, 20, () => u16(pickOne(random, random.chance(0.2) ? GREASE : NUMBERS)))
  return concat(...list)
}

function latin1(random: SeededRandom): Uint8Array {
  return random.chance(0.3) ? random.bytes(random.below(20)) : utf8(pickOne(random, NAMES))
}

function several<T>(random: SeededRandom, most: number, make: () => T): readonly T[] {
  return Array.from({ length: random.below(most + 1) }, make)
}

function vector8(bytes: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(bytes.length), bytes)
}

function vector16(bytes: Uint8Array): Uint8Array {
  return concat(u16(bytes.length), bytes)
}
