/** ECH configurations for people and for programs. */
import { toHex } from '../../core/index.ts'
import { type EchConfig, encodeEchConfigList, type ListedConfig, unusableReason } from '../../tls/index.ts'
import type { Fields } from '../output.ts'

const AEAD_NAMES: Readonly<Record<number, string>> = {
  1: 'AES-128-GCM',
  2: 'AES-256-GCM',
  3: 'ChaCha20-Poly1305',
}
const KDF_NAMES: Readonly<Record<number, string>> = { 1: 'HKDF-SHA256', 2: 'HKDF-SHA384', 3: 'HKDF-SHA512' }
const X25519_KEM = 0x0020

/** As it stands in an HTTPS record behind `ech=`. */
export function listBase64(configs: readonly ListedConfig[]): string {
  return Buffer.from(encodeEchConfigList(configs)).toString('base64')
}

export function configFields({ version, bytes, config }: ListedConfig): Fields {
  if (config === undefined)
    return { version: hex4(version), usable: false, unusable_because: UNKNOWN_VERSION, bytes }
  const reason = unusableReason(config)
  return {
    version: hex4(version),
    config_id: config.configId,
    kem: hex4(config.kem),
    public_key: config.publicKey,
    suites: config.suites.map(({ kdf, aead }) => ({ kdf: hex4(kdf), aead: hex4(aead) })),
    maximum_name_length: config.maximumNameLength,
    public_name: nameText(config),
    extensions: config.extensions.map(({ type, body }) => ({ type: hex4(type), body })),
    usable: reason === undefined,
    unusable_because: reason ?? null,
    bytes,
  }
}

const UNKNOWN_VERSION = 'its version is not known'

export function configText({ version, config }: ListedConfig): string {
  if (config === undefined)
    return `configuration of version ${hex4(version)}\n  unusable     ${UNKNOWN_VERSION}`
  const { configId, kem, publicKey, suites, maximumNameLength, extensions } = config
  const reason = unusableReason(config)
  return [
    `configuration ${configId}`,
    `  public name  ${nameText(config)}`,
    `  key          ${kem === X25519_KEM ? 'X25519' : hex4(kem)} ${toHex(publicKey)}`,
    `  suites       ${suites.map(suiteText).join(', ')}`,
    `  names up to  ${maximumNameLength} bytes`,
    ...(extensions.length === 0
      ? []
      : [`  extensions   ${extensions.map(({ type }) => hex4(type)).join(', ')}`]),
    ...(reason === undefined ? [] : [`  unusable     ${reason}`]),
  ].join('\n')
}

function suiteText({ kdf, aead }: EchConfig['suites'][number]): string {
  return `${KDF_NAMES[kdf] ?? hex4(kdf)} with ${AEAD_NAMES[aead] ?? hex4(aead)}`
}

function nameText({ publicName }: EchConfig): string {
  return Buffer.from(publicName).toString('latin1')
}

export function hex4(value: number): string {
  return value.toString(16).padStart(4, '0')
}
