/**
 * AEZ v5 (Hoang, Krovetz, Rogaway; web.cs.ucdavis.edu/~rogaway/aez) as the wide-block cipher that Sphinx needs: 48-byte key,
 * 16-byte nonce, no associated data, tau 0 (no authenticator), 32 bytes or more. Flipping any bit changes the whole block.
 *
 * Nothing is allocated per call, so the state stands in the module; calls do not nest.
 */
import { AivError } from '../../core/index.ts'
import { requireLength } from '../lengths.ts'
import { aesRound } from './round.ts'

/** I, J and L, 16 bytes each, used as they are. */
export const AEZ_KEY_BYTES = 48
export const AEZ_NONCE_BYTES = 16
/** Shorter blocks take another construction ("AEZ-tiny"), which Sphinx has no use for. */
export const AEZ_MIN_BYTES = 32

const BLOCK = 16
const PAIR = 32

// Multiples of the key's parts, four words each, by their names in the paper.
const I0 = new Int32Array(4)
const I1 = new Int32Array(4)
const J0 = new Int32Array(4)
const J1 = new Int32Array(4)
const J2 = new Int32Array(4)
/** 0·L to 7·L, of which 1·L is the key's part. */
const L = new Int32Array(8 * 4)
const ZERO = new Int32Array(4)

// What the passes carry along.
const delta = new Int32Array(4)
/** I1, doubled after every eighth pair. */
const tweak = new Int32Array(4)
const sumX = new Int32Array(4)
const sumY = new Int32Array(4)
const middle = new Int32Array(4)
/** The argument and the result of a round. */
const s = new Int32Array(4)
const a = new Int32Array(4)
const b = new Int32Array(4)

const SECRETS = [I0, I1, J0, J1, J2, L, delta, tweak, sumX, sumY, middle, s, a, b]

/**
 * Encrypts in place.
 * @param key 48 bytes
 * @param nonce 16 bytes
 * @param block 32 bytes or more
 * @throws AivError `E_CRYPTO` on other lengths
 */
export function aez5EncryptInPlace(key: Uint8Array, nonce: Uint8Array, block: Uint8Array): void {
  transform(key, nonce, block, 0)
}

/** Decrypts in place; the inverse of {@link aez5EncryptInPlace}, with the same arguments and errors. */
export function aez5DecryptInPlace(key: Uint8Array, nonce: Uint8Array, block: Uint8Array): void {
  transform(key, nonce, block, 1)
}

/** As {@link aez5EncryptInPlace}, into a new array. */
export function aez5Encrypt(key: Uint8Array, nonce: Uint8Array, block: Uint8Array): Uint8Array {
  const out = Uint8Array.from(block)
  transform(key, nonce, out, 0)
  return out
}

/** As {@link aez5DecryptInPlace}, into a new array. */
export function aez5Decrypt(key: Uint8Array, nonce: Uint8Array, block: Uint8Array): Uint8Array {
  const out = Uint8Array.from(block)
  transform(key, nonce, out, 1)
  return out
}

/** @param direction 0 encrypts, 1 decrypts: only the order of two keys differs */
function transform(key: Uint8Array, nonce: Uint8Array, block: Uint8Array, direction: 0 | 1): void {
  requireLength(key, AEZ_KEY_BYTES, 'AEZ key')
  requireLength(nonce, AEZ_NONCE_BYTES, 'AEZ nonce')
  if (block.length < AEZ_MIN_BYTES)
    throw new AivError('E_CRYPTO', `an AEZ block is shorter than ${AEZ_MIN_BYTES} bytes`)
  expandKey(key)
  setDelta(nonce)
  const fragment = block.length % PAIR
  const pairs = block.length - fragment - PAIR
  firstPass(block, pairs)
  sumFragment(block, pairs, fragment, sumX)
  openLast(block, direction)
  secondPass(block, pairs)
  maskFragment(block, pairs, fragment)
  sumFragment(block, pairs, fragment, sumY)
  closeLast(block, direction)
  for (const words of SECRETS) words.fill(0)
}

function expandKey(key: Uint8Array): void {
  load(I0, key, 0)
  load(J0, key, 16)
  load(a, key, 32)
  double(I1, I0)
  double(J1, J0)
  double(J2, J1)
  L.set(a, 4)
  for (let i = 2; i < 8; i++) {
    if (i % 2 === 0) {
      b.set(L.subarray(2 * i, 2 * i + 4))
      double(a, b)
    } else xorWords(a, L, 4)
    L.set(a, 4 * i)
  }
}

/** The hash of the tweak vector (tau, nonce), where tau is 0. */
function setDelta(nonce: Uint8Array): void {
  copy(s, ZERO)
  xorWords(s, J0, 0)
  aes4(J1, I1, 1)
  copy(delta, s)
  load(s, nonce, 0)
  aes4(J2, I1, 1)
  xorWords(delta, s, 0)
}

function firstPass(block: Uint8Array, pairs: number): void {
  copy(tweak, I1)
  copy(sumX, ZERO)
  for (let at = 0, i = 1; at < pairs; at += PAIR, i++) {
    load(a, block, at)
    load(b, block, at + BLOCK)
    copy(s, b)
    aes4(J0, tweak, i % 8)
    xorWords(a, s, 0)
    copy(s, a)
    aes4(ZERO, I0, 0)
    xorWords(b, s, 0)
    xorWords(sumX, b, 0)
    store(a, block, at)
    store(b, block, at + BLOCK)
    if (i % 8 === 0) double(tweak, tweak)
  }
}

