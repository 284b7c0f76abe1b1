/** Which configuration of a list a client uses (RFC 9849 sections 4.2, 6.1 and 6.1.7). */
import { HPKE_AEAD, HPKE_KDF, HPKE_KEM, type HpkeAead, X25519_BYTES } from '../../crypto/index.ts'
import { MANDATORY_BIT } from './constants.ts'
import type { EchConfig, ListedConfig } from './ech-config.ts'
import { isPublicName } from './public-name.ts'

const AEADS: readonly number[] = Object.values(HPKE_AEAD)

export interface ChosenConfig {
  readonly config: EchConfig
  /** The whole ECHConfig: HPKE is bound to it. */
  readonly bytes: Uint8Array
  readonly aead: HpkeAead
}

/** The first one that can be used, with its first suite that is known: the order is the server's. */
export function chooseEchConfig(list: readonly ListedConfig[]): ChosenConfig | undefined {
  for (const { config, bytes } of list) {
    if (config === undefined || unusableReason(config) !== undefined) continue
    const aead = firstAead(config)
    if (aead !== undefined) return { config, bytes, aead }
  }
  return undefined
}

/** Why a client passes over a configuration; undefined when it does not. */
export function unusableReason(config: EchConfig): string | undefined {
  const { kem, publicKey, publicName, extensions } = config
  const mandatory = extensions.find(({ type }) => (type & MANDATORY_BIT) !== 0)
  if (kem !== HPKE_KEM.x25519) return `its key encapsulation 0x${hex4(kem)} is not known`
  if (publicKey.length !== X25519_BYTES) return `its public key has ${publicKey.length} bytes`
  if (firstAead(config) === undefined) return 'none of its cipher suites is known'
  if (mandatory !== undefined) return `its mandatory extension 0x${hex4(mandatory.type)} is not known`
  if (!isPublicName(latin1(publicName))) return 'its public name is no host name'
  return undefined
}

/** Identifiers of a suite that HPKE can be made with here. */
export function isKnownAead(aead: number): aead is HpkeAead {
  return AEADS.includes(aead)
}

function firstAead({ suites }: EchConfig): HpkeAead | undefined {
  return suites
    .filter(({ kdf }) => kdf === HPKE_KDF.hkdfSha256)
    .map(({ aead }) => aead)
    .find(isKnownAead)
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0')
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
