/**
 * Sections 3.4 and 5 read a second time, as plain checks from the text: what a plaintext must be. It shares no code
 * with the parsers, so that a fuzzer can hold their verdicts against it.
 */

/** A QUIC varint in its shortest form (RFC 9000 section 16): value and length, or undefined. */
function varint(
  bytes: Uint8Array,
  at: number,
): { readonly value: bigint; readonly length: number } | undefined {
  if (at >= bytes.length) return undefined
  const length = [1, 2, 4, 8][(bytes[at] as number) >> 6] as number
  if (at + length > bytes.length) return undefined
  let value = BigInt((bytes[at] as number) % 64)
  for (let i = 1; i < length; i++) value = value * 256n + BigInt(bytes[at + i] as number)
  const least = { 1: 0n, 2: 2n ** 6n, 4: 2n ** 14n, 8: 2n ** 30n }[length] as bigint
  return value >= least ? { value, length } : undefined
}

function isUtf8(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes)
}

function streamIsWellFormed(bytes: Uint8Array): boolean {
  const flags = bytes[0]
  if (flags === undefined || flags > 15) return false
  const [fin, reset, stop, open] = [flags & 1, flags & 2, flags & 4, flags & 8].map(Boolean)
  if (reset && fin) return false
  let rest = bytes.length - 1
  if (open) {
    if (rest < 1 || bytes[1] === 0) return false
    rest--
  }
  if (!reset && !stop) return true
  return rest === 2
}

function recordIsWellFormed(bytes: Uint8Array, fromServer: boolean): boolean {
  switch (bytes[0]) {
    case undefined:
      return false
    case 0:
      return bytes.length <= 1 + 3_072
    case 1:
      return bytes.length === 5
    case 2:
      return fromServer && bytes.length === 21
    case 3: {
      const id = varint(bytes, 1)
      return id !== undefined && bytes.length === 2 + id.length && bytes[bytes.length - 1] !== 0
    }
    default:
      return (bytes[0] as number) >= 64
  }
}

function closeIsWellFormed(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false
  const code = (bytes[0] as number) * 256 + (bytes[1] as number)
  const reason = (bytes[2] as number) * 256 + (bytes[3] as number)
  if (reason > 512 || bytes.length < 4 + reason || !isUtf8(bytes.subarray(4, 4 + reason))) return false
  if (code !== 0x8001) return bytes.length === 4 + reason
  const last = varint(bytes, 4 + reason)
  return last !== undefined && bytes.length === 4 + reason + last.length
}

/** True unless section 5 calls this plaintext MALFORMED_FRAME. KEY_UPDATE to a wrong generation is not seen here. */
export function plaintextIsWellFormed(
  type: number,
  streamId: bigint,
  bytes: Uint8Array,
  fromServer: boolean,
): boolean {
  switch (type) {
    case 0:
      return streamId === 0n ? recordIsWellFormed(bytes, fromServer) : streamIsWellFormed(bytes)
    case 1:
      return (
        bytes.length >= 9 &&
        bytes.length <= 9 + 1_023 &&
        (bytes[0] as number) <= 1 &&
        bytes.subarray(9).every((byte) => byte === 0)
      )
    case 2:
      return closeIsWellFormed(bytes)
    case 3:
      return bytes.length === 4
    case 4: {
      if (bytes.length !== 4) return false
      const credit = Buffer.from(bytes).readUInt32BE()
      return credit >= 1 && credit <= 0x7fffffff
    }
    default:
      return true
  }
}

/** Parameters of a HELLO: ids strictly ascending, each value whole; undefined when the list is not well formed. */
export function helloParameters(
  bytes: Uint8Array,
): readonly { readonly id: bigint; readonly value: Uint8Array }[] | undefined {
  const out: { readonly id: bigint; readonly value: Uint8Array }[] = []
  for (let at = 0; at < bytes.length; ) {
    const id = varint(bytes, at)
    if (id === undefined) return undefined
    const length = varint(bytes, at + id.length)
    if (length === undefined) return undefined
    const start = at + id.length + length.length
    if (length.value > BigInt(bytes.length - start)) return undefined
    const previous = out.at(-1)
    if (previous !== undefined && previous.id >= id.value) return undefined
    at = start + Number(length.value)
    out.push({ id: id.value, value: bytes.subarray(start, at) })
  }
  return out
}
