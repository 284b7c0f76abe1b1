/**
 * ClientHello read a second time, by offsets alone and without the codec, so that the codec is not judged by itself
 * (RFC 8446 section 4.1.2; RFC 6347 section 4.2.1 for the cookie).
 */

export interface SecondReading {
  /** Bytes of each part, in the order of the message. */
  readonly sessionIdBytes: number
  readonly cookieBytes: number | undefined
  readonly cipherSuites: number
  readonly compressionMethods: number
  /** `type:bytes` of each; undefined when the message ends before them. */
  readonly extensions: readonly string[] | undefined
}

/**
 * @param message with its 4-byte header
 * @throws Error saying where the lengths do not fit
 */
export function readAgain(message: Uint8Array, isDtls: boolean): SecondReading {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const within = (at: number, what: string): number => {
    if (at > message.length)
      throw new Error(`the ${what} reach ${at - message.length} bytes beyond the message`)
    return at
  }
  within(38, 'version and random')
  const announced = 4 + (view.getUint32(0) & 0xffffff)
  if (announced !== message.length)
    throw new Error(`the message says ${announced} bytes and has ${message.length}`)
  const sessionIdBytes = view.getUint8(within(39, 'session id') - 1)
  let at = 39 + sessionIdBytes
  let cookieBytes: number | undefined
  if (isDtls) {
    cookieBytes = view.getUint8(within(at + 1, 'cookie') - 1)
    at += 1 + cookieBytes
  }
  const cipherBytes = view.getUint16(within(at + 2, 'cipher suites') - 2)
  at += 2 + cipherBytes
  const compressionMethods = view.getUint8(within(at + 1, 'compression methods') - 1)
  at = within(at + 1 + compressionMethods, 'compression methods')
  const parts = { sessionIdBytes, cookieBytes, cipherSuites: cipherBytes / 2, compressionMethods }
  if (at === message.length) return { ...parts, extensions: undefined }
  const end = within(at + 2, 'extensions') + view.getUint16(at)
  if (end !== message.length)
    throw new Error(`the extensions end at ${end}, the message at ${message.length}`)
  const extensions: string[] = []
  for (at += 2; at < end; ) {
    const bytes = view.getUint16(within(at + 4, 'extensions') - 2)
    extensions.push(`${view.getUint16(at)}:${bytes}`)
    at = within(at + 4 + bytes, 'extensions')
  }
  return { ...parts, extensions }
}

/**
 * The first handshake message in the records of a TLS connection, header and all.
 * @returns undefined for bytes that begin with no handshake record
 * @throws Error when the records end before the message does
 */
export function firstMessageOf(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== 22 || bytes[1] !== 3) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fragments: number[] = []
  for (let at = 0; ; ) {
    if (at + 5 > bytes.length || bytes[at] !== 22) throw new Error('the records end before the message does')
    const end = at + 5 + view.getUint16(at + 3)
    if (end > bytes.length) throw new Error(`a record ends ${end - bytes.length} bytes behind the file`)
    for (at += 5; at < end; at++) fragments.push(bytes[at] as number)
    const [, high = 0, middle = 0, low = 0] = fragments
    const length = 4 + high * 65_536 + middle * 256 + low
    if (fragments.length >= 4 && fragments.length >= length)
      return Uint8Array.from(fragments.slice(0, length))
  }
}
