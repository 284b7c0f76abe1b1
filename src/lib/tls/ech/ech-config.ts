/** ECHConfigList (RFC 9849 section 4), byte for byte. */
import { AivError, concat, u16 } from '../../core/index.ts'
import { ByteReader } from '../hello/byte-reader.ts'
import { u16s, vector8, vector16 } from '../hello/byte-writer.ts'
import { type Extension, encodeExtensions, parseExtensions } from '../hello/client-hello.ts'
import { CONFIGS_MOST, ECH_VERSION } from './constants.ts'

/** HPKE identifiers (RFC 9180 section 7). */
export interface HpkeSymmetricSuite {
  readonly kdf: number
  readonly aead: number
}

/** ECHConfigContents of version fe0d. */
export interface EchConfig {
  readonly configId: number
  readonly kem: number
  readonly publicKey: Uint8Array
  readonly suites: readonly HpkeSymmetricSuite[]
  /** The longest name behind this server, bytes; 0 when it does not say. */
  readonly maximumNameLength: number
  /** As bytes: what stands there need not be a name. */
  readonly publicName: Uint8Array
  readonly extensions: readonly Extension[]
}

/** One configuration of a list. */
export interface ListedConfig {
  readonly version: number
  /** The whole ECHConfig as it stands, with version and length: HPKE is bound to it. */
  readonly bytes: Uint8Array
  /** Undefined for a version that is not known. */
  readonly config?: EchConfig
}

/**
 * @param bytes the whole list with its length; the result has views of it
 * @throws AivError `E_MALFORMED`, `E_TOO_LARGE` for more than 64 configurations
 */
export function parseEchConfigList(bytes: Uint8Array): readonly ListedConfig[] {
  const whole = new ByteReader(bytes)
  const content = whole.vector16()
  whole.end()
  const reader = new ByteReader(content)
  const list: ListedConfig[] = []
  while (reader.left > 0) {
    if (list.length === CONFIGS_MOST)
      throw new AivError('E_TOO_LARGE', `an ECH list has more than ${CONFIGS_MOST} configurations`)
    const start = content.length - reader.left
    const version = reader.u16()
    const contents = reader.vector16()
    const config = version === ECH_VERSION ? { config: parseContents(contents) } : {}
    list.push({ version, bytes: content.subarray(start, content.length - reader.left), ...config })
  }
  if (list.length === 0) throw new AivError('E_MALFORMED', 'an ECH list has no configuration')
  return list
}

/** Parsing and encoding give the same bytes back; those of other versions stay as they are. */
export function encodeEchConfigList(
  list: readonly (Pick<ListedConfig, 'bytes'> & Pick<ListedConfig, 'config'>)[],
): Uint8Array {
  return vector16(concat(...list.map(({ bytes, config }) => (config ? encodeEchConfig(config) : bytes))))
}

/** The whole ECHConfig, with version and length. */
export function encodeEchConfig(config: EchConfig): Uint8Array {
  const { configId, kem, publicKey, suites, maximumNameLength, publicName, extensions } = config
  const contents = concat(
    Uint8Array.of(configId),
    u16(kem),
    vector16(publicKey),
    vector16(u16s(suites.flatMap(({ kdf, aead }) => [kdf, aead]))),
    Uint8Array.of(maximumNameLength),
    vector8(publicName),
    vector16(encodeExtensions(extensions)),
  )
  return concat(u16(ECH_VERSION), vector16(contents))
}

function parseContents(bytes: Uint8Array): EchConfig {
  const reader = new ByteReader(bytes)
  const configId = reader.u8()
  const kem = reader.u16()
  const publicKey = reader.vector16()
  const suites = parseSuites(reader.vector16())
  const maximumNameLength = reader.u8()
  const publicName = reader.vector8()
  const extensions = parseExtensions(reader.vector16())
  reader.end()
  if (publicKey.length === 0) throw new AivError('E_MALFORMED', 'an ECH configuration has no public key')
  if (publicName.length === 0) throw new AivError('E_MALFORMED', 'an ECH configuration has no public name')
  if (new Set(extensions.map(({ type }) => type)).size < extensions.length)
    throw new AivError('E_MALFORMED', 'an ECH configuration has an extension twice')
  return { configId, kem, publicKey, suites, maximumNameLength, publicName, extensions }
}

function parseSuites(bytes: Uint8Array): readonly HpkeSymmetricSuite[] {
  const reader = new ByteReader(bytes)
  const suites: HpkeSymmetricSuite[] = []
  while (reader.left > 0) suites.push({ kdf: reader.u16(), aead: reader.u16() })
  if (suites.length === 0) throw new AivError('E_MALFORMED', 'an ECH configuration has no cipher suite')
  return suites
}
