/**
 * Copies of few bytes. The bulk instructions of WebAssembly are calls into the runtime, which cost more than what they move
 * here, so those are for long runs only.
 */

@inline
export function copy16(out: usize, from: usize): void {
  store<u64>(out, load<u64>(from))
  store<u64>(out, load<u64>(from, 8), 8)
}

@inline
export function copy32(out: usize, from: usize): void {
  copy16(out, from)
  copy16(out + 16, from + 16)
}

@inline
export function copy64(out: usize, from: usize): void {
  copy32(out, from)
  copy32(out + 32, from + 32)
}

@inline
export function zero64(out: usize): void {
  for (let i: usize = 0; i < 64; i += 8) store<u64>(out + i, 0)
}

/** For fewer bytes than a block. */
export function copyBytes(out: usize, from: usize, length: u32): void {
  let i: u32 = 0
  for (; i + 8 <= length; i += 8) store<u64>(out + i, load<u64>(from + i))
  for (; i < length; i++) store<u8>(out + i, load<u8>(from + i))
}

/** out = a ^ b; `out` may begin before `a` and overlap it. */
export function xorBytes(out: usize, a: usize, b: usize, length: u32): void {
  let i: u32 = 0
  for (; i + 8 <= length; i += 8) store<u64>(out + i, load<u64>(a + i) ^ load<u64>(b + i))
  for (; i < length; i++) store<u8>(out + i, load<u8>(a + i) ^ load<u8>(b + i))
}
