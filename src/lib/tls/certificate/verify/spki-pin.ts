/** Pins of public keys: SHA-256 of the SubjectPublicKeyInfo (RFC 7469 section 2.4), as `curl --pinnedpubkey` writes them. */
import { AivError, equal, fromHex } from '../../../core/index.ts'
import { sha256 } from '../../../crypto/index.ts'
import { pemCertificates } from '../roots/pem.ts'
import { parseCertificate } from '../x509/certificate.ts'

const HEX = /^[0-9a-f]{64}$/i
const BASE64 = /^(?:sha256\/\/)?([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/

/** `sha256//` and base64. */
export function formatSpkiPin(spki: Uint8Array): string {
  return `sha256//${Buffer.from(sha256(spki)).toString('base64')}`
}

/**
 * The pin of a certificate's key.
 * @throws AivError `E_MALFORMED`
 */
export function pinOfCertificate(der: Uint8Array): string {
  return formatSpkiPin(parseCertificate(der).spki)
}

/**
 * The pin of the first certificate in a PEM text, as 32 bytes.
 * @throws AivError `E_INPUT`, `E_MALFORMED`
 */
export function pinOfPem(text: string): Uint8Array {
  const [first] = pemCertificates(text)
  return sha256(parseCertificate(first as Uint8Array).spki)
}

/**
 * @param text `sha256//BASE64`, or the 32 bytes in base64 or hex alone
 * @returns 32 bytes
 * @throws AivError `E_USAGE`
 */
export function parseSpkiPin(text: string): Uint8Array {
  if (HEX.test(text)) return fromHex(text)
  const [, base64] = BASE64.exec(text) ?? []
  if (base64 === undefined)
    throw new AivError('E_USAGE', `${JSON.stringify(text)} is no pin of a public key`, {
      hint: 'a pin is "sha256//" and the SHA-256 of the SubjectPublicKeyInfo in base64',
    })
  return new Uint8Array(Buffer.from(base64, 'base64'))
}

export function isPinned(spki: Uint8Array, pins: readonly Uint8Array[]): boolean {
  const own = sha256(spki)
  return pins.some((pin) => equal(pin, own))
}
