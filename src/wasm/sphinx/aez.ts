/**
 * AEZ v5 as Sphinx uses it: see the TypeScript twin, src/lib/crypto/aez/aez.ts, whose names are used here. Eight pairs of blocks, which
 * have one tweak in common, stay bitsliced in the place of their bytes from the first pass to the second.
 */
import { copy16, copyBytes } from './bytes.ts'
import { AEZ, AEZ_PLANES, IV, SPRP_KEY, STATE, ZERO } from './layout.ts'
import { copyPlanes, PLANES, round, spread, spreadRoundKey, transpose, xorPlanes } from './slices.ts'

// Blocks.
const I0: usize = AEZ
const J0: usize = AEZ + 0x10
const I1: usize = AEZ + 0x20
const J1: usize = AEZ + 0x30
const J2: usize = AEZ + 0x40
const DELTA: usize = AEZ + 0x50
const TWEAK: usize = AEZ + 0x60
const SUM: usize = AEZ + 0x70
const MIDDLE: usize = AEZ + 0x80
const OFFSET: usize = AEZ + 0x90
const NEXT_OFFSET: usize = AEZ + 0xa0
/** 0·L to 7·L, then 0·L again; L1 is the key's part. */
const L: usize = AEZ + 0xb0
const L1: usize = L + 0x10
const L8: usize = L + 0x80

// Planes.
const ROUND_J0: usize = AEZ_PLANES
const ROUND_I0: usize = AEZ_PLANES + 0x80
const ROUND_L1: usize = AEZ_PLANES + 0x100
const ROUND_ZERO: usize = AEZ_PLANES + 0x180
const PLAIN_I0: usize = AEZ_PLANES + 0x200
/** 1·L to 8·L as they follow one another in a group, where 8·L stands for 0·L. */
const GROUP_L: usize = AEZ_PLANES + 0x280
const GROUP_J0: usize = AEZ_PLANES + 0x300
const GROUP_J1: usize = AEZ_PLANES + 0x380
const GROUP_SUM: usize = AEZ_PLANES + 0x400
const MIDDLES: usize = AEZ_PLANES + 0x480
/** A group that is not full. */
const REST: usize = AEZ_PLANES + 0x500
const SCRATCH: usize = AEZ_PLANES + 0x600

const BLOCK: u32 = 16
const PAIR: u32 = 32
const GROUP: u32 = 8 * PAIR

/** Decrypts `length` bytes, 32 or more, with the packet's key; the nonce is the IV. */
export function decryptPayload(block: usize, length: u32): void {
  const fragment = length % PAIR
  const pairs = length - PAIR - fragment
  const rest = pairs % GROUP
  const restAt = block + pairs - rest
  const last = block + pairs + fragment
  expandKey()
  memory.fill(REST, 0, GROUP)
  copyBytes(REST, restAt, rest)
  firstPass(block, restAt, rest)
  addFragment(last - fragment, fragment)
  // The keys 2·L and 1·L in this order: encryption has them the other way round.
  openLast(last, L + 0x20)
  secondPass(block, restAt, rest)
  copyBytes(restAt, REST, rest)
  maskFragment(last - fragment, fragment)
  addFragment(last - fragment, fragment)
  closeLast(last, L1)
}

function expandKey(): void {
  copy16(I0, SPRP_KEY)
  copy16(J0, SPRP_KEY + 16)
  double(I1, I0)
  double(J1, J0)
  double(J2, J1)
  copy16(L, ZERO)
  copy16(L8, ZERO)
  copy16(L1, SPRP_KEY + 32)
  for (let at = L + 0x20; at < L8; at += 0x20) {
    double(at, (L + at) >> 1)
    copy16(at + 0x10, at)
    xor(at + 0x10, L1)
  }
  spreadRoundKey(ROUND_J0, J0)
  spreadRoundKey(ROUND_I0, I0)
  spreadRoundKey(ROUND_L1, L1)
  spreadRoundKey(ROUND_ZERO, ZERO)
  spread(PLAIN_I0, I0)
  copyPlanes(GROUP_L, L1)
  transpose(GROUP_L)
  setDelta()
}

