/** AES-256 (FIPS 197) in counter mode (NIST SP 800-38A), eight blocks at a time. */
import { copy32 } from './bytes.ts'
import { IV, ROUND_KEY_PLANES, ROUND_KEYS, STATE, STREAM, STREAM_KEY } from './layout.ts'
import { copyPlanes, lastRound, PLANES, round, spread, spreadRoundKey, substitute, transpose, xorPlanes } from './slices.ts'

const KEY_WORDS: u32 = 8
const ALL_KEY_WORDS: u32 = 60
const ROUNDS: u32 = 14
const BLOCK: u32 = 16

/** Key stream of the packet's stream key and IV; `length` is rounded up to eight blocks, for which there is room. */
export function fillStream(length: u32): void {
  expandKey()
  let high = bswap(load<u64>(IV))
  let low = bswap(load<u64>(IV, 8))
  for (let at: u32 = 0; at < length; at += <u32>PLANES) {
    for (let i: u32 = 0; i < 8; i++) {
      store<u64>(STATE + i * BLOCK, bswap(high))
      store<u64>(STATE + i * BLOCK, bswap(low), 8)
      // The counter is 128 bits, big-endian.
      low++
      high += u64(low == 0)
    }
    transpose(STATE)
    xorPlanes(STATE, ROUND_KEY_PLANES)
    let key = ROUND_KEY_PLANES + PLANES
    for (let i: u32 = 1; i < ROUNDS; i++, key += PLANES) round(key)
    lastRound(key)
    transpose(STATE)
    copyPlanes(STREAM + at, STATE)
  }
}

function expandKey(): void {
  copy32(ROUND_KEYS, STREAM_KEY)
  let constant: u32 = 1
  for (let i: u32 = KEY_WORDS; i < ALL_KEY_WORDS; i++) {
    const at = ROUND_KEYS + <usize>(i << 2)
    let word = load<u32>(at - 4)
    if (i % KEY_WORDS == 0) {
      word = substituteWord(rotr(word, 8)) ^ constant
      constant <<= 1
    } else if (i % KEY_WORDS == 4) word = substituteWord(word)
    store<u32>(at, load<u32>(at - 32) ^ word)
  }
  spread(ROUND_KEY_PLANES, ROUND_KEYS)
  for (let i: usize = 1; i <= <usize>ROUNDS; i++) spreadRoundKey(ROUND_KEY_PLANES + i * PLANES, ROUND_KEYS + i * 16)
}

/** The S-box on four bytes, which stand in one block of eight. */
function substituteWord(word: u32): u32 {
  memory.fill(STATE, 0, PLANES)
  store<u32>(STATE, word)
  transpose(STATE)
  substitute()
  transpose(STATE)
  return load<u32>(STATE) ^ 0x63636363
}
