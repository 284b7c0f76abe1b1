/** Writes DTLS records and handshake fragments (RFC 6347 sections 4.1 and 4.2.2). */

export interface DtlsFragmentFields {
  readonly type: number
  readonly length: number
  readonly messageSeq: number
  readonly offset: number
  readonly data: Uint8Array
}

export function dtlsFragment({ type, length, messageSeq, offset, data }: DtlsFragmentFields): Uint8Array {
  const header = Buffer.alloc(12)
  header.writeUInt8(type, 0)
  header.writeUIntBE(length, 1, 3)
  header.writeUInt16BE(messageSeq, 4)
  header.writeUIntBE(offset, 6, 3)
  header.writeUIntBE(data.length, 9, 3)
  return Buffer.concat([header, data])
}

export function dtlsRecord(
  content: Uint8Array,
  {
    contentType = 22,
    version = 'feff',
    epoch = 0,
  }: { contentType?: number; version?: 'feff' | 'fefd'; epoch?: number } = {},
): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt8(contentType, 0)
  header.write(version, 1, 'hex')
  header.writeUInt16BE(epoch, 3)
  header.writeUInt16BE(content.length, 11)
  return Buffer.concat([header, content])
}
