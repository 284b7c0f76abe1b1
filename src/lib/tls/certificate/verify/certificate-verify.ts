/** The signature with which a server shows that it holds the key of its certificate (RFC 8446 section 4.4.3). */
import {
  type KeyKind,
  type SignatureAlgorithm,
  type VerifyingKey,
  verifySignature,
} from '../../../crypto/index.ts'
import { CertificateError } from './certificate-error.ts'

interface SchemeRule {
  readonly algorithm: SignatureAlgorithm
  /** The only kind of key that it is for. */
  readonly kind: KeyKind
}

/** SignatureScheme of section 4.2.3 and RFC 9881's companion for TLS; PKCS #1 v1.5 is for certificates alone. */
const SCHEMES: ReadonlyMap<number, SchemeRule> = new Map<number, SchemeRule>([
  [0x0403, { algorithm: { family: 'ecdsa', hash: 'sha256' }, kind: 'p256' }],
  [0x0503, { algorithm: { family: 'ecdsa', hash: 'sha384' }, kind: 'p384' }],
  [0x0603, { algorithm: { family: 'ecdsa', hash: 'sha512' }, kind: 'p521' }],
  [0x0804, { algorithm: { family: 'rsa-pss', hash: 'sha256' }, kind: 'rsa' }],
  [0x0805, { algorithm: { family: 'rsa-pss', hash: 'sha384' }, kind: 'rsa' }],
  [0x0806, { algorithm: { family: 'rsa-pss', hash: 'sha512' }, kind: 'rsa' }],
  [0x0807, { algorithm: { family: 'ed25519' }, kind: 'ed25519' }],
  [0x0904, { algorithm: { family: 'ml-dsa', kind: 'ml-dsa-44' }, kind: 'ml-dsa-44' }],
  [0x0905, { algorithm: { family: 'ml-dsa', kind: 'ml-dsa-65' }, kind: 'ml-dsa-65' }],
  [0x0906, { algorithm: { family: 'ml-dsa', kind: 'ml-dsa-87' }, kind: 'ml-dsa-87' }],
])

/**
 * @param content what is signed: blanks, context string and transcript hash
 * @throws CertificateError `illegal_parameter` for a scheme that is not for this key, `decrypt_error` for a signature that
 * is not of it. Whether the scheme was offered is for the caller to check.
 */
export function requireHandshakeSignature(
  key: VerifyingKey,
  scheme: number,
  content: Uint8Array,
  signature: Uint8Array,
): void {
  const rule = SCHEMES.get(scheme)
  if (rule?.kind !== key.kind)
    throw new CertificateError(
      'illegal_parameter',
      `the server signed with scheme 0x${scheme.toString(16).padStart(4, '0')}, which is not for its ${key.kind} key`,
    )
  if (!verifySignature(key, rule.algorithm, content, signature))
    throw new CertificateError('decrypt_error', 'the server did not sign this handshake')
}
