/** Certificates that no program makes: of ML-DSA, by the hundred, or with any bytes in any place. */
import { type KeyObject, sign } from 'node:crypto'
import { concat, fromHex, utf8 } from '../../../src/lib/core/index.ts'
import { bitString, sequence, TAG, time, tlv } from '../../../src/lib/tls/certificate/der.ts'

export interface DerOrder {
  readonly subject: string
  readonly issuer: string
  readonly publicKey: KeyObject
  readonly issuerKey: KeyObject
  /** Content of the AlgorithmIdentifier in hex; default ECDSA with SHA-256. */
  readonly algorithm?: string
  /** Default what ECDSA needs by default, and none for another algorithm. */
  readonly hash?: string
  /** DER of each. */
  readonly extensions?: readonly Uint8Array[]
  readonly serial?: number
  readonly from: number
  readonly to: number
}

const ECDSA_SHA256 = '06082a8648ce3d040302'

export const DER_EXTENSIONS = {
  authority: extension('551d13', '30030101ff', true),
  server: extension('551d25', '300a06082b06010505070301', false),
  signing: extension('551d0f', '03020780', true),
  names: (...names: readonly string[]): Uint8Array =>
    extension('551d11', sequence(...names.map((name) => tlv(0x82, utf8(name)))), false),
}

export function extension(id: string, value: string | Uint8Array, isCritical: boolean): Uint8Array {
  return sequence(
    tlv(TAG.OBJECT_IDENTIFIER, fromHex(id)),
    isCritical ? fromHex('0101ff') : new Uint8Array(0),
    tlv(TAG.OCTET_STRING, typeof value === 'string' ? fromHex(value) : value),
  )
}

export function commonName(name: string): Uint8Array {
  return sequence(tlv(TAG.SET, sequence(fromHex('0603550403'), tlv(TAG.UTF8_STRING, utf8(name)))))
}

export function derCertificate(order: DerOrder): Uint8Array {
  const algorithm = sequence(fromHex(order.algorithm ?? ECDSA_SHA256))
  const body = sequence(
    tlv(0xa0, tlv(TAG.INTEGER, Uint8Array.of(2))),
    tlv(TAG.INTEGER, concat(Uint8Array.of(1), fromHex((order.serial ?? 0).toString(16).padStart(8, '0')))),
    algorithm,
    commonName(order.issuer),
    sequence(time(order.from), time(order.to)),
    commonName(order.subject),
    new Uint8Array(order.publicKey.export({ type: 'spki', format: 'der' })),
    ...(order.extensions === undefined ? [] : [tlv(0xa3, sequence(...order.extensions))]),
  )
  const hash = order.hash ?? (order.algorithm === undefined ? 'sha256' : null)
  return sequence(body, algorithm, bitString(new Uint8Array(sign(hash, body, order.issuerKey))))
}
