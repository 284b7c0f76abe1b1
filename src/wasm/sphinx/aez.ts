/**
 * AEZ v5 as Sphinx uses it: see the TypeScript twin, src/lib/crypto/aez/aez.ts, whose names are used here. Blocks are 16 bytes in
 * memory; a round sees them as little-endian words, only the doubling needs the big-endian reading.
 */
import { column } from './aes.ts'
import { copy16, copyBytes } from './bytes.ts'
import { AEZ, IV, SPRP_KEY, ZERO } from './layout.ts'

const I0: usize = AEZ
const J0: usize = AEZ + 0x10
const I1: usize = AEZ + 0x20
const J1: usize = AEZ + 0x30
const J2: usize = AEZ + 0x40
const DELTA: usize = AEZ + 0x50
const TWEAK: usize = AEZ + 0x60
/** J0 and J1 with the tweak. */
const J0_TWEAK: usize = AEZ + 0x70
const J1_TWEAK: usize = AEZ + 0x80
const SUM: usize = AEZ + 0x90
const MIDDLE: usize = AEZ + 0xa0
const PADDED: usize = AEZ + 0xb0
/** 0·L to 7·L; L1 is the key's part. */
const L: usize = AEZ + 0xc0
const L1: usize = L + 0x10

/** Decrypts `length` bytes, 32 or more, with the packet's key; the nonce is the IV. */
export function decryptPayload(block: usize, length: u32): void {
  const fragment = length & 31
  const last = block + length - 32
  const pairsEnd = last - fragment
  expandKey()
  firstPass(block, pairsEnd)
  addFragment(pairsEnd, fragment)
  // The keys 2·L and 1·L in this order: encryption has them the other way round.
  openLast(last, L + 0x20)
  secondPass(block, pairsEnd)
  maskFragment(pairsEnd, fragment)
  addFragment(pairsEnd, fragment)
  closeLast(last, L1)
}

function expandKey(): void {
  copy16(I0, SPRP_KEY)
  copy16(J0, SPRP_KEY + 16)
  double(I1, I0)
  double(J1, J0)
  double(J2, J1)
  copy16(L, ZERO)
  copy16(L1, SPRP_KEY + 32)
  for (let at = L + 0x20; at < L + 0x80; at += 0x20) {
    double(at, (L + at) >> 1)
    copy16(at + 0x10, at)
    xor(at + 0x10, L1)
  }
  // The hash of (tau, nonce); tau is 0.
  copy16(SUM, J0)
  xor(SUM, J1)
  copy16(DELTA, ZERO)
  addAes4(DELTA, ZERO, SUM, I1, L1)
  addAes4(DELTA, IV, J2, I1, L1)
}

function firstPass(block: usize, end: usize): void {
  copy16(TWEAK, I1)
  copy16(SUM, ZERO)
  let l = L1
  copy16(J0_TWEAK, J0)
  xor(J0_TWEAK, TWEAK)
  for (let a = block; a < end; a += 32) {
    const b = a + 16
    addAes4(a, b, J0_TWEAK, ZERO, l)
    addAes4(b, a, I0, ZERO, ZERO)
    xor(SUM, b)
    l = nextTweak(l)
  }
}

function secondPass(block: usize, end: usize): void {
  copy16(TWEAK, I1)
  copy16(SUM, ZERO)
  let l = L1
  copy16(J0_TWEAK, J0)
  xor(J0_TWEAK, TWEAK)
  for (let a = block; a < end; a += 32) {
    const b = a + 16
    copy16(PADDED, ZERO)
    copy16(J1_TWEAK, J1)
    addAes4(PADDED, MIDDLE, J1_TWEAK, TWEAK, l)
    xor(a, PADDED)
    xor(b, PADDED)
    xor(SUM, a)
    addAes4(a, b, I0, ZERO, ZERO)
    addAes4(b, a, J0_TWEAK, ZERO, l)
    swap(a, b)
    l = nextTweak(l)
  }
}

/** 1·L to 7·L, then 0·L, after which the tweak doubles. */
@inline
function nextTweak(l: usize): usize {
  if (l == L) {
    double(TWEAK, TWEAK)
    copy16(J0_TWEAK, J0)
    xor(J0_TWEAK, TWEAK)
  }
  return l == L + 0x70 ? L : l + 0x10
}

function addFragment(at: usize, length: u32): void {
  if (length == 0) return
  pad(at, min<u32>(length, 16))
  addAes4(SUM, PADDED, I1, ZERO, L + 0x40)
  if (length < 16) return
  pad(at + 16, length - 16)
  addAes4(SUM, PADDED, I1, ZERO, L + 0x50)
}

/** At most 16 bytes; fewer are followed by a one bit and zeros. */
function pad(at: usize, length: u32): void {
  copy16(PADDED, ZERO)
  if (length < 16) store<u8>(PADDED + length, 0x80)
  copyBytes(PADDED, at, length)
}

function maskFragment(at: usize, length: u32): void {
  maskPart(at, min<u32>(length, 16), L + 0x40)
  if (length > 16) maskPart(at + 16, length - 16, L + 0x50)
}

