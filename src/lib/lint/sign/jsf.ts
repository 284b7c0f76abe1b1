/**
 * Signatures inside CycloneDX documents: JSON Signature Format 0.82 with Ed25519 (RFC 8032, RFC 8037). Signed is the
 * canonical form of the whole document with its `signature`, of which only `value` is left out.
 */
import { utf8 } from '../../core/index.ts'
import { ED25519_BYTES, ed25519 } from '../../crypto/index.ts'
import { peerIdOf } from '../../identity/index.ts'
import { isTable, type Table } from '../readers/parse/index.ts'
import { canonicalJson } from './canonical-json.ts'
import { base64, fromBase64 } from './encodings.ts'
import { type BomSigner, isTrusted, knownKeys, type TrustedSigner, type Verification } from './signer.ts'

/** All that a signature may have here. What else there is, is not covered, or covers less (`excludes`). */
const MEMBERS: ReadonlySet<string> = new Set(['algorithm', 'keyId', 'publicKey', 'value'])

/** @returns the document with a `signature` at its end, which replaces one that it has */
export function signJsf(document: Table, signer: BomSigner): Table {
  const { signature: _, ...unsigned } = document
  const signature = {
    algorithm: 'Ed25519',
    keyId: peerIdOf(signer.publicKey),
    publicKey: { kty: 'OKP', crv: 'Ed25519', x: base64(signer.publicKey, 'base64url') },
  }
  const value = base64(signer.sign(signedBytes({ ...unsigned, signature })), 'base64url')
  return { ...unsigned, signature: { ...signature, value } }
}

/**
 * @param document with a member `signature`
 * @throws AivError `E_MALFORMED` on what cannot be decoded
 */
export function verifyJsf(document: Table, trusted: readonly TrustedSigner[]): Verification {
  const { signature } = document
  const refuse = (reason: string): Verification => ({ kind: 'jsf', valid: false, trusted: false, reason })
  if (!isTable(signature)) return refuse('its signature is no object')
  const { value, ...covered } = signature
  const unknown = Object.keys(signature).find((name) => !MEMBERS.has(name))
  if (unknown !== undefined) return refuse(`a signature with "${unknown}" is not supported`)
  if (signature.algorithm !== 'Ed25519')
    return refuse(`the algorithm ${JSON.stringify(signature.algorithm)} is not supported, only Ed25519 is`)
  const bytes = signedBytes({ ...document, signature: covered })
  const signed = fromBase64(value, 'base64url', 'the value of the signature')
  const embedded = signature.publicKey === undefined ? undefined : fromJwk(signature.publicKey)
  if (embedded === undefined && signature.publicKey !== undefined)
    return refuse('its public key is no Ed25519 key')
  const keys = embedded === undefined ? knownKeys(trusted) : [embedded]
  const key = keys.find((candidate) => ed25519.verify(candidate, bytes, signed))
  if (key !== undefined)
    return { kind: 'jsf', valid: true, trusted: isTrusted(key, trusted), signer: peerIdOf(key) }
  if (embedded === undefined)
    return refuse('the signature does not name its key, and it is of none of the keys that are given')
  return {
    ...refuse('the document was changed after it was signed, or the signature is of another key'),
    signer: peerIdOf(embedded),
  }
}

/** An Ed25519 public key as JSON Web Key (RFC 8037 §2). @returns undefined when it is none */
export function fromJwk(key: unknown): Uint8Array | undefined {
  if (!isTable(key) || key.kty !== 'OKP' || key.crv !== 'Ed25519') return undefined
  const bytes = fromBase64(key.x, 'base64url', 'the "x" of the key')
  return bytes.length === ED25519_BYTES ? bytes : undefined
}

function signedBytes(document: Table): Uint8Array {
  return utf8(canonicalJson(document))
}
