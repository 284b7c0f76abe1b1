/** A reader of RFC 6455 frames, written from section 5.2, to judge what goes over the wire. */

export interface Frame {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly mask: Uint8Array | undefined
  /** Unmasked. */
  readonly payload: Uint8Array
}

/** The whole frames in `bytes`, which starts at a frame's border. */
export function readFrames(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  while (at + 2 <= bytes.length) {
    const first = view.getUint8(at)
    const second = view.getUint8(at + 1)
    at += 2
    let length = second & 0x7f
    if (length === 126) {
      length = view.getUint16(at)
      at += 2
    } else if (length === 127) {
      length = Number(view.getBigUint64(at))
      at += 8
    }
    const mask = (second & 0x80) === 0 ? undefined : bytes.slice(at, at + 4)
    if (mask !== undefined) at += 4
    const payload = bytes.slice(at, at + length).map((byte, i) => byte ^ (mask?.[i % 4] ?? 0))
    at += length
    frames.push({ fin: (first & 0x80) !== 0, rsv: (first >> 4) & 7, opcode: first & 0x0f, mask, payload })
  }
  return frames
}

/** A frame of a client; the mask is fixed, which RFC 6455 forbids real clients. */
export function clientFrame(opcode: number, payload: Uint8Array, { fin = true } = {}): Uint8Array {
  const mask = Uint8Array.of(1, 2, 3, 4)
  const extended = payload.length < 126 ? 0 : payload.length < 0x10000 ? 2 : 8
  const head = new Uint8Array(2 + extended)
  const view = new DataView(head.buffer)
  head[0] = (fin ? 0x80 : 0) | opcode
  head[1] = 0x80 | (extended === 0 ? payload.length : extended === 2 ? 126 : 127)
  if (extended === 2) view.setUint16(2, payload.length)
  if (extended === 8) view.setBigUint64(2, BigInt(payload.length))
  const masked = payload.map((byte, i) => byte ^ (mask[i % 4] as number))
  return Uint8Array.from([...head, ...mask, ...masked])
}
