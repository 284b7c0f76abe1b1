/**
 * BLAKE2b (RFC 7693) with any parameter block (the tree parameters of the BLAKE2 paper, section 2.10), which neither OpenSSL
 * nor @noble/hashes gives and BLAKE2X needs. 64-bit words are pairs of 32-bit halves, the low one first.
 */
import { AivError } from '../core/index.ts'
import { erase } from './secrets.ts'

const BLOCK_BYTES = 128
const MAX_DIGEST_BYTES = 64
const ROUNDS = 12

/** The initial values of SHA-512, low half first. */
const IV = Uint32Array.of(
  0xf3bcc908,
  0x6a09e667,
  0x84caa73b,
  0xbb67ae85,
  0xfe94f82b,
  0x3c6ef372,
  0x5f1d36f1,
  0xa54ff53a,
  0xade682d1,
  0x510e527f,
  0x2b3e6c1f,
  0x9b05688c,
  0xfb41bd6b,
  0x1f83d9ab,
  0x137e2179,
  0x5be0cd19,
)

/** The message schedule of RFC 7693 section 2.7; rounds 10 and 11 repeat 0 and 1. */
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
] as const

/** Columns, then diagonals. */
const MIXES = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const

/** Fields of the parameter block; sequential hashing without a key when only the length is given. */
export interface Blake2bParameters {
  /** Bytes of the digest, from 1 to 64. */
  readonly digestBytes: number
  /** At most 64 bytes. */
  readonly key?: Uint8Array
  readonly fanout?: number
  readonly depth?: number
  readonly leafBytes?: number
  readonly nodeOffset?: number
  /** Bytes of the whole output of BLAKE2X. */
  readonly xofBytes?: number
  readonly innerBytes?: number
}

/**
 * BLAKE2b of the parts in order.
 * @throws AivError `E_CRYPTO` on a digest or a key of an impossible length
 */
export function blake2b(parameters: Blake2bParameters, ...parts: readonly Uint8Array[]): Uint8Array {
  const { digestBytes, key } = parameters
  const possible = Number.isInteger(digestBytes) && digestBytes >= 1 && digestBytes <= MAX_DIGEST_BYTES
  if (!possible || (key !== undefined && key.length > MAX_DIGEST_BYTES))
    throw new AivError('E_CRYPTO', 'BLAKE2b has no such digest or key length')
  const h = initialState(parameters)
  const buffer = new Uint8Array(BLOCK_BYTES)
  const scratch = new Uint32Array(64)
  let filled = 0
  let total = 0
  if (key !== undefined && key.length > 0) {
    buffer.set(key)
    filled = BLOCK_BYTES
  }
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      // A full block waits until more comes: the last one is compressed with its flag.
      if (filled === BLOCK_BYTES) {
        total += BLOCK_BYTES
        compress(h, buffer, total, false, scratch)
        filled = 0
      }
      const taken = Math.min(BLOCK_BYTES - filled, part.length - at)
      buffer.set(part.subarray(at, at + taken), filled)
      filled += taken
      at += taken
    }
  }
  compress(h, buffer.fill(0, filled), total + filled, true, scratch)
  const digest = new Uint8Array(MAX_DIGEST_BYTES)
  const view = new DataView(digest.buffer)
  for (let i = 0; i < 16; i++) view.setUint32(4 * i, h[i] as number, true)
  erase(buffer)
  scratch.fill(0)
  h.fill(0)
  return digest.slice(0, digestBytes)
}

function initialState(parameters: Blake2bParameters): Uint32Array {
  const { digestBytes, key, fanout = 1, depth = 1, leafBytes = 0, nodeOffset = 0 } = parameters
  const words = [
    digestBytes | ((key?.length ?? 0) << 8) | (fanout << 16) | (depth << 24),
    leafBytes,
    nodeOffset,
    parameters.xofBytes ?? 0,
    // Node depth 0, then the inner length.
    (parameters.innerBytes ?? 0) << 8,
  ]
  const h = IV.slice()
  words.forEach((word, i) => {
    h[i] = (h[i] as number) ^ word
  })
  return h
}

/** @param scratch the working vector of 16 words and the message of 16, in halves */
function compress(
  h: Uint32Array,
  block: Uint8Array,
  total: number,
  isLast: boolean,
  scratch: Uint32Array,
): void {
  const v = scratch.subarray(0, 32)
  const m = scratch.subarray(32)
  const view = new DataView(block.buffer)
  for (let i = 0; i < 32; i++) m[i] = view.getUint32(4 * i, true)
  v.set(h)
  v.set(IV, 16)
  v[24] = (v[24] as number) ^ total
  v[25] = (v[25] as number) ^ Math.floor(total / 0x1_0000_0000)
  if (isLast) {
    v[28] = ~(v[28] as number)
    v[29] = ~(v[29] as number)
  }
  for (let round = 0; round < ROUNDS; round++) {
    const sigma = SIGMA[round % 10] as (typeof SIGMA)[number]
    MIXES.forEach(([a, b, c, d], i) => {
      addWord(v, a, b, m, sigma[2 * i] as number)
      xorRotate(v, d, a, 32)
      addWord(v, c, d)
      xorRotate(v, b, c, 24)
      addWord(v, a, b, m, sigma[2 * i + 1] as number)
      xorRotate(v, d, a, 16)
      addWord(v, c, d)
      xorRotate(v, b, c, 63)
    })
  }
  for (let i = 0; i < 16; i++) h[i] = (h[i] as number) ^ (v[i] as number) ^ (v[i + 16] as number)
}

/** v[a] += v[b], and += m[x] where a message is given. */
function addWord(v: Uint32Array, a: number, b: number, m?: Uint32Array, x = 0): void {
  const low = (v[2 * a] as number) + (v[2 * b] as number) + (m === undefined ? 0 : (m[2 * x] as number))
  const high =
    (v[2 * a + 1] as number) + (v[2 * b + 1] as number) + (m === undefined ? 0 : (m[2 * x + 1] as number))
  v[2 * a] = low
  v[2 * a + 1] = high + Math.floor(low / 0x1_0000_0000)
}

/** v[a] = (v[a] ^ v[b]) rotated right. */
function xorRotate(v: Uint32Array, a: number, b: number, by: 16 | 24 | 32 | 63): void {
  const low = ((v[2 * a] as number) ^ (v[2 * b] as number)) >>> 0
  const high = ((v[2 * a + 1] as number) ^ (v[2 * b + 1] as number)) >>> 0
  if (by === 32) {
    v[2 * a] = high
    v[2 * a + 1] = low
  } else if (by === 63) {
    v[2 * a] = (low << 1) | (high >>> 31)
    v[2 * a + 1] = (high << 1) | (low >>> 31)
  } else {
    v[2 * a] = (low >>> by) | (high << (32 - by))
    v[2 * a + 1] = (high >>> by) | (low << (32 - by))
  }
}
