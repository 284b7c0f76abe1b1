/**
 * Hellos of Chrome and Edge as curl-impersonate, uTLS and parroteer have written them down: lists and lengths in words
 * of their own, without bytes.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { conformancePath } from '../../../support/conformance.ts'

/** What such a description says; absent where it says nothing. */
export interface Signature {
  readonly name: string
  readonly isShuffled?: boolean
  readonly cipherSuites: readonly string[]
  /** In their order: four digits or GREASE, and the length of the body where it is given. */
  readonly extensions: readonly { readonly type: string; readonly length?: number }[]
  readonly groups: readonly string[]
  readonly shares: readonly string[]
  readonly signatures: readonly string[]
  readonly versions: readonly string[]
  readonly protocols: readonly string[]
  readonly settings?: readonly string[]
}

type Item = Readonly<Record<string, unknown>>

const folder = conformancePath('utls')

/** RFC 8446 and the registry of IANA; for the last two the drafts. */
const EXTENSION_TYPES: Readonly<Record<string, string>> = {
  GREASE: 'GREASE',
  server_name: '0000',
  status_request: '0005',
  supported_groups: '000a',
  ec_point_formats: '000b',
  signature_algorithms: '000d',
  application_layer_protocol_negotiation: '0010',
  signed_certificate_timestamp: '0012',
  padding: '0015',
  extended_master_secret: '0017',
  compress_certificate: '001b',
  session_ticket: '0023',
  pre_shared_key: '0029',
  supported_versions: '002b',
  psk_key_exchange_modes: '002d',
  keyshare: '0033',
  key_share: '0033',
  renegotiation_info: 'ff01',
  encrypted_client_hello: 'fe0d',
  application_settings: '4469',
  application_settings_new: '44cd',
}

const NAMES: Readonly<Record<string, string>> = {
  GREASE: 'GREASE',
  TLS_AES_128_GCM_SHA256: '1301',
  TLS_AES_256_GCM_SHA384: '1302',
  TLS_CHACHA20_POLY1305_SHA256: '1303',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'c02b',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'c02f',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'c02c',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'c030',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'cca9',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'cca8',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'c013',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'c014',
  TLS_RSA_WITH_AES_128_GCM_SHA256: '009c',
  TLS_RSA_WITH_AES_256_GCM_SHA384: '009d',
  TLS_RSA_WITH_AES_128_CBC_SHA: '002f',
  TLS_RSA_WITH_AES_256_CBC_SHA: '0035',
  secp256r1: '0017',
  secp384r1: '0018',
  x25519: '001d',
  ecdsa_secp256r1_sha256: '0403',
  ecdsa_secp384r1_sha384: '0503',
  rsa_pkcs1_sha256: '0401',
  rsa_pkcs1_sha384: '0501',
  rsa_pkcs1_sha512: '0601',
  rsa_pss_rsae_sha256: '0804',
  rsa_pss_rsae_sha384: '0805',
  rsa_pss_rsae_sha512: '0806',
  'TLS 1.2': '0303',
  'TLS 1.3': '0304',
  TLS_VERSION_1_2: '0303',
  TLS_VERSION_1_3: '0304',
}

/** None, with a printed reason, where the descriptions are not there. */
export function curlSignatures(): readonly Signature[] {
  if (folder === undefined) return []
  const path = join(folder, 'curl-impersonate-signatures')
  return readdirSync(path)
    .filter((file) => /^(?:chrome|edge)_.*\.yaml$/.test(file))
    .map((file) => curlSignature(file, parse(readFileSync(join(path, file), 'utf8')) as Item))
}

function curlSignature(name: string, { signature }: Item): Signature {
  const { options, tls_client_hello: hello } = signature as Readonly<Record<string, Item>>
  const extensions = (hello as Item).extensions as readonly Item[]
  const of = (type: string): Item => extensions.find((each) => each.type === type) ?? {}
  return {
    name,
    isShuffled: options?.tls_permute_extensions === true,
    cipherSuites: codes((hello as Item).ciphersuites),
    extensions: extensions.map(({ type, length }) => ({
      type: code(EXTENSION_TYPES[type as string]),
      // What they wrote down for the length of ECH is 0: it changes.
      ...(typeof length === 'number' && type !== 'encrypted_client_hello' ? { length } : {}),
    })),
    groups: codes(of('supported_groups').supported_groups),
    shares: (of('keyshare').key_shares as readonly Item[]).map(
      ({ group, length }) => `${code(group)}:${length as number}`,
    ),
    signatures: codes(of('signature_algorithms').sig_hash_algs),
    versions: codes(of('supported_versions').supported_versions),
    protocols: of('application_layer_protocol_negotiation').alpn_list as string[],
    settings: (of('application_settings').alps_alpn_list ??
      of('application_settings_new').alps_alpn_list) as string[],
  }
}

export function utlsSignatures(): readonly Signature[] {
  if (folder === undefined) return []
  return ['Chrome102', 'Edge106'].map((name) => {
    const path = join(folder, 'utls-testdata', `ClientHello-JSON-${name}.json`)
    const hello = JSON.parse(readFileSync(path, 'utf8')) as Item
    const extensions = hello.extensions as readonly Item[]
    const of = (type: string): Item => extensions.find((each) => each.name === type) ?? {}
    return {
      name,
      cipherSuites: codes(hello.cipher_suites),
      extensions: extensions.map((each) => ({ type: code(EXTENSION_TYPES[each.name as string]) })),
      groups: codes(of('supported_groups').named_group_list),
      shares: (of('key_share').client_shares as readonly Item[]).map(({ group }) => code(group)),
      signatures: codes(of('signature_algorithms').supported_signature_algorithms),
      versions: codes(of('supported_versions').versions),
      protocols: of('application_layer_protocol_negotiation').protocol_name_list as string[],
      settings: of('application_settings').supported_protocols as string[],
    }
  })
}

export function parroteerSignature(): Signature | undefined {
  if (folder === undefined) return undefined
  const text = readFileSync(join(folder, 'parroteer-chrome-stable.json'), 'utf8')
  const { fingerprint } = JSON.parse(text) as Readonly<Record<string, Item>>
  const of = (field: string): unknown => (fingerprint as Item)[field]
  return {
    name: 'parroteer, April 2026',
    cipherSuites: codes(of('cipher_suites')),
    extensions: codes(of('extensions')).map((type) => ({ type })),
    groups: codes(of('supported_groups')),
    shares: codes(of('key_share_groups')),
    signatures: codes(of('signature_algorithms')),
    versions: codes(of('supported_versions')),
    protocols: of('alpn') as string[],
  }
}

function codes(list: unknown): readonly string[] {
  return (list as readonly unknown[]).map(code)
}

/** A number, -1 for GREASE, a name, or what is a code already. */
function code(value: unknown): string {
  if (value === -1) return 'GREASE'
  if (typeof value === 'number') return value.toString(16).padStart(4, '0')
  if (typeof value === 'string') return NAMES[value] ?? value
  throw new Error(`${String(value)} is no code`)
}
