/** What stands inside the extensions that fingerprints look at. */
import { isAivError } from '../../core/index.ts'
import { ByteReader, u16List } from './byte-reader.ts'
import type { ClientHello } from './client-hello.ts'

/** Numbers of the IANA registry, and those of drafts that browsers send. */
export const EXTENSION = {
  serverName: 0x0000,
  statusRequest: 0x0005,
  supportedGroups: 0x000a,
  ecPointFormats: 0x000b,
  signatureAlgorithms: 0x000d,
  alpn: 0x0010,
  signedCertificateTimestamp: 0x0012,
  padding: 0x0015,
  /** RFC 7627. */
  extendedMainSecret: 0x0017,
  compressCertificate: 0x001b,
  recordSizeLimit: 0x001c,
  sessionTicket: 0x0023,
  preSharedKey: 0x0029,
  earlyData: 0x002a,
  cookie: 0x002c,
  pskKeyExchangeModes: 0x002d,
  keyShare: 0x0033,
  /** draft-vvv-tls-alps, and the number that Chrome had for it up to 132. */
  applicationSettings: 0x44cd,
  applicationSettingsOld: 0x4469,
  trustAnchors: 0xca34,
  supportedVersions: 0x002b,
  encryptedClientHello: 0xfe0d,
  /** RFC 5746. */
  renegotiationInfo: 0xff01,
  /** Inside an encoded inner hello only (RFC 9849 section 5.1). */
  echOuterExtensions: 0xfd00,
} as const

export function extensionBody({ extensions }: ClientHello, type: number): Uint8Array | undefined {
  return extensions?.find((extension) => extension.type === type)?.body
}

/** The first host name of server_name, as bytes: what a client writes there need not be text. */
export function serverName(hello: ClientHello): Uint8Array | undefined {
  return read(hello, EXTENSION.serverName, (reader) => {
    const list = new ByteReader(reader.vector16())
    while (list.left > 0) {
      const type = list.u8()
      const name = list.vector16()
      if (type === 0) return name
    }
    return undefined
  })
}

/** The protocol names of application_layer_protocol_negotiation, in their order. */
export function alpnProtocols(hello: ClientHello): readonly Uint8Array[] {
  const names = read(hello, EXTENSION.alpn, (reader) => {
    const list = new ByteReader(reader.vector16())
    const protocols: Uint8Array[] = []
    while (list.left > 0) protocols.push(list.vector8())
    return protocols
  })
  return names ?? []
}

export function supportedGroups(hello: ClientHello): readonly number[] {
  return read(hello, EXTENSION.supportedGroups, (reader) => u16List(reader.vector16())) ?? []
}

export function pointFormats(hello: ClientHello): Uint8Array {
  return read(hello, EXTENSION.ecPointFormats, (reader) => reader.vector8()) ?? new Uint8Array(0)
}

export function signatureAlgorithms(hello: ClientHello): readonly number[] {
  return read(hello, EXTENSION.signatureAlgorithms, (reader) => u16List(reader.vector16())) ?? []
}

export function supportedVersions(hello: ClientHello): readonly number[] | undefined {
  return read(hello, EXTENSION.supportedVersions, (reader) => u16List(reader.vector8()))
}

export interface KeyShare {
  readonly group: number
  readonly share: Uint8Array
}

/** The shares in their order; undefined without a list of them. */
export function keyShares(hello: ClientHello): readonly KeyShare[] | undefined {
  return read(hello, EXTENSION.keyShare, (reader) => {
    const list = new ByteReader(reader.vector16())
    reader.end()
    const shares: KeyShare[] = []
    while (list.left > 0) shares.push({ group: list.u16(), share: list.vector16() })
    return shares
  })
}

/** Relative object identifiers in DER, in their order; undefined without a list of them. */
export function trustAnchors(hello: ClientHello): readonly Uint8Array[] | undefined {
  return read(hello, EXTENSION.trustAnchors, (reader) => {
    const list = new ByteReader(reader.vector16())
    reader.end()
    const ids: Uint8Array[] = []
    while (list.left > 0) ids.push(list.vector8())
    return ids
  })
}

/** An extension that is there and cannot be read counts as one without content. */
function read<T>(hello: ClientHello, type: number, content: (reader: ByteReader) => T): T | undefined {
  const body = extensionBody(hello, type)
  if (body === undefined) return undefined
  try {
    return content(new ByteReader(body))
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED')) return undefined
    throw error
  }
}