function secondPass(block: Uint8Array, pairs: number): void {
  copy(tweak, I1)
  copy(sumY, ZERO)
  for (let at = 0, i = 1; at < pairs; at += PAIR, i++) {
    load(a, block, at)
    load(b, block, at + BLOCK)
    copy(s, middle)
    aes4(J1, tweak, i % 8)
    xorWords(a, s, 0)
    xorWords(b, s, 0)
    xorWords(sumY, a, 0)
    copy(s, b)
    aes4(ZERO, I0, 0)
    xorWords(a, s, 0)
    copy(s, a)
    aes4(J0, tweak, i % 8)
    xorWords(b, s, 0)
    store(b, block, at)
    store(a, block, at + BLOCK)
    if (i % 8 === 0) double(tweak, tweak)
  }
}

/** Adds what lies between the pairs and the last 32 bytes: a block and a part of one, or a part of one, or nothing. */
function sumFragment(block: Uint8Array, pairs: number, fragment: number, sum: Int32Array): void {
  for (let at = 0, l = 4; at < fragment; at += BLOCK, l++) {
    loadPadded(s, block, pairs + at, fragment - at)
    aes4(ZERO, I1, l)
    xorWords(sum, s, 0)
  }
  // A whole block is followed by a padded one even when nothing is left for it.
  if (fragment === BLOCK) {
    copy(s, ZERO)
    s[0] = 0x80000000
    aes4(ZERO, I1, 5)
    xorWords(sum, s, 0)
  }
}

function maskFragment(block: Uint8Array, pairs: number, fragment: number): void {
  for (let at = 0, l = 4; at < fragment; at += BLOCK, l++) {
    copy(s, middle)
    aes10(l)
    const end = Math.min(BLOCK, fragment - at)
    for (let i = 0; i < end; i++)
      block[pairs + at + i] =
        (block[pairs + at + i] as number) ^ ((s[i >>> 2] as number) >>> (24 - 8 * (i & 3)))
  }
}

/** The first half of the last two blocks; their sum enters every pair. */
function openLast(block: Uint8Array, direction: number): void {
  const at = block.length - PAIR
  load(a, block, at)
  load(b, block, at + BLOCK)
  copy(s, b)
  aes4(ZERO, I1, 1 + direction)
  xorWords(a, s, 0)
  xorWords(a, sumX, 0)
  xorWords(a, delta, 0)
  copy(s, a)
  aes10(1 + direction)
  xorWords(b, s, 0)
  copy(middle, a)
  xorWords(middle, b, 0)
  store(a, block, at)
  store(b, block, at + BLOCK)
}

function closeLast(block: Uint8Array, direction: number): void {
  const at = block.length - PAIR
  load(a, block, at)
  load(b, block, at + BLOCK)
  copy(s, b)
  aes10(2 - direction)
  xorWords(a, s, 0)
  copy(s, a)
  aes4(ZERO, I1, 2 - direction)
  xorWords(b, s, 0)
  xorWords(b, delta, 0)
  xorWords(b, sumY, 0)
  store(b, block, at)
  store(a, block, at + BLOCK)
}

/** Four rounds over `s`, tweaked with the words of `j`, `i` and l·L. */
function aes4(j: Int32Array, i: Int32Array, l: number): void {
  for (let w = 0; w < 4; w++) {
    s[w] = (s[w] as number) ^ (j[w] as number) ^ (i[w] as number) ^ (L[4 * l + w] as number)
  }
  aesRound(s, J0, 0)
  aesRound(s, I0, 0)
  aesRound(s, L, 4)
  aesRound(s, ZERO, 0)
}

/** Ten rounds over `s`, tweaked with l·L. */
function aes10(l: number): void {
  xorWords(s, L, 4 * l)
  for (let i = 0; i < 3; i++) {
    aesRound(s, I0, 0)
    aesRound(s, J0, 0)
    aesRound(s, L, 4)
  }
  aesRound(s, I0, 0)
}

/** Multiplication by x in GF(2^128), big-endian, modulo x^128 + x^7 + x^2 + x + 1. */
function double(out: Int32Array, words: Int32Array): void {
  const w0 = words[0] as number
  const w1 = words[1] as number
  const w2 = words[2] as number
  const w3 = words[3] as number
  out[0] = (w0 << 1) | (w1 >>> 31)
  out[1] = (w1 << 1) | (w2 >>> 31)
  out[2] = (w2 << 1) | (w3 >>> 31)
  out[3] = (w3 << 1) ^ ((w0 >> 31) & 0x87)
}

function xorWords(out: Int32Array, words: Int32Array, at: number): void {
  for (let w = 0; w < 4; w++) out[w] = (out[w] as number) ^ (words[at + w] as number)
}

function copy(out: Int32Array, words: Int32Array): void {
  for (let w = 0; w < 4; w++) out[w] = words[w] as number
}

function load(out: Int32Array, bytes: Uint8Array, at: number): void {
  for (let w = 0; w < 4; w++, at += 4)
    out[w] =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)
}

/** At most one block; a shorter one is followed by a one bit and zeros. */
function loadPadded(out: Int32Array, bytes: Uint8Array, at: number, length: number): void {
  if (length >= BLOCK) {
    load(out, bytes, at)
    return
  }
  copy(out, ZERO)
  for (let i = 0; i <= length; i++) {
    const byte = i === length ? 0x80 : (bytes[at + i] as number)
    out[i >>> 2] = (out[i >>> 2] as number) | (byte << (24 - 8 * (i & 3)))
  }
}

function store(words: Int32Array, bytes: Uint8Array, at: number): void {
  for (let w = 0; w < 4; w++, at += 4) {
    const word = words[w] as number
    bytes[at] = word >>> 24
    bytes[at + 1] = word >>> 16
    bytes[at + 2] = word >>> 8
    bytes[at + 3] = word
  }
}
