/**
 * A Sphinx key in a file of its own, for laboratories and tests: nodes make their keys themselves, one for each epoch, and
 * publish them signed. Id and public key are readable without the passphrase.
 */
import { AivError, equal, isAivError, type RandomSource, toHex, utf8 } from '../../core/index.ts'
import { AEAD_TAG_BYTES, erase, systemRandom, X25519_BYTES } from '../../crypto/index.ts'
import {
  createFileAtomically,
  type Encryption,
  encryptionJson,
  JsonFields,
  KDF_DEFAULTS,
  type KdfParameters,
  newEncryption,
  openSecrets,
  parseEncryption,
  readBounded,
  refuseOpenFile,
  replaceFileAtomically,
  sealSecrets,
  withFileLock,
} from '../../identity/index.ts'
import { MixKey, NODE_ID_BYTES } from '../../sphinx/index.ts'

const TYPE = 'aiv mix key'
const VERSION = 1
/** A file has about 600 bytes. */
const MAX_FILE_BYTES = 16_384

export interface MixKeyInfo {
  /** Of the node, 32 bytes. */
  readonly id: Uint8Array
  readonly publicKey: Uint8Array
  readonly encrypted: boolean
}

export interface MixKeyFile extends MixKeyInfo {
  readonly key: MixKey
}

export interface SaveMixKeyOptions {
  /** UTF-8 bytes; without it the key is written as it is. */
  readonly passphrase?: Uint8Array | undefined
  /** Default `KDF_DEFAULTS.argon2id`. */
  readonly kdf?: KdfParameters | undefined
  /** Replaces an existing file; default false. */
  readonly overwrite?: boolean
  readonly random?: RandomSource
}

interface Header {
  readonly id: Uint8Array
  readonly publicKey: Uint8Array
  readonly encryption: Encryption | undefined
}

/**
 * Writes a mix key to a file of mode 0600, as a whole or not at all.
 * @param id of the node, 32 bytes
 * @throws AivError `E_INPUT` when the file exists and `overwrite` is not set, or the passphrase is empty; `E_NOT_FOUND`,
 *   `E_PERMISSION`, `E_IO`
 */
export async function saveMixKey(
  path: string,
  id: Uint8Array,
  key: MixKey,
  options: SaveMixKeyOptions = {},
): Promise<void> {
  const { passphrase, random = systemRandom } = options
  if (passphrase?.length === 0) throw new AivError('E_INPUT', 'the passphrase is empty')
  const encryption =
    passphrase === undefined ? undefined : newEncryption(options.kdf ?? KDF_DEFAULTS.argon2id, random)
  const header = { id, publicKey: key.publicKey, encryption }
  const secret = key.exportPrivate()
  const stored =
    passphrase === undefined || encryption === undefined
      ? secret
      : await sealSecrets(secret, passphrase, encryption, headerBytes(header))
  const content = utf8(`${JSON.stringify({ ...headerJson(header), secret: toHex(stored) }, null, 2)}\n`)
  try {
    if (options.overwrite === true) await withFileLock(path, () => replaceFileAtomically(path, content))
    else await createFileAtomically(path, content, random)
  } finally {
    erase(secret, stored, content)
  }
}

/**
 * What a mix key file shows to everybody.
 * @throws AivError `E_KEY_FILE`, `E_NOT_FOUND`, `E_PERMISSION`, `E_IO`
 */
export async function readMixKeyInfo(path: string): Promise<MixKeyInfo> {
  const { header, secret } = await readFile(path)
  erase(secret)
  return infoOf(header)
}

/**
 * @param passphrase UTF-8 bytes; not used when the file is not encrypted
 * @throws AivError `E_PASSPHRASE_REQUIRED`, `E_PASSPHRASE_WRONG`, and as {@link readMixKeyInfo}
 */
export async function loadMixKey(path: string, passphrase?: Uint8Array | undefined): Promise<MixKeyFile> {
  const { header, secret } = await readFile(path)
  const plain = await opened(path, header, secret, passphrase)
  try {
    const key = MixKey.fromPrivate(plain)
    if (!equal(key.publicKey, header.publicKey))
      throw new AivError('E_KEY_FILE', `the public key in ${path} is not that of its private key`)
    return { ...infoOf(header), key }
  } finally {
    erase(secret, plain)
  }
}

async function opened(
  path: string,
  header: Header,
  secret: Uint8Array,
  passphrase: Uint8Array | undefined,
): Promise<Uint8Array> {
  if (header.encryption === undefined) return secret
  if (passphrase === undefined)
    throw new AivError('E_PASSPHRASE_REQUIRED', `${path} is encrypted`, {
      hint: 'Give --passphrase-file, set AIV_PASSPHRASE, or run it on a terminal.',
    })
  return await openSecrets(secret, passphrase, header.encryption, headerBytes(header))
}

function infoOf({ id, publicKey, encryption }: Header): MixKeyInfo {
  return { id, publicKey, encrypted: encryption !== undefined }
}

/** What the seal of the private key covers besides it: the document without `secret`, in one spelling. */
function headerBytes(header: Header): Uint8Array {
  return utf8(JSON.stringify(headerJson(header)))
}

function headerJson({ id, publicKey, encryption }: Header): Record<string, unknown> {
  return {
    v: VERSION,
    type: TYPE,
    id: toHex(id),
    public_key: toHex(publicKey),
    encryption: encryption === undefined ? null : encryptionJson(encryption),
  }
}

async function readFile(path: string): Promise<{ readonly header: Header; readonly secret: Uint8Array }> {
  const { bytes, mode } = await readBounded(path, MAX_FILE_BYTES)
  try {
    const document = parse(bytes)
    if (document.header.encryption === undefined) refuseOpenFile(path, mode)
    return document
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED'))
      throw new AivError('E_KEY_FILE', `${path} is no mix key: ${error.message}`)
    throw error
  } finally {
    erase(bytes)
  }
}

function parse(bytes: Uint8Array): { readonly header: Header; readonly secret: Uint8Array } {
  const fields = JsonFields.ofJson(bytes)
  if (fields.text('type') !== TYPE) throw new AivError('E_MALFORMED', `its type is not "${TYPE}"`)
  const version = fields.integer('v')
  if (version !== VERSION)
    throw new AivError('E_MALFORMED', `its version is ${version}; this program knows ${VERSION}`)
  const encryption = parseEncryption(fields.optional('encryption'))
  const header = {
    id: fields.bytes('id', NODE_ID_BYTES),
    publicKey: fields.bytes('public_key', X25519_BYTES),
    encryption,
  }
  const secret = fields.bytes('secret', X25519_BYTES + (encryption === undefined ? 0 : AEAD_TAG_BYTES))
  fields.finish()
  return { header, secret }
}
