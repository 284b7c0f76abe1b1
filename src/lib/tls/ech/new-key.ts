/** A key pair for ECH with its configuration (RFC 9849 section 4). */
import { AivError, type RandomSource, utf8 } from '../../core/index.ts'
import { erase, HPKE_AEAD, HPKE_KDF, HPKE_KEM, systemRandom, x25519 } from '../../crypto/index.ts'
import { vector16 } from '../hello/byte-writer.ts'
import { type EchConfig, encodeEchConfig } from './ech-config.ts'
import { echKeyFile } from './key-file.ts'
import { isPublicName } from './public-name.ts'

/** For a server that does not say: longer names of hosts are rare. */
const NAME_LENGTH = 64
const NAME_LENGTH_MOST = 255

export interface NewEchKey {
  readonly config: EchConfig
  /** The whole ECHConfigList, for DNS. */
  readonly list: Uint8Array
  /** PEM with the private key in it. */
  readonly file: string
}

/**
 * @param publicName what onlookers see; its server must have a certificate for it
 * @param maximumNameLength of the names behind the server, 0..255; 64 when absent
 * @throws AivError `E_USAGE`
 */
export function newEchKey(
  publicName: string,
  maximumNameLength = NAME_LENGTH,
  random: RandomSource = systemRandom,
): NewEchKey {
  if (!isPublicName(publicName))
    throw new AivError('E_USAGE', `${JSON.stringify(publicName)} is no public name of a server`, {
      hint: 'Give a host name in ASCII that is not an IP address.',
    })
  if (
    !(Number.isInteger(maximumNameLength) && maximumNameLength >= 0 && maximumNameLength <= NAME_LENGTH_MOST)
  )
    throw new AivError('E_USAGE', 'the length of names is not within 0..255')
  const pair = x25519.generate(random)
  const config: EchConfig = {
    configId: random.bytes(1)[0] as number,
    kem: HPKE_KEM.x25519,
    publicKey: pair.publicKey,
    suites: Object.values(HPKE_AEAD).map((aead) => ({ kdf: HPKE_KDF.hkdfSha256, aead })),
    maximumNameLength,
    publicName: utf8(publicName),
    extensions: [],
  }
  const list = vector16(encodeEchConfig(config))
  const privateKey = pair.exportPrivate()
  const file = echKeyFile(privateKey, list)
  erase(privateKey)
  pair.erase()
  return { config, list, file }
}
