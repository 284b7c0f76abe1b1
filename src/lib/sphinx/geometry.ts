/**
 * The geometry of Sphinx packets: everything that follows from format, number of hops and packet size. All nodes and
 * clients of one network agree on it, and on its hash.
 */
import { AivError, encodeCbor } from '../core/index.ts'
import { blake2b256, KEM_PRFS, type KemPrf } from '../crypto/index.ts'
import {
  AD_BYTES,
  COMMANDS_BYTES,
  DEFAULT_HOPS,
  DEFAULT_PACKET_BYTES,
  ELEMENT_BYTES,
  MAC_BYTES,
  MAX_HOPS,
  MAX_PACKET_BYTES,
  NODE_ID_BYTES,
  PAYLOAD_TAG_BYTES,
  PLAINTEXT_HEADER_BYTES,
  SPRP_KEY_MATERIAL_BYTES,
} from './constants.ts'

/** `nike`: one blinded group element for all hops. `kem`: one KEM ciphertext for each hop, half the work at a node. */
export const PACKET_FORMATS = ['kem', 'nike'] as const
export type PacketFormat = (typeof PACKET_FORMATS)[number]

export interface Geometry {
  readonly format: PacketFormat
  /** How the KEM makes a secret of a Diffie-Hellman value; without meaning in `nike`. */
  readonly prf: KemPrf
  /** Longest path; shorter ones look the same. */
  readonly hops: number
  readonly packetBytes: number
  /** What a packet carries for its receiver. */
  readonly payloadBytes: number
  /** One hop's routing slot. */
  readonly slotBytes: number
  /** All slots. */
  readonly routingBytes: number
  /** AD, group element, routing slots and MAC. */
  readonly headerBytes: number
  readonly surbBytes: number
}

export interface GeometryOptions {
  readonly format?: PacketFormat | undefined
  readonly prf?: KemPrf | undefined
  readonly hops?: number | undefined
  /** Size of the whole packet, 2048 unless given; not together with `payloadBytes`. */
  readonly packetBytes?: number | undefined
  readonly payloadBytes?: number | undefined
}

/** @throws AivError `E_USAGE` when the sizes do not go together or are beyond the limits */
export function makeGeometry(options: GeometryOptions = {}): Geometry {
  const { format = 'kem', prf = 'sha256-v1', hops = DEFAULT_HOPS } = options
  if (!PACKET_FORMATS.includes(format)) throw unusable(`there is no packet format ${format}`)
  if (!KEM_PRFS.includes(prf)) throw unusable(`there is no KEM function ${prf}`)
  if (!Number.isSafeInteger(hops) || hops < 1 || hops > MAX_HOPS)
    throw unusable(`a path has 1 to ${MAX_HOPS} hops`)
  const slotBytes = COMMANDS_BYTES + (format === 'kem' ? ELEMENT_BYTES : 0)
  const routingBytes = slotBytes * hops
  const headerBytes = AD_BYTES + ELEMENT_BYTES + routingBytes + MAC_BYTES
  const overheadBytes = headerBytes + PAYLOAD_TAG_BYTES
  const packetBytes = packetSize(options, overheadBytes)
  return {
    format,
    prf,
    hops,
    packetBytes,
    payloadBytes: packetBytes - overheadBytes,
    slotBytes,
    routingBytes,
    headerBytes,
    surbBytes: headerBytes + NODE_ID_BYTES + SPRP_KEY_MATERIAL_BYTES,
  }
}

function packetSize({ packetBytes, payloadBytes }: GeometryOptions, overheadBytes: number): number {
  if (packetBytes !== undefined && payloadBytes !== undefined)
    throw unusable('the size is that of the packet or that of the payload, not both')
  const size =
    payloadBytes === undefined ? (packetBytes ?? DEFAULT_PACKET_BYTES) : payloadBytes + overheadBytes
  if (!Number.isSafeInteger(size) || size <= overheadBytes)
    throw unusable(`packets of this format and number of hops are larger than ${overheadBytes} bytes`)
  if (size > MAX_PACKET_BYTES) throw unusable(`packets are at most ${MAX_PACKET_BYTES} bytes long`)
  return size
}

function unusable(message: string): AivError {
  return new AivError('E_USAGE', message)
}

/** Bytes left for the user when the payload carries a SURB for the answer; below zero when no SURB fits. */
export function userBytesWithSurb({ payloadBytes, surbBytes }: Geometry): number {
  return payloadBytes - PLAINTEXT_HEADER_BYTES - surbBytes
}

/**
 * 32 bytes by which nodes recognise that they speak of the same packets: BLAKE2b-256 of the canonical CBOR map of
 * Katzenpost's fields. `kem` names its pseudorandom function in one field more, `PRF`, because Katzenpost has one name
 * for both.
 */
export function geometryHash(geometry: Geometry): Uint8Array {
  const withSurb = userBytesWithSurb(geometry)
  const fields = {
    PacketLength: geometry.packetBytes,
    NrHops: geometry.hops,
    HeaderLength: geometry.headerBytes,
    RoutingInfoLength: geometry.routingBytes,
    PerHopRoutingInfoLength: geometry.slotBytes,
    SURBLength: geometry.surbBytes,
    SphinxPlaintextHeaderLength: PLAINTEXT_HEADER_BYTES,
    PayloadTagLength: PAYLOAD_TAG_BYTES,
    ForwardPayloadLength: geometry.payloadBytes,
    UserForwardPayloadLength: withSurb > 0 ? withSurb : geometry.payloadBytes,
    NextNodeHopLength: 1 + NODE_ID_BYTES + MAC_BYTES,
    SPRPKeyMaterialLength: SPRP_KEY_MATERIAL_BYTES,
    NIKEName: geometry.format === 'nike' ? 'x25519' : '',
    KEMName: geometry.format === 'kem' ? 'x25519' : '',
  }
  return blake2b256(encodeCbor(geometry.format === 'kem' ? { ...fields, PRF: geometry.prf } : fields))
}
