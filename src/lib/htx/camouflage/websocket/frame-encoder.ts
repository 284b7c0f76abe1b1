/** Frames of RFC 6455 as they are sent: whole messages, never fragments. */
import { EMPTY, type RandomSource } from '../../../core/index.ts'
import { CONTROL_MOST, OPCODE } from './constants.ts'
import { applyMask } from './mask.ts'

const FIN = 0x80
const MASKED = 0x80
const KEY_BYTES = 4
/** Keys are drawn for so many frames at once. */
const KEYS_AT_ONCE = 64

export type Role = 'client' | 'server'

export class FrameEncoder {
  readonly #random: RandomSource
  readonly #masks: boolean
  #keys: Uint8Array = EMPTY

  /** @param random of the masks, of which a client needs a fresh one for each frame */
  constructor(role: Role, random: RandomSource) {
    this.#random = random
    this.#masks = role === 'client'
  }

  /**
   * One binary message. A server's payload is not copied.
   * @returns what is to be sent, in order
   */
  binary(payload: Uint8Array): readonly Uint8Array[] {
    return this.#frame(OPCODE.binary, payload)
  }

  pong(payload: Uint8Array): readonly Uint8Array[] {
    return this.#frame(OPCODE.pong, payload.subarray(0, CONTROL_MOST))
  }

  /** @param code of section 7.4, or undefined for a close frame without one */
  close(code: number | undefined): readonly Uint8Array[] {
    return this.#frame(OPCODE.close, code === undefined ? EMPTY : Uint8Array.of(code >> 8, code & 0xff))
  }

  #frame(opcode: number, payload: Uint8Array): readonly Uint8Array[] {
    const head = headOf(opcode, payload.length, this.#masks)
    if (!this.#masks) return payload.length === 0 ? [head] : [head, payload]
    const key = this.#nextKey()
    // Without clearing: every byte is written below.
    const frame = Buffer.allocUnsafeSlow(head.length + KEY_BYTES + payload.length)
    frame.set(head)
    frame.set(key, head.length)
    const masked = frame.subarray(head.length + KEY_BYTES)
    masked.set(payload)
    applyMask(masked, key, 0)
    return [frame]
  }

  #nextKey(): Uint8Array {
    if (this.#keys.length === 0) this.#keys = this.#random.bytes(KEY_BYTES * KEYS_AT_ONCE)
    const key = this.#keys.subarray(0, KEY_BYTES)
    this.#keys = this.#keys.subarray(KEY_BYTES)
    return key
  }
}

function headOf(opcode: number, length: number, isMasked: boolean): Uint8Array {
  const first = FIN | opcode
  const mask = isMasked ? MASKED : 0
  if (length <= CONTROL_MOST) return Uint8Array.of(first, mask | length)
  if (length <= 0xffff) return Uint8Array.of(first, mask | 126, length >> 8, length & 0xff)
  const head = new Uint8Array(10)
  head[0] = first
  head[1] = mask | 127
  new DataView(head.buffer).setBigUint64(2, BigInt(length))
  return head
}
