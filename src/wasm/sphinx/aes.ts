/**
 * The AES round (FIPS 197) by tables on little-endian words, and AES-256 in counter mode (NIST SP 800-38A). For what tables
 * leak through the cache see the TypeScript twin, src/lib/crypto/aez/round.ts.
 */
import { copy16, copy32 } from './bytes.ts'
import { COUNTER, IV, ROUND_KEYS, STREAM, STREAM_KEY, TABLES } from './layout.ts'

const ENCRYPTED: usize = COUNTER + 16
const KEY_WORDS: u32 = 8
const ALL_KEY_WORDS: u32 = 60
const ROUNDS: u32 = 14

/** Columns (2,1,1,3) times S(x), and their rotations. */
export function fillTables(): void {
  let p: u32 = 1
  let q: u32 = 1
  do {
    p ^= xtime(p)
    q ^= q << 1
    q ^= q << 2
    q ^= q << 4
    q &= 0xff
    if ((q & 0x80) != 0) q ^= 0x09
    setColumn(p, q ^ rotateByte(q, 1) ^ rotateByte(q, 2) ^ rotateByte(q, 3) ^ rotateByte(q, 4) ^ 0x63)
  } while (p != 1)
  setColumn(0, 0x63)
}

function xtime(x: u32): u32 {
  return ((x << 1) ^ ((x >> 7) * 0x11b)) & 0xff
}

function rotateByte(x: u32, by: u32): u32 {
  return ((x << by) | (x >> (8 - by))) & 0xff
}

function setColumn(x: u32, s: u32): void {
  const twice = xtime(s)
  const column = twice | (s << 8) | (s << 16) | ((twice ^ s) << 24)
  const at = TABLES + <usize>(x << 2)
  store<u32>(at, column)
  store<u32>(at, rotl(column, 8), 0x400)
  store<u32>(at, rotl(column, 16), 0x800)
  store<u32>(at, rotl(column, 24), 0xc00)
}

/** One column of MixColumns(ShiftRows(SubBytes(.))). */
@inline
export function column(a: u32, b: u32, c: u32, d: u32): u32 {
  return (
    load<u32>((a & 0xff) << 2, TABLES) ^
    load<u32>(((b >> 8) & 0xff) << 2, TABLES + 0x400) ^
    load<u32>(((c >> 16) & 0xff) << 2, TABLES + 0x800) ^
    load<u32>((d >> 24) << 2, TABLES + 0xc00)
  )
}

@inline
function substitute(x: u32): u32 {
  return load<u8>((x & 0xff) << 2, TABLES + 1)
}

function substituteWord(w: u32): u32 {
  return substitute(w) | (substitute(w >> 8) << 8) | (substitute(w >> 16) << 16) | (substitute(w >> 24) << 24)
}

function expandKey(): void {
  copy32(ROUND_KEYS, STREAM_KEY)
  let constant: u32 = 1
  for (let i: u32 = KEY_WORDS; i < ALL_KEY_WORDS; i++) {
    const at = ROUND_KEYS + <usize>(i << 2)
    let word = load<u32>(at - 4)
    if (i % KEY_WORDS == 0) {
      word = substituteWord(rotr(word, 8)) ^ constant
      constant = xtime(constant)
    } else if (i % KEY_WORDS == 4) word = substituteWord(word)
    store<u32>(at, load<u32>(at - 32) ^ word)
  }
}

function encryptCounter(): void {
  let a = load<u32>(COUNTER) ^ load<u32>(ROUND_KEYS)
  let b = load<u32>(COUNTER + 4) ^ load<u32>(ROUND_KEYS + 4)
  let c = load<u32>(COUNTER + 8) ^ load<u32>(ROUND_KEYS + 8)
  let d = load<u32>(COUNTER + 12) ^ load<u32>(ROUND_KEYS + 12)
  let key = ROUND_KEYS + 16
  for (let round: u32 = 1; round < ROUNDS; round++, key += 16) {
    const a1 = column(a, b, c, d) ^ load<u32>(key)
    const b1 = column(b, c, d, a) ^ load<u32>(key, 4)
    const c1 = column(c, d, a, b) ^ load<u32>(key, 8)
    const d1 = column(d, a, b, c) ^ load<u32>(key, 12)
    a = a1
    b = b1
    c = c1
    d = d1
  }
  store<u32>(ENCRYPTED, lastColumn(a, b, c, d) ^ load<u32>(key))
  store<u32>(ENCRYPTED + 4, lastColumn(b, c, d, a) ^ load<u32>(key, 4))
  store<u32>(ENCRYPTED + 8, lastColumn(c, d, a, b) ^ load<u32>(key, 8))
  store<u32>(ENCRYPTED + 12, lastColumn(d, a, b, c) ^ load<u32>(key, 12))
}

/** The last round mixes no columns. */
@inline
function lastColumn(a: u32, b: u32, c: u32, d: u32): u32 {
  return substitute(a) | (substitute(b >> 8) << 8) | (substitute(c >> 16) << 16) | (substitute(d >> 24) << 24)
}

/** Key stream of the packet's stream key and IV; `length` is rounded up to whole blocks, for which there is room. */
export function fillStream(length: u32): void {
  expandKey()
  copy16(COUNTER, IV)
  for (let at: u32 = 0; at < length; at += 16) {
    encryptCounter()
    copy16(STREAM + at, ENCRYPTED)
    let i: usize = COUNTER + 15
    // The counter is 128 bits, big-endian; the carry of the last byte leaves it.
    while (i >= COUNTER) {
      const byte = load<u8>(i) + 1
      store<u8>(i, byte)
      if (byte != 0) break
      i--
    }
  }
}