function maskPart(at: usize, length: u32, l: usize): void {
  copy16(PADDED, ZERO)
  addAes10(PADDED, MIDDLE, l)
  for (let i: u32 = 0; i < length; i++) store<u8>(at + i, load<u8>(at + i) ^ load<u8>(PADDED + i))
}

function openLast(a: usize, l: usize): void {
  const b = a + 16
  addAes4(a, b, I1, ZERO, l)
  xor(a, SUM)
  xor(a, DELTA)
  addAes10(b, a, l)
  copy16(MIDDLE, a)
  xor(MIDDLE, b)
  copy16(SUM, ZERO)
}

function closeLast(a: usize, l: usize): void {
  const b = a + 16
  addAes10(a, b, l)
  addAes4(b, a, I1, ZERO, l)
  xor(b, DELTA)
  xor(b, SUM)
  swap(a, b)
}

/** out ^= four rounds over x ^ j ^ i ^ l. */
function addAes4(out: usize, x: usize, j: usize, i: usize, l: usize): void {
  let a = load<u32>(x) ^ load<u32>(j) ^ load<u32>(i) ^ load<u32>(l)
  let b = load<u32>(x, 4) ^ load<u32>(j, 4) ^ load<u32>(i, 4) ^ load<u32>(l, 4)
  let c = load<u32>(x, 8) ^ load<u32>(j, 8) ^ load<u32>(i, 8) ^ load<u32>(l, 8)
  let d = load<u32>(x, 12) ^ load<u32>(j, 12) ^ load<u32>(i, 12) ^ load<u32>(l, 12)
  let a1 = column(a, b, c, d) ^ load<u32>(J0)
  let b1 = column(b, c, d, a) ^ load<u32>(J0 + 4)
  let c1 = column(c, d, a, b) ^ load<u32>(J0 + 8)
  let d1 = column(d, a, b, c) ^ load<u32>(J0 + 12)
  a = column(a1, b1, c1, d1) ^ load<u32>(I0)
  b = column(b1, c1, d1, a1) ^ load<u32>(I0 + 4)
  c = column(c1, d1, a1, b1) ^ load<u32>(I0 + 8)
  d = column(d1, a1, b1, c1) ^ load<u32>(I0 + 12)
  a1 = column(a, b, c, d) ^ load<u32>(L1)
  b1 = column(b, c, d, a) ^ load<u32>(L1 + 4)
  c1 = column(c, d, a, b) ^ load<u32>(L1 + 8)
  d1 = column(d, a, b, c) ^ load<u32>(L1 + 12)
  store<u32>(out, load<u32>(out) ^ column(a1, b1, c1, d1))
  store<u32>(out, load<u32>(out, 4) ^ column(b1, c1, d1, a1), 4)
  store<u32>(out, load<u32>(out, 8) ^ column(c1, d1, a1, b1), 8)
  store<u32>(out, load<u32>(out, 12) ^ column(d1, a1, b1, c1), 12)
}

/** out ^= ten rounds over x ^ l. */
function addAes10(out: usize, x: usize, l: usize): void {
  let a = load<u32>(x) ^ load<u32>(l)
  let b = load<u32>(x, 4) ^ load<u32>(l, 4)
  let c = load<u32>(x, 8) ^ load<u32>(l, 8)
  let d = load<u32>(x, 12) ^ load<u32>(l, 12)
  for (let round: u32 = 0; round < 10; round++) {
    const third = round % 3
    const key = third == 0 ? I0 : third == 1 ? J0 : L1
    const a1 = column(a, b, c, d) ^ load<u32>(key)
    const b1 = column(b, c, d, a) ^ load<u32>(key, 4)
    const c1 = column(c, d, a, b) ^ load<u32>(key, 8)
    const d1 = column(d, a, b, c) ^ load<u32>(key, 12)
    a = a1
    b = b1
    c = c1
    d = d1
  }
  store<u32>(out, load<u32>(out) ^ a)
  store<u32>(out, load<u32>(out, 4) ^ b, 4)
  store<u32>(out, load<u32>(out, 8) ^ c, 8)
  store<u32>(out, load<u32>(out, 12) ^ d, 12)
}

/** Multiplication by x in GF(2^128), big-endian. */
function double(out: usize, block: usize): void {
  const high = bswap(load<u64>(block))
  const low = bswap(load<u64>(block, 8))
  store<u64>(out, bswap((high << 1) | (low >> 63)))
  store<u64>(out, bswap((low << 1) ^ ((high >> 63) * 0x87)), 8)
}

@inline
function xor(out: usize, block: usize): void {
  store<u64>(out, load<u64>(out) ^ load<u64>(block))
  store<u64>(out, load<u64>(out, 8) ^ load<u64>(block, 8), 8)
}

@inline
function swap(a: usize, b: usize): void {
  const first = load<u64>(a)
  const second = load<u64>(a, 8)
  copy16(a, b)
  store<u64>(b, first)
  store<u64>(b, second, 8)
}
