/** The PEM form of ECH keys (RFC 9934): a private key, and the list of configurations that clients get. */
import { AivError, concat, equal, fromHex } from '../../core/index.ts'
import { erase, x25519 } from '../../crypto/index.ts'
import { pem } from '../certificate/der.ts'
import { type EchConfig, type ListedConfig, parseEchConfigList } from './ech-config.ts'

/** PKCS #8 of X25519 (RFC 8410 section 7); the key follows. */
const PKCS8_X25519 = fromHex('302e020100300506032b656e04220420')
const PRIVATE_KEY = 'PRIVATE KEY'
const ECH_CONFIG = 'ECHCONFIG'
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\s]*?)-----END \1-----/g
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

export interface EchKeyFile {
  /** 32 bytes of X25519; absent in a file for clients. */
  readonly privateKey?: Uint8Array
  readonly configs: readonly ListedConfig[]
}

/** The text of a key file. It has the private key in it. */
export function echKeyFile(privateKey: Uint8Array, list: Uint8Array): string {
  const der = concat(PKCS8_X25519, privateKey)
  try {
    return pem(PRIVATE_KEY, der) + pem(ECH_CONFIG, list)
  } finally {
    erase(der)
  }
}

/**
 * @throws AivError `E_KEY_FILE` for a text that is no such file, or whose key belongs to none of its configurations
 */
export function parseEchKeyFile(text: string): EchKeyFile {
  const blocks = [...text.matchAll(BLOCK)].map(([, label, base64]) => ({
    label,
    base64: (base64 as string).replaceAll(/\s/g, ''),
  }))
  const only = (wanted: string): string | undefined => {
    const found = blocks.filter(({ label }) => label === wanted)
    if (found.length > 1) throw keyFileError(`the ECH file has more than one ${wanted}`)
    return found[0]?.base64
  }
  const [key, list] = [only(PRIVATE_KEY), only(ECH_CONFIG)]
  if (list === undefined) throw keyFileError(`the ECH file has no ${ECH_CONFIG}`)
  const configs = parsedList(decoded(list))
  if (key === undefined) return { configs }
  const privateKey = rawKey(decoded(key))
  if (!configs.some(({ config }) => config !== undefined && isKeyOf(privateKey, config))) {
    erase(privateKey)
    throw keyFileError('the private key of the ECH file belongs to none of its configurations')
  }
  return { privateKey, configs }
}

function parsedList(bytes: Uint8Array): readonly ListedConfig[] {
  try {
    return parseEchConfigList(bytes)
  } catch (cause) {
    throw keyFileError('the ECH file has a malformed list of configurations', cause)
  }
}

/** Whether a configuration asks clients to encrypt to this key. */
function isKeyOf(privateKey: Uint8Array, { publicKey }: EchConfig): boolean {
  const pair = x25519.fromPrivate(privateKey)
  pair.erase()
  return equal(pair.publicKey, publicKey)
}

function rawKey(der: Uint8Array): Uint8Array {
  const key = der.slice(PKCS8_X25519.length)
  const isX25519 = key.length === 32 && equal(der.subarray(0, PKCS8_X25519.length), PKCS8_X25519)
  erase(der)
  if (isX25519) return key
  erase(key)
  throw keyFileError('the private key of the ECH file is none of X25519')
}

function decoded(base64: string): Uint8Array {
  if (base64 === '' || !BASE64.test(base64)) throw keyFileError('the ECH file is not in base64')
  return new Uint8Array(Buffer.from(base64, 'base64'))
}

/** Without what stands in the file: it may be secret. */
function keyFileError(message: string, cause?: unknown): AivError {
  return new AivError('E_KEY_FILE', message, {
    hint: '`aiv utls ech config new` makes one.',
    ...(cause === undefined ? {} : { cause }),
  })
}
