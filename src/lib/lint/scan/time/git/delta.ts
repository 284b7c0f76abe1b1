/** Deltas between objects (gitformat-pack, "Deltified representation"). */
import { MAX_OBJECT_BYTES } from './git-object.ts'

/** @throws Error when the delta does not fit the base, or makes more than an object may have */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array {
  let at = 0
  const next = (): number => {
    const byte = delta[at]
    if (byte === undefined) throw new Error('the delta ends early')
    at += 1
    return byte
  }
  const size = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = next()
      value += (byte & 127) * scale
      if (byte < 128) return value
      if (scale > MAX_OBJECT_BYTES) throw new Error('the delta names a size that is too large')
    }
  }
  /** A number whose bytes are there only where the bits of `mask` say so. */
  const sparse = (mask: number, count: number): number => {
    let value = 0
    for (let i = 0; i < count; i += 1) if ((mask & (1 << i)) !== 0) value += next() * 2 ** (8 * i)
    return value
  }
  if (size() !== base.length) throw new Error('the delta is for another object')
  const target = size()
  if (target > MAX_OBJECT_BYTES) throw new Error('the delta makes an object that is too large')
  const output = new Uint8Array(target)
  let filled = 0
  const append = (bytes: Uint8Array): void => {
    if (bytes.length > target - filled) throw new Error('the delta makes more than it says')
    output.set(bytes, filled)
    filled += bytes.length
  }
  while (at < delta.length) {
    const instruction = next()
    if (instruction >= 128) {
      const from = sparse(instruction, 4)
      const length = sparse(instruction >> 4, 3) || 0x10000
      if (from + length > base.length) throw new Error('the delta copies from beyond its base')
      append(base.subarray(from, from + length))
    } else {
      if (instruction === 0 || at + instruction > delta.length) throw new Error('the delta is damaged')
      append(delta.subarray(at, at + instruction))
      at += instruction
    }
  }
  if (filled !== target) throw new Error('the delta makes less than it says')
  return output
}
