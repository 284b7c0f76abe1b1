/**
 * Writes Initial packets of QUIC clients with node:crypto alone, so that what reads them is not judged by itself. A test
 * holds it to the packets of RFC 9001 and RFC 9369.
 */
import { createCipheriv, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from './aiv.ts'

interface QuicSample {
  readonly secret: string
  readonly key: string
  readonly iv: string
  readonly hp: string
  readonly frames: string
  readonly header: string
  readonly packet: string
}

/** A file of `fixtures/quic-initial`. */
export interface QuicSamples {
  readonly version: string
  readonly destinationConnectionId: string
  readonly initialSecret: string
  readonly client: QuicSample
  readonly server: QuicSample
}

export function quicSamples(rfc: 9001 | 9369): QuicSamples {
  const path = join(REPOSITORY, 'fixtures', 'quic-initial', `rfc${rfc}.json`)
  return JSON.parse(readFileSync(path, 'utf8')) as QuicSamples
}

export interface InitialPacket {
  readonly version?: 1 | 2
  readonly destinationId?: Uint8Array
  readonly sourceId?: Uint8Array
  /** The client's first Destination Connection ID; `destinationId` when absent. */
  readonly keyId?: Uint8Array
  readonly token?: Uint8Array
  /** Below 2^32. */
  readonly packetNumber?: number
  readonly packetNumberBytes?: 1 | 2 | 3 | 4
  readonly reservedBits?: number
  /** Bits of the first byte to change: it is not covered by header protection where they are above 0x0f. */
  readonly firstByteFlip?: number
  /** Bytes that Length takes. */
  readonly lengthBytes?: 2 | 4 | 8
  readonly frames: Uint8Array
}

const WIRE = {
  1: { version: '00000001', salt: '38762cf7f55934b34d179ae6a4c80cadccbb7f0a', prefix: 'quic', type: 0 },
  2: { version: '6b3343cf', salt: '0dede3def700a6db819381be6e269dcbf9bd2ed9', prefix: 'quicv2', type: 1 },
} as const

export const FIRST_ID: Uint8Array = Buffer.from('8394c8f03e515708', 'hex')

const hmac = (key: Uint8Array, data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest()

function expandLabel(secret: Uint8Array, label: string, length: number): Buffer {
  const name = `tls13 ${label}`
  const info = Buffer.from([0, length, name.length, ...Buffer.from(name), 0, 1])
  return hmac(secret, info).subarray(0, length)
}

export function varint(value: number, bytes: 1 | 2 | 4 | 8): Uint8Array {
  const out = Buffer.alloc(8)
  out.writeBigUInt64BE(BigInt(value))
  const cut = out.subarray(8 - bytes)
  cut[0] = (cut[0] as number) | (Math.log2(bytes) << 6)
  return cut
}

export function cryptoFrame(offset: number, data: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(6), varint(offset, 8), varint(data.length, 4), data])
}

export function sealInitial(packet: InitialPacket): Uint8Array {
  const { version = 1, packetNumber = 0, packetNumberBytes = 4, lengthBytes = 2, frames } = packet
  const destinationId = packet.destinationId ?? FIRST_ID
  const sourceId = packet.sourceId ?? new Uint8Array(0)
  const token = packet.token ?? new Uint8Array(0)
  const wire = WIRE[version]
  const client = expandLabel(
    hmac(Buffer.from(wire.salt, 'hex'), packet.keyId ?? destinationId),
    'client in',
    32,
  )
  const [key, iv, hp] = [
    expandLabel(client, `${wire.prefix} key`, 16),
    Buffer.from(expandLabel(client, `${wire.prefix} iv`, 12)),
    expandLabel(client, `${wire.prefix} hp`, 16),
  ] as const

  const first = 0xc0 | (wire.type << 4) | ((packet.reservedBits ?? 0) << 2) | (packetNumberBytes - 1)
  const header = Buffer.concat([
    Uint8Array.of(first ^ (packet.firstByteFlip ?? 0)),
    Buffer.from(wire.version, 'hex'),
    Uint8Array.of(destinationId.length),
    destinationId,
    Uint8Array.of(sourceId.length),
    sourceId,
    varint(token.length, token.length < 64 ? 1 : 2),
    token,
    varint(packetNumberBytes + frames.length + 16, lengthBytes),
    varint(packetNumber, 8).subarray(8 - packetNumberBytes),
  ])
  iv.writeUInt32BE((iv.readUInt32BE(8) ^ packetNumber) >>> 0, 8)
  const cipher = createCipheriv('aes-128-gcm', key, iv).setAAD(header)
  const sealed = Buffer.concat([cipher.update(frames), cipher.final(), cipher.getAuthTag()])

  const sample = sealed.subarray(4 - packetNumberBytes, 20 - packetNumberBytes)
  const mask = createCipheriv('aes-128-ecb', hp, null).update(sample)
  header[0] = (header[0] as number) ^ ((mask[0] as number) & 0x0f)
  const numberAt = header.length - packetNumberBytes
  for (let i = 0; i < packetNumberBytes; i++)
    header[numberAt + i] = (header[numberAt + i] as number) ^ (mask[1 + i] as number)
  return Buffer.concat([header, sealed])
}
