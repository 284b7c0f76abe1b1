/** Whose signatures the user trusts, as `--key` names them. */
import { AivError, equal, fromHex, fromUtf8, utf8 } from '../../core/index.ts'
import { ED25519_BYTES } from '../../crypto/index.ts'
import { isPeerId, peerIdOf, readBounded, readIdentityInfo } from '../../identity/index.ts'
import type { TrustedSigner } from '../../lint/sign/index.ts'
import { refuseKeyAsArgument } from '../key/key-files.ts'

/** An identity file has some 4 KiB. */
const MAX_KEY_FILE_BYTES = 64 * 1024
/** SubjectPublicKeyInfo of Ed25519 (RFC 8410 §4) before the key itself. */
const SPKI_PREFIX = fromHex('302a300506032b6570032100')
const PEM = /^-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+?)\s+-----END PUBLIC KEY-----\s*$/

/**
 * @param text a peer id, or the path of an identity file, of what `key export` or `key show --json` prints, of a
 *   public key in PEM, or of a JSON Web Key
 * @throws AivError `E_USAGE` for key bytes in the argument, `E_KEY_FILE` for a file without an Ed25519 public key,
 *   `E_NOT_FOUND`, `E_PERMISSION`, `E_IO`
 */
export async function trustedSigner(text: string): Promise<TrustedSigner> {
  if (isPeerId(text)) return { peer: text }
  refuseKeyAsArgument(text)
  const { bytes } = await readBounded(text, MAX_KEY_FILE_BYTES)
  return { publicKey: await publicKeyOf(text, fromUtf8(bytes)) }
}

async function publicKeyOf(path: string, content: string): Promise<Uint8Array> {
  if (content.includes('PRIVATE KEY-----'))
    throw new AivError('E_KEY_FILE', `${path} holds a private key`, {
      hint: 'Verifying needs the public key only: `openssl pkey -pubout` makes it.',
    })
  const [, pem] = PEM.exec(content) ?? []
  const key = pem === undefined ? await fromJson(path, content) : fromSpki(Buffer.from(pem, 'base64'))
  if (key !== undefined) return key
  throw new AivError('E_KEY_FILE', `${path} holds no Ed25519 public key`, {
    hint: 'Give an identity file, a public key in PEM or as JSON Web Key, or a peer id.',
  })
}

function fromSpki(der: Uint8Array): Uint8Array | undefined {
  const prefix = der.subarray(0, SPKI_PREFIX.length)
  if (der.length !== SPKI_PREFIX.length + ED25519_BYTES || !equal(prefix, SPKI_PREFIX)) return undefined
  return Uint8Array.from(der.subarray(SPKI_PREFIX.length))
}

async function fromJson(path: string, content: string): Promise<Uint8Array | undefined> {
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  // The file of an identity is checked as a whole.
  if ('type' in value && value.type === 'aiv identity')
    return (await readIdentityInfo(path)).identity.signPublic
  if (!('sign_public' in value)) return (await import('../../lint/sign/index.ts')).fromJwk(value)
  const key = typeof value.sign_public === 'string' ? fromHex(value.sign_public) : utf8('')
  if (key.length !== ED25519_BYTES || !('peer' in value) || value.peer !== peerIdOf(key)) return undefined
  return key
}
