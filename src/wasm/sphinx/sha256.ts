/** SHA-256 (FIPS 180-4), HMAC (RFC 2104) and HKDF-Expand (RFC 5869) over it, for messages that lie in memory. */
import { copy32, copyBytes, zero64 } from './bytes.ts'
import {
  DIGEST,
  HMAC_INNER,
  HMAC_OUTER,
  SHA256_BLOCK as BLOCK,
  SHA256_SCHEDULE as SCHEDULE,
  SHA256_STATE as STATE,
} from './layout.ts'

const K = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
])

const INITIAL = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
])

const BLOCK_BYTES: u32 = 64
/** Where the length of the message stands in its last block. */
const LENGTH_AT: u32 = 56

export function sha256Start(): void {
  copy32(STATE, INITIAL)
}

/** Takes in whole blocks. */
export function sha256Blocks(at: usize, count: u32): void {
  for (; count > 0; count--, at += BLOCK_BYTES) compress(at)
}

/** Takes in the rest of a message of `total` bytes, pads it, and writes the digest. */
export function sha256End(at: usize, length: u32, total: u32, out: usize): void {
  const whole = length & ~(BLOCK_BYTES - 1)
  sha256Blocks(at, whole >> 6)
  const rest = length - whole
  zero64(BLOCK)
  copyBytes(BLOCK, at + whole, rest)
  store<u8>(BLOCK + rest, 0x80)
  if (rest >= LENGTH_AT) {
    compress(BLOCK)
    zero64(BLOCK)
  }
  store<u32>(BLOCK + LENGTH_AT + 4, bswap(total << 3))
  compress(BLOCK)
  for (let i: usize = 0; i < 32; i += 4) store<u32>(out + i, bswap(load<u32>(STATE + i)))
}

/** Prepares HMAC under a key of 32 bytes. */
export function hmacKey(key: usize): void {
  absorbPad(key, 0x3636363636363636, HMAC_INNER)
  absorbPad(key, 0x5c5c5c5c5c5c5c5c, HMAC_OUTER)
}

function absorbPad(key: usize, pad: u64, out: usize): void {
  for (let i: usize = 0; i < 32; i += 8) {
    store<u64>(BLOCK + i, load<u64>(key + i) ^ pad)
    store<u64>(BLOCK + 32 + i, pad)
  }
  sha256Start()
  compress(BLOCK)
  copy32(out, STATE)
}

/** HMAC of one message under the prepared key: 32 bytes. */
export function hmac(at: usize, length: u32, out: usize): void {
  copy32(STATE, HMAC_INNER)
  sha256End(at, length, BLOCK_BYTES + length, DIGEST)
  copy32(STATE, HMAC_OUTER)
  sha256End(DIGEST, 32, BLOCK_BYTES + 32, out)
}

/**
 * HKDF-Expand under the prepared key.
 * @param message room for a digest, then the info, then a byte for the counter
 * @param out room for whole digests
 */
export function expand(message: usize, infoLength: u32, blocks: u32, out: usize): void {
  const info = message + 32
  for (let i: u32 = 1; i <= blocks; i++, out += 32) {
    store<u8>(info + infoLength, <u8>i)
    if (i == 1) hmac(info, infoLength + 1, out)
    else {
      copy32(message, out - 32)
      hmac(message, 32 + infoLength + 1, out)
    }
  }
}

function compress(at: usize): void {
  for (let i: usize = 0; i < 64; i += 4) store<u32>(SCHEDULE + i, bswap(load<u32>(at + i)))
  for (let w = SCHEDULE + 64; w < SCHEDULE + 256; w += 4) {
    const x = load<u32>(w - 60)
    const y = load<u32>(w - 8)
    store<u32>(
      w,
      load<u32>(w - 64) +
        (rotr(x, 7) ^ rotr(x, 18) ^ (x >> 3)) +
        load<u32>(w - 28) +
        (rotr(y, 17) ^ rotr(y, 19) ^ (y >> 10)),
    )
  }
  let a = load<u32>(STATE)
  let b = load<u32>(STATE + 4)
  let c = load<u32>(STATE + 8)
  let d = load<u32>(STATE + 12)
  let e = load<u32>(STATE + 16)
  let f = load<u32>(STATE + 20)
  let g = load<u32>(STATE + 24)
  let h = load<u32>(STATE + 28)
  // Eight rounds a turn, so that the variables change their roles instead of their values.
  for (let i: usize = 0; i < 256; i += 32) {
    h += round(e, f, g, i)
    d += h
    h += majority(a, b, c)
    g += round(d, e, f, i + 4)
    c += g
    g += majority(h, a, b)
    f += round(c, d, e, i + 8)
    b += f
    f += majority(g, h, a)
    e += round(b, c, d, i + 12)
    a += e
    e += majority(f, g, h)
    d += round(a, b, c, i + 16)
    h += d
    d += majority(e, f, g)
    c += round(h, a, b, i + 20)
    g += c
    c += majority(d, e, f)
    b += round(g, h, a, i + 24)
    f += b
    b += majority(c, d, e)
    a += round(f, g, h, i + 28)
    e += a
    a += majority(b, c, d)
  }
  store<u32>(STATE, load<u32>(STATE) + a)
  store<u32>(STATE + 4, load<u32>(STATE + 4) + b)
  store<u32>(STATE + 8, load<u32>(STATE + 8) + c)
  store<u32>(STATE + 12, load<u32>(STATE + 12) + d)
  store<u32>(STATE + 16, load<u32>(STATE + 16) + e)
  store<u32>(STATE + 20, load<u32>(STATE + 20) + f)
  store<u32>(STATE + 24, load<u32>(STATE + 24) + g)
  store<u32>(STATE + 28, load<u32>(STATE + 28) + h)
}

@inline
function round(e: u32, f: u32, g: u32, i: usize): u32 {
  return (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (g ^ (e & (f ^ g))) + load<u32>(K + i) + load<u32>(SCHEDULE + i)
}

@inline
function majority(a: u32, b: u32, c: u32): u32 {
  return (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) | (c & (a | b)))
}
