/**
 * Hides a hello in another one, as Chromium arranges them (RFC 9849 section 6.1): the inner one has the true name, TLS 1.3
 * alone, and refers to the outer one for the rest.
 */
import { AivError, concat, type RandomSource, u16, utf8 } from '../../core/index.ts'
import { AEAD_TAG_BYTES, HPKE_KDF, type HpkeSender, hpkeSender, systemRandom } from '../../crypto/index.ts'
import {
  type BuiltHello,
  type HelloBuilder,
  type HelloRequest,
  helloRecord,
} from '../browser/build/build-hello.ts'
import { sentServerName } from '../browser/build/server-name.ts'
import { u16s, vector8, vector16 } from '../hello/byte-writer.ts'
import { type ClientHello, type Extension, encodeClientHello } from '../hello/client-hello.ts'
import { EXTENSION, supportedVersions } from '../hello/extensions.ts'
import { isGrease } from '../hello/grease.ts'
import type { ChosenConfig } from './choose-config.ts'
import { ECH_INNER, ECH_OUTER } from './constants.ts'
import { encodeInnerHello } from './inner-hello.ts'
import { echInfo } from './open-hello.ts'

const RANDOM_BYTES = 32
const HOST_NAME = 0
const TLS13 = 0x0304
/** The high byte of the cipher suites of TLS 1.3. */
const TLS13_SUITES = 0x13
/** They mean nothing in TLS 1.3. */
const OLDER: ReadonlySet<number> = new Set([
  EXTENSION.ecPointFormats,
  EXTENSION.extendedMainSecret,
  EXTENSION.sessionTicket,
  EXTENSION.renegotiationInfo,
])
/** Those that differ, or would say too much outside. */
const OWN: ReadonlySet<number> = new Set([
  EXTENSION.serverName,
  EXTENSION.supportedVersions,
  EXTENSION.encryptedClientHello,
])

export interface SealedHello {
  /** What onlookers see, with the public name. */
  readonly outer: ClientHello
  /** What the server works with when it opens it: what the transcript begins with then. */
  readonly inner: ClientHello
  /** The outer hello as the first record of a connection. */
  readonly record: Uint8Array
  /** Of the shares that both hellos have. */
  readonly keys: BuiltHello['keys']
  /** Seals the second hello, after a HelloRetryRequest. */
  readonly context: HpkeSender
}

/**
 * @param random makes it repeatable, and what is in it known to everybody who knows it; the system's when absent
 * @throws AivError `E_UNSUPPORTED` for a browser whose hellos have no ECH, or are padded; `E_CRYPTO` for a configuration
 *   whose key is none; and what {@link HelloBuilder.build} throws
 */
export async function sealHello(
  builder: HelloBuilder,
  { config, bytes, aead }: ChosenConfig,
  // An offer to resume would stand in the open, bound to what the server does not use.
  { host, alpn }: Pick<HelloRequest, 'host' | 'alpn'>,
  random: RandomSource = systemRandom,
): Promise<SealedHello> {
  const { hello, keys } = builder.build({
    host: Buffer.from(config.publicName).toString('latin1'),
    ...(alpn === undefined ? {} : { alpn }),
  })
  checkArrangement(hello)
  const { inner, compressed } = innerOf(hello, host, random)
  const encoded = encodeInnerHello(inner, compressed, config.maximumNameLength)
  const context = await hpkeSender(aead, config.publicKey, echInfo(bytes), random)
  const outerWith = (payload: Uint8Array): ClientHello => {
    const head = concat(
      Uint8Array.of(ECH_OUTER),
      u16(HPKE_KDF.hkdfSha256),
      u16(aead),
      Uint8Array.of(config.configId),
    )
    return withBody(hello, concat(head, vector16(context.enc), vector16(payload)))
  }
  // The associated data is the hello as it is sent, but with zeros where this ciphertext will stand.
  const aad = encodeClientHello(outerWith(new Uint8Array(encoded.length + AEAD_TAG_BYTES)))
  const outer = outerWith(await context.seal(aad, encoded))
  return { outer, inner, record: helloRecord(outer), keys, context }
}

function checkArrangement({ extensions = [] }: ClientHello): void {
  const types = extensions.map(({ type }) => type)
  if (!types.includes(EXTENSION.encryptedClientHello))
    throw new AivError('E_UNSUPPORTED', 'the hellos of this browser have no ECH', {
      hint: 'Take a newer version.',
    })
  // Its length was reckoned with another ECH.
  if (types.includes(EXTENSION.padding))
    throw new AivError('E_UNSUPPORTED', 'hellos of this browser that are padded are not encrypted', {
      hint: 'Take a newer version.',
    })
}

function innerOf(
  outer: ClientHello,
  host: string,
  random: RandomSource,
): { readonly inner: ClientHello; readonly compressed: readonly number[] } {
  const kept = (outer.extensions ?? []).filter(({ type }) => !OLDER.has(type))
  const shared = kept.filter(({ type }) => !OWN.has(type))
  const own = ownExtensions(outer, kept, host)
  const inner = {
    ...outer,
    random: random.bytes(RANDOM_BYTES),
    cipherSuites: outer.cipherSuites.filter((suite) => isGrease(suite) || suite >>> 8 === TLS13_SUITES),
    extensions: [...own, ...shared],
  }
  return { inner, compressed: shared.map(({ type }) => type) }
}

/** In the order that they have outside. */
function ownExtensions(outer: ClientHello, kept: readonly Extension[], host: string): readonly Extension[] {
  const name = sentServerName(host)
  const versions = supportedVersions(outer)?.filter((version) => isGrease(version) || version >= TLS13) ?? []
  return kept.flatMap(({ type }): Extension[] => {
    switch (type) {
      case EXTENSION.serverName:
        return name === undefined ? [] : [{ type, body: nameBody(name) }]
      case EXTENSION.supportedVersions:
        return [{ type, body: vector8(u16s(versions)) }]
      case EXTENSION.encryptedClientHello:
        return [{ type, body: Uint8Array.of(ECH_INNER) }]
      default:
        return []
    }
  })
}

function nameBody(name: string): Uint8Array {
  return vector16(concat(Uint8Array.of(HOST_NAME), vector16(utf8(name))))
}

function withBody(hello: ClientHello, body: Uint8Array): ClientHello {
  const extensions = (hello.extensions ?? []).map((extension) =>
    extension.type === EXTENSION.encryptedClientHello ? { ...extension, body } : extension,
  )
  return { ...hello, extensions }
}
