/** Frames of HTTP/2 in what a client sent, read apart from the product. */

export interface ReadFrame {
  readonly type: number
  readonly flags: number
  readonly streamId: number
  readonly payload: Buffer
}

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

export function clientFrames(chunks: readonly Uint8Array[]): readonly ReadFrame[] {
  const bytes = Buffer.concat(chunks)
  if (!bytes.subarray(0, PREFACE.length).equals(Buffer.from(PREFACE))) throw new Error('no preface')
  const frames: ReadFrame[] = []
  for (let at = PREFACE.length; at + 9 <= bytes.length; ) {
    const length = bytes.readUIntBE(at, 3)
    const [type, flags, streamId] = [bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, bytes.readUInt32BE(at + 5)]
    frames.push({ type, flags, streamId, payload: bytes.subarray(at + 9, at + 9 + length) })
    at += 9 + length
  }
  return frames
}

/** `SETTINGS|WINDOW_UPDATE|PRIORITY|pseudo headers`, as Akamai writes a client's HTTP/2 down. */
export function akamaiText(
  frames: readonly ReadFrame[],
  fields: readonly (readonly [name: string, value: string])[],
): string {
  const settings = frames.find(({ type }) => type === 4)?.payload ?? Buffer.alloc(0)
  const pairs = Array.from({ length: settings.length / 6 }, (_, index) => {
    const at = index * 6
    return `${settings.readUInt16BE(at)}:${settings.readUInt32BE(at + 2)}`
  })
  const window =
    frames.find(({ type, streamId }) => type === 8 && streamId === 0)?.payload.readUInt32BE(0) ?? 0
  const priorities = frames.filter(({ type }) => type === 2).length
  const pseudo = fields.flatMap(([name]) => (name.startsWith(':') ? [name[1]] : []))
  return `${pairs.join(';')}|${window}|${priorities}|${pseudo.join(',')}`
}

/** Type and length of the TLS records that are whole. */
export function recordSizes(
  wire: readonly Uint8Array[],
): readonly (readonly [type: number, length: number])[] {
  const bytes = Buffer.concat(wire)
  const records: [number, number][] = []
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 3)
    records.push([bytes[at] ?? 0, length])
    at += 5 + length
  }
  return records
}