/** The hash of (tau, nonce); tau is 0. */
function setDelta(): void {
  clearState()
  offset(STATE, J0, L1)
  xor(STATE, J1)
  offset(STATE + 16, J2, L1)
  xor(STATE + 16, IV)
  xor(STATE, I1)
  xor(STATE + 16, I1)
  runBlocks4()
  copy16(DELTA, STATE)
  xor(DELTA, STATE + 16)
}

function firstPass(block: usize, end: usize, rest: u32): void {
  startPass()
  for (let group = block; group < end; group += GROUP) {
    firstGroup(group)
    xorPlanes(GROUP_SUM, group + PLANES)
    doubleTweak()
  }
  if (rest > 0) {
    firstGroup(REST)
    addRest(REST + PLANES, rest)
  }
  endPass()
}

function firstGroup(group: usize): void {
  slice(group)
  const a = group
  const b = group + PLANES
  addAes4(a, b, GROUP_J0)
  addAes4(b, a, PLAIN_I0)
}

function secondPass(block: usize, end: usize, rest: u32): void {
  startPass()
  spread(MIDDLES, MIDDLE)
  for (let group = block; group < end; group += GROUP) {
    secondGroup(group)
    xorPlanes(GROUP_SUM, SCRATCH)
    unslice(group)
    doubleTweak()
  }
  if (rest > 0) {
    secondGroup(REST)
    addRest(SCRATCH, rest)
    unslice(REST)
  }
  endPass()
}

/** Leaves what enters the sum in `SCRATCH`. */
function secondGroup(group: usize): void {
  const a = group
  const b = group + PLANES
  copyPlanes(SCRATCH, a)
  addAes4(SCRATCH, MIDDLES, GROUP_J1)
  xorPlanes(b, SCRATCH)
  xorPlanes(b, a)
  copyPlanes(a, SCRATCH)
  addAes4(a, b, PLAIN_I0)
  addAes4(b, a, GROUP_J0)
}

function startPass(): void {
  copy16(TWEAK, I1)
  setTweaks()
  for (let i: usize = 0; i < PLANES; i += 16) v128.store(GROUP_SUM + i, i64x2.splat(0))
}

/** Adds up the blocks of the group's sum. */
function endPass(): void {
  transpose(GROUP_SUM)
  copy16(SUM, GROUP_SUM)
  for (let i: usize = 16; i < PLANES; i += 16) xor(SUM, GROUP_SUM + i)
}

/** Only the pairs that are there, `rest` bytes of them, enter the sum. */
function addRest(planes: usize, rest: u32): void {
  const pairs: u32 = (1 << (rest / PAIR)) - 1
  const present = i8x16.splat(<i8>pairs)
  for (let i: usize = 0; i < PLANES; i += 16)
    v128.store(GROUP_SUM + i, v128.xor(v128.load(GROUP_SUM + i), v128.and(v128.load(planes + i), present)))
}

function doubleTweak(): void {
  double(TWEAK, TWEAK)
  setTweaks()
}

function setTweaks(): void {
  setGroupOffset(GROUP_J0, J0)
  setGroupOffset(GROUP_J1, J1)
}

function setGroupOffset(out: usize, j: usize): void {
  copy16(OFFSET, j)
  xor(OFFSET, TWEAK)
  spread(out, OFFSET)
  xorPlanes(out, GROUP_L)
}

/** Eight pairs (a, b) to the planes of all a and of all b, in place. */
function slice(group: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    copy16(SCRATCH + 16 * i, group + 32 * i)
    copy16(STATE + 16 * i, group + 32 * i + 16)
  }
  transpose(SCRATCH)
  transpose(STATE)
  copyPlanes(group, SCRATCH)
  copyPlanes(group + PLANES, STATE)
}

