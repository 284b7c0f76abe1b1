/**
 * ECDSA over P-256 with SHA-256 (FIPS 186-5), for certificates that every TLS program takes. Keys leave in the encodings
 * of X.509, because nothing else here uses them.
 */
import { generateKeyPairSync, sign } from 'node:crypto'
import { plain } from './node/bytes.ts'

export interface EcdsaP256KeyPair {
  /** SubjectPublicKeyInfo (RFC 5480), DER. */
  readonly spki: Uint8Array
  /** ECDSA-Sig-Value (RFC 3279), DER. */
  sign(message: Uint8Array): Uint8Array
  /** The private key as PKCS #8 in PEM. */
  exportPem(): string
}

export function generateEcdsaP256(): EcdsaP256KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    spki: plain(publicKey.export({ type: 'spki', format: 'der' })),
    sign: (message) => plain(sign('sha256', message, privateKey)),
    exportPem: () => privateKey.export({ type: 'pkcs8', format: 'pem' }),
  }
}
