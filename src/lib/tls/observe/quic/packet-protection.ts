/** Removes the protection of an Initial packet (RFC 9001 sections 5.3 and 5.4). */
import { aes128EncryptBlock, aes128gcm } from '../../../crypto/index.ts'
import { HEADER_SAMPLE_BYTES, MAX_PACKET_NUMBER_BYTES } from './constants.ts'
import type { InitialKeys } from './initial-keys.ts'
import type { ProtectedInitial } from './long-header.ts'

/** Bits of the first byte that header protection covers in a long header, and what they are. */
const PROTECTED_BITS = 0x0f
const RESERVED_BITS = 0x0c
const PACKET_NUMBER_LENGTH_BITS = 0x03

export interface OpenedInitial {
  readonly packetNumber: number
  /** The frames. */
  readonly payload: Uint8Array
  /** True where bits are set that must not be (RFC 9000 section 17.2): a server closes the connection. */
  readonly hasReservedBits: boolean
}

/**
 * @param largest the largest packet number that was opened before in this connection attempt, -1 when none was
 * @returns undefined when the packet is too short or its tag does not verify
 */
export function openInitial(
  { packet, packetNumberAt }: ProtectedInitial,
  keys: InitialKeys,
  largest: number,
): OpenedInitial | undefined {
  const sampleAt = packetNumberAt + MAX_PACKET_NUMBER_BYTES
  const sample = packet.subarray(sampleAt, sampleAt + HEADER_SAMPLE_BYTES)
  if (sample.length < HEADER_SAMPLE_BYTES) return undefined
  const mask = aes128EncryptBlock(keys.hp, sample)
  const first = (packet[0] as number) ^ ((mask[0] as number) & PROTECTED_BITS)
  const numberBytes = (first & PACKET_NUMBER_LENGTH_BITS) + 1

  // Not `slice`: of a Buffer that is a view, and the datagram would be changed.
  const header = new Uint8Array(packet.subarray(0, packetNumberAt + numberBytes))
  header[0] = first
  let truncated = 0
  for (let i = 0; i < numberBytes; i++) {
    const byte = (header[packetNumberAt + i] as number) ^ (mask[1 + i] as number)
    header[packetNumberAt + i] = byte
    truncated = truncated * 256 + byte
  }
  const packetNumber = decodePacketNumber(truncated, numberBytes, largest)
  const payload = aes128gcm.open(
    keys.key,
    packetNonce(keys.iv, packetNumber),
    header,
    packet.subarray(header.length),
  )
  return payload && { packetNumber, payload, hasReservedBits: (first & RESERVED_BITS) !== 0 }
}

/** The packet number nearest to the one expected (RFC 9000 appendix A.3). */
export function decodePacketNumber(truncated: number, numberBytes: number, largest: number): number {
  const window = 256 ** numberBytes
  const expected = largest + 1
  const candidate = expected - (expected % window) + truncated
  if (candidate <= expected - window / 2) return candidate + window
  if (candidate > expected + window / 2 && candidate >= window) return candidate - window
  return candidate
}

/** The packet number stands in the last eight bytes; below 2^53 the upper two of them are zero. */
function packetNonce(iv: Uint8Array, packetNumber: number): Uint8Array {
  const nonce = iv.slice()
  let rest = packetNumber
  for (let i = nonce.length - 1; rest > 0; i--) {
    nonce[i] = (nonce[i] as number) ^ (rest % 256)
    rest = Math.floor(rest / 256)
  }
  return nonce
}
