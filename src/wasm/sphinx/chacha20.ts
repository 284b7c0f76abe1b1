/** The first half of the first block of the original ChaCha20 (cr.yp.to/chacha) with a zero nonce. */
import { copy32, zero64 } from './bytes.ts'
import { WIDE } from './layout.ts'

const WORKING: usize = WIDE

/** @param out 32 bytes */
export function chacha20Scalar(key: usize, out: usize): void {
  zero64(WORKING)
  store<u32>(WORKING, 0x61707865)
  store<u32>(WORKING, 0x3320646e, 4)
  store<u32>(WORKING, 0x79622d32, 8)
  store<u32>(WORKING, 0x6b206574, 12)
  copy32(WORKING + 16, key)
  for (let i: u32 = 0; i < 10; i++) {
    quarter(0, 16, 32, 48)
    quarter(4, 20, 36, 52)
    quarter(8, 24, 40, 56)
    quarter(12, 28, 44, 60)
    quarter(0, 20, 40, 60)
    quarter(4, 24, 44, 48)
    quarter(8, 28, 32, 52)
    quarter(12, 16, 36, 56)
  }
  store<u32>(out, load<u32>(WORKING) + 0x61707865)
  store<u32>(out, load<u32>(WORKING, 4) + 0x3320646e, 4)
  store<u32>(out, load<u32>(WORKING, 8) + 0x79622d32, 8)
  store<u32>(out, load<u32>(WORKING, 12) + 0x6b206574, 12)
  for (let i: usize = 0; i < 16; i += 4)
    store<u32>(out + 16 + i, load<u32>(WORKING + 16 + i) + load<u32>(key + i))
}

function quarter(at: usize, bt: usize, ct: usize, dt: usize): void {
  let a = load<u32>(WORKING + at)
  let b = load<u32>(WORKING + bt)
  let c = load<u32>(WORKING + ct)
  let d = load<u32>(WORKING + dt)
  a += b
  d = rotl(d ^ a, 16)
  c += d
  b = rotl(b ^ c, 12)
  a += b
  d = rotl(d ^ a, 8)
  c += d
  b = rotl(b ^ c, 7)
  store<u32>(WORKING + at, a)
  store<u32>(WORKING + bt, b)
  store<u32>(WORKING + ct, c)
  store<u32>(WORKING + dt, d)
}
