/** Bodies of extensions, from what a template says of them. */
import { AivError, concat, EMPTY, type RandomSource, u16, uniformInt, utf8 } from '../../../core/index.ts'
import { u16s, vector8, vector16 } from '../../hello/byte-writer.ts'
import { ENC_BYTES } from '../../hello/outer-ech.ts'
import type { AlpsContent, ExtensionContent, GreaseEchContent } from '../template/template.ts'
import { type GreaseValues, withGrease } from './grease-values.ts'
import { drawShares, type KeyMaker, type KeyShareKeys } from './key-shares.ts'
import { sentServerName } from './server-name.ts'

const HOST_NAME = 0
const OUTER_ECH = 0
const PROTOCOL_MOST = 255

/** What the bodies of one hello are made from. */
export interface BodySource {
  readonly host: string
  /** Protocols in their order. */
  readonly alpn: readonly string[]
  readonly grease: GreaseValues
  /** The body of trust_anchors, which stays while the browser runs. */
  readonly anchors: Uint8Array
  readonly random: RandomSource
  readonly make: KeyMaker
  /** Gets the private keys of the shares, by group. */
  readonly keep: (keys: ReadonlyMap<number, KeyShareKeys>) => void
}

/**
 * @returns undefined where such a hello does not have the extension
 * @throws AivError `E_USAGE` for a host or protocol that cannot be sent
 */
export function extensionBody(content: ExtensionContent, source: BodySource): Uint8Array | undefined {
  const { alpn, grease } = source
  switch (content.kind) {
    case 'fixed':
      return content.body
    case 'server_name':
      return serverNameBody(source.host)
    case 'alpn':
      return alpn.length === 0 ? undefined : protocolList(alpn)
    case 'supported_groups':
      return vector16(u16s(withGrease(content.list, grease.group)))
    case 'signature_algorithms':
      return vector16(u16s(withGrease(content.list, grease.signature)))
    case 'supported_versions':
      return vector8(u16s(withGrease(content.list, grease.version)))
    case 'session_ticket':
      return EMPTY
    case 'application_settings':
      return isAlpsSent(content, alpn) ? protocolList(content.protocols) : undefined
    case 'trust_anchors':
      return source.anchors
    case 'grease_ech':
      return greaseEchBody(content, source)
    case 'key_share': {
      const { body, keys } = drawShares(content, grease.group, source.make)
      source.keep(keys)
      return body
    }
    // Only in QUIC, where nothing is built.
    case 'quic_transport_parameters':
    // Its length depends on all the others.
    case 'padding':
      return undefined
  }
}

function serverNameBody(host: string): Uint8Array | undefined {
  const name = sentServerName(host)
  return name === undefined ? undefined : vector16(concat(Uint8Array.of(HOST_NAME), vector16(utf8(name))))
}

function isAlpsSent({ when }: AlpsContent, alpn: readonly string[]): boolean {
  return when === 'any' ? alpn.length > 0 : alpn.includes('h2')
}

function protocolList(protocols: readonly string[]): Uint8Array {
  const names = protocols.map((protocol) => {
    const name = utf8(protocol)
    if (name.length === 0 || name.length > PROTOCOL_MOST)
      throw new AivError('E_USAGE', `${JSON.stringify(protocol)} is no name of a protocol`)
    return vector8(name)
  })
  return vector16(concat(...names))
}

/** The suite, what may be a key, and as much noise as a hello would have encrypted. */
function greaseEchBody(
  { kdf, aeads, enc, payloadBytes }: GreaseEchContent,
  { random, make }: BodySource,
): Uint8Array {
  const length = drawn(payloadBytes, random)
  const suite = concat(Uint8Array.of(OUTER_ECH), u16(kdf), u16(drawn(aeads, random)))
  const key = enc === 'x25519' ? publicKeyAlone(make) : random.bytes(ENC_BYTES)
  return concat(suite, random.bytes(1), vector16(key), vector16(random.bytes(length)))
}

function drawn(values: readonly number[], random: RandomSource): number {
  return values[uniformInt(random, 0, values.length - 1)] as number
}

/** Of a pair that nobody keeps. */
function publicKeyAlone(make: KeyMaker): Uint8Array {
  const pair = make.x25519()
  pair.erase()
  return pair.publicKey
}
