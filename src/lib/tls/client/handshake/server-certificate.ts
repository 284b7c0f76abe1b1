/** The server's certificates and its signature over the handshake (RFC 8446 sections 4.4.2 and 4.4.3, RFC 8879). */
import { brotliDecompressSync } from 'node:zlib'
import { concat, utf8 } from '../../../core/index.ts'
import type { VerifyingKey } from '../../../crypto/index.ts'
import { ALERT, TlsError } from '../../alert.ts'
import { requireHandshakeSignature } from '../../certificate/verify/certificate-verify.ts'
import { EXTENSION } from '../../hello/extensions.ts'
import type { Offer } from './offer.ts'
import { parseCertificate, parseCertificateVerify, parseCompressedCertificate } from './server-messages.ts'

const BROTLI = 2
/** Of a Certificate message after decompression, bytes: what a hostile server can make us hold. */
export const CERTIFICATE_MOST = 128 * 1024
const SIGNED_PREFIX = concat(
  new Uint8Array(64).fill(0x20),
  utf8('TLS 1.3, server CertificateVerify'),
  new Uint8Array(1),
)
/**
 * Decides about a chain.
 * @param chain DER, the certificate of the server first, at least one
 * @returns what the server must have signed the handshake with
 * @throws TlsError with the alert that says why not
 */
export type VerifyChain = (chain: readonly Uint8Array[]) => VerifyingKey

/** What may stand beside a certificate. */
const BESIDE: readonly number[] = [EXTENSION.statusRequest, EXTENSION.signedCertificateTimestamp]

/**
 * The body of the Certificate message in a compressed one.
 * @throws TlsError `bad_certificate` for what does not decompress to the stated length, or is too long
 */
export function decompressed(body: Uint8Array, offer: Offer): Uint8Array {
  const { algorithm, length, compressed } = parseCompressedCertificate(body)
  if (algorithm !== BROTLI || !offer.takesBrotli)
    throw new TlsError(
      ALERT.illegalParameter,
      'the server compressed its certificate in a way that was not offered',
    )
  if (length > CERTIFICATE_MOST || length === 0)
    throw new TlsError(ALERT.badCertificate, `the server's certificate has ${length} bytes`)
  let certificate: Uint8Array
  try {
    certificate = brotliDecompressSync(compressed, { maxOutputLength: length })
  } catch (cause) {
    throw new TlsError(ALERT.badCertificate, "the server's certificate does not decompress", { cause })
  }
  if (certificate.length !== length)
    throw new TlsError(ALERT.badCertificate, "the server's certificate has another length than it says")
  return certificate
}

/**
 * The chain in a Certificate message, DER.
 * @throws TlsError
 */
export function chainOf(body: Uint8Array, offer: Offer): readonly Uint8Array[] {
  const { context, entries } = parseCertificate(body)
  if (context.length > 0) throw new TlsError(ALERT.decodeError, "the server's certificate has a context")
  if (entries.length === 0) throw new TlsError(ALERT.certificateRequired, 'the server sent no certificate')
  for (const { type } of entries.flatMap(({ extensions }) => extensions)) {
    if (!offer.hasExtension(type) || !BESIDE.includes(type))
      throw new TlsError(
        ALERT.unsupportedExtension,
        `an extension 0x${type.toString(16)} of nobody beside a certificate`,
      )
  }
  return entries.map(({ certificate }) => certificate)
}

/**
 * @param transcript hash of ClientHello to Certificate
 * @throws TlsError
 */
export function verifyServer(
  body: Uint8Array,
  key: VerifyingKey,
  offer: Offer,
  transcript: Uint8Array,
): void {
  const { scheme, signature } = parseCertificateVerify(body)
  if (!offer.hasScheme(scheme))
    throw new TlsError(
      ALERT.illegalParameter,
      `the server signed with 0x${scheme.toString(16)}, which was not offered`,
    )
  requireHandshakeSignature(key, scheme, concat(SIGNED_PREFIX, transcript), signature)
}