/** The way back, with the blocks of each pair swapped. */
function unslice(group: usize): void {
  transpose(group)
  transpose(group + PLANES)
  copyPlanes(SCRATCH, group)
  copyPlanes(STATE, group + PLANES)
  for (let i: usize = 0; i < 8; i++) {
    copy16(group + 32 * i, STATE + 16 * i)
    copy16(group + 32 * i + 16, SCRATCH + 16 * i)
  }
}

/** out ^= four rounds over x ^ offset, all of them planes. */
function addAes4(out: usize, x: usize, offset: usize): void {
  copyPlanes(STATE, x)
  xorPlanes(STATE, offset)
  round(ROUND_J0)
  round(ROUND_I0)
  round(ROUND_L1)
  round(ROUND_ZERO)
  xorPlanes(out, STATE)
}

function addFragment(at: usize, length: u32): void {
  if (length == 0) return
  clearState()
  pad(STATE, at, min<u32>(length, BLOCK))
  xor(STATE, I1)
  xor(STATE, L + 0x40)
  if (length >= BLOCK) {
    pad(STATE + 16, at + BLOCK, length - BLOCK)
    xor(STATE + 16, I1)
    xor(STATE + 16, L + 0x50)
  }
  runBlocks4()
  xor(SUM, STATE)
  if (length >= BLOCK) xor(SUM, STATE + 16)
}

/** At most 16 bytes; fewer are followed by a one bit and zeros. `out` holds zeros. */
function pad(out: usize, at: usize, length: u32): void {
  if (length < BLOCK) store<u8>(out + length, 0x80)
  copyBytes(out, at, length)
}

function maskFragment(at: usize, length: u32): void {
  if (length == 0) return
  clearState()
  offset(STATE, MIDDLE, L + 0x40)
  offset(STATE + 16, MIDDLE, L + 0x50)
  runBlocks10()
  // The masks of both blocks stand one after the other.
  for (let i: u32 = 0; i < length; i++) store<u8>(at + i, load<u8>(at + i) ^ load<u8>(STATE + i))
}

function openLast(a: usize, l: usize): void {
  const b = a + 16
  addBlock4(a, b, l)
  xor(a, SUM)
  xor(a, DELTA)
  addBlock10(b, a, l)
  copy16(MIDDLE, a)
  xor(MIDDLE, b)
}

function closeLast(a: usize, l: usize): void {
  const b = a + 16
  addBlock10(a, b, l)
  addBlock4(b, a, l)
  xor(b, DELTA)
  xor(b, SUM)
  copy16(NEXT_OFFSET, a)
  copy16(a, b)
  copy16(b, NEXT_OFFSET)
}

/** out ^= AES4(0, I1, l; x) for single blocks. */
function addBlock4(out: usize, x: usize, l: usize): void {
  clearState()
  offset(STATE, x, l)
  xor(STATE, I1)
  runBlocks4()
  xor(out, STATE)
}

function addBlock10(out: usize, x: usize, l: usize): void {
  clearState()
  offset(STATE, x, l)
  runBlocks10()
  xor(out, STATE)
}

function clearState(): void {
  for (let i: usize = 0; i < PLANES; i += 16) v128.store(STATE + i, i64x2.splat(0))
}

/** out = a ^ b. */
function offset(out: usize, a: usize, b: usize): void {
  copy16(out, a)
  xor(out, b)
}

/** Four rounds over the blocks of `STATE`. */
function runBlocks4(): void {
  transpose(STATE)
  round(ROUND_J0)
  round(ROUND_I0)
  round(ROUND_L1)
  round(ROUND_ZERO)
  transpose(STATE)
}

/** Ten rounds over the blocks of `STATE`. */
function runBlocks10(): void {
  transpose(STATE)
  for (let i: u32 = 0; i < 3; i++) {
    round(ROUND_I0)
    round(ROUND_J0)
    round(ROUND_L1)
  }
  round(ROUND_I0)
  transpose(STATE)
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
  v128.store(out, v128.xor(v128.load(out), v128.load(block)))
}
