/** The masking of RFC 6455 section 5.3: payload byte i is combined with byte i mod 4 of the key. */

/** Below this a loop over bytes is faster than setting up one over words. Bytes. */
const SHORT = 64

/**
 * Masks or unmasks in place.
 * @param key 4 bytes
 * @param offset how many payload bytes of this frame came before `bytes`
 */
export function applyMask(bytes: Uint8Array, key: Uint8Array, offset: number): void {
  const { length } = bytes
  if (length < SHORT) {
    maskBytes(bytes, key, offset, 0, length)
    return
  }
  const head = -bytes.byteOffset & 3
  maskBytes(bytes, key, offset, 0, head)
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + head, (length - head) >> 2)
  const turned = new Uint8Array(4)
  maskBytes(turned, key, offset + head, 0, 4)
  const [word = 0] = new Uint32Array(turned.buffer)
  for (let i = 0; i < words.length; i++) (words[i] as number) ^= word
  maskBytes(bytes, key, offset, head + words.length * 4, length)
}

function maskBytes(bytes: Uint8Array, key: Uint8Array, offset: number, from: number, to: number): void {
  for (let i = from; i < to; i++) (bytes[i] as number) ^= key[(offset + i) & 3] as number
}
