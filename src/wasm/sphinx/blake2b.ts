/** BLAKE2Xb with 32 bytes of output, keyed with 32 bytes, over a message of 64: see src/lib/crypto/kem-secret.ts. */
import { copy32, copy64, zero64 } from './bytes.ts'
import { WIDE } from './layout.ts'

const STATE: usize = WIDE
const WORKING: usize = WIDE + 0x40
const MESSAGE: usize = WIDE + 0xc0
const BLOCK_BYTES: u32 = 128

const INITIAL = memory.data<u64>([
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1,
  0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
])

/** The message schedule of RFC 7693 section 2.7; rounds 10 and 11 repeat 0 and 1. */
const SIGMA = memory.data<u8>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3, 11,
  8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4, 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8, 9, 0, 5,
  7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13, 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9, 12, 5, 1, 15,
  14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11, 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10, 6, 15, 14, 9, 11, 3,
  0, 8, 12, 2, 13, 7, 1, 4, 10, 5, 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
  9, 10, 11, 12, 13, 14, 15, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
])

/** Digest 64, key 32, fanout 1, depth 1; output length 32. */
const ROOT_PARAMETERS: u64 = 0x01012040
/** Digest 32, no key, fanout and depth 0, leaves of 64 bytes. */
const OUTPUT_PARAMETERS: u64 = 0x40_0000_0020
/** Node offset 0, output length 32. */
const OUTPUT_LENGTH: u64 = 0x20_0000_0000
/** Node depth 0, inner length 64. */
const INNER_LENGTH: u64 = 0x4000

/** @param out 32 bytes; may be `key` */
export function blake2xb32(key: usize, message: usize, out: usize): void {
  start(ROOT_PARAMETERS, OUTPUT_LENGTH, 0)
  clearMessage()
  copy32(MESSAGE, key)
  compress(BLOCK_BYTES, false)
  clearMessage()
  copy64(MESSAGE, message)
  compress(BLOCK_BYTES + 64, true)
  copy64(MESSAGE, STATE)
  start(OUTPUT_PARAMETERS, OUTPUT_LENGTH, INNER_LENGTH)
  compress(64, true)
  copy32(out, STATE)
}

function clearMessage(): void {
  zero64(MESSAGE)
  zero64(MESSAGE + 64)
}

function start(first: u64, second: u64, third: u64): void {
  copy64(STATE, INITIAL)
  store<u64>(STATE, load<u64>(STATE) ^ first)
  store<u64>(STATE, load<u64>(STATE, 8) ^ second, 8)
  store<u64>(STATE, load<u64>(STATE, 16) ^ third, 16)
}

function compress(total: u64, isLast: bool): void {
  copy64(WORKING, STATE)
  copy64(WORKING + 64, INITIAL)
  store<u64>(WORKING + 96, load<u64>(WORKING + 96) ^ total)
  if (isLast) store<u64>(WORKING + 112, ~load<u64>(WORKING + 112))
  for (let sigma = SIGMA; sigma < SIGMA + 192; sigma += 16) {
    mix(0, 32, 64, 96, sigma)
    mix(8, 40, 72, 104, sigma + 2)
    mix(16, 48, 80, 112, sigma + 4)
    mix(24, 56, 88, 120, sigma + 6)
    mix(0, 40, 80, 120, sigma + 8)
    mix(8, 48, 88, 96, sigma + 10)
    mix(16, 56, 64, 104, sigma + 12)
    mix(24, 32, 72, 112, sigma + 14)
  }
  for (let i: usize = 0; i < 64; i += 8)
    store<u64>(STATE + i, load<u64>(STATE + i) ^ load<u64>(WORKING + i) ^ load<u64>(WORKING + 64 + i))
}

/** G of RFC 7693 on the words at these offsets. */
function mix(at: usize, bt: usize, ct: usize, dt: usize, sigma: usize): void {
  let a = load<u64>(WORKING + at)
  let b = load<u64>(WORKING + bt)
  let c = load<u64>(WORKING + ct)
  let d = load<u64>(WORKING + dt)
  a += b + load<u64>(MESSAGE + (<usize>load<u8>(sigma) << 3))
  d = rotr(d ^ a, 32)
  c += d
  b = rotr(b ^ c, 24)
  a += b + load<u64>(MESSAGE + (<usize>load<u8>(sigma, 1) << 3))
  d = rotr(d ^ a, 16)
  c += d
  b = rotr(b ^ c, 63)
  store<u64>(WORKING + at, a)
  store<u64>(WORKING + bt, b)
  store<u64>(WORKING + ct, c)
  store<u64>(WORKING + dt, d)
}
