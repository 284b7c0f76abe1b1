/** The certificates of a TLS 1.3 server (RFC 8446 section 4.4.2): is it the one that was asked for? */
import type { Clock } from '../../../core/index.ts'
import type { VerifyingKey } from '../../../crypto/index.ts'
import type { TrustRoots } from '../roots/trust-roots.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { allowsKeyUsage, allowsServerAuth, subjectAltNames } from '../x509/extensions.ts'
import { requireUnderstood } from '../x509/understood-extensions.ts'
import { CertificateError, reading } from './certificate-error.ts'
import { CHAIN_BYTES_MOST, CHAIN_CERTIFICATES_MOST } from './constants.ts'
import { requireValidNow } from './issuer-checks.ts'
import { buildPath } from './path-building.ts'
import { isNamed, serverIdentity } from './server-identity.ts'
import { formatSpkiPin, isPinned } from './spki-pin.ts'

export interface ServerChainOptions {
  /** As the server sent them, DER; its own comes first, the others in any order. */
  readonly chain: readonly Uint8Array[]
  /** DNS name or IP address that was asked for. */
  readonly serverName: string
  readonly roots: TrustRoots
  readonly clock: Clock
  /**
   * SHA-256 of the SubjectPublicKeyInfo of servers that are known by their key. When there are any, the key alone
   * decides: neither names nor dates nor who vouches for it could add to having met exactly this key.
   */
  readonly pins?: readonly Uint8Array[]
}

export interface VerifiedLeaf {
  /** What the server must have signed the handshake with. */
  readonly key: VerifyingKey
  /** DER from the server's certificate to the root; of a pinned server its own alone. */
  readonly path: readonly Uint8Array[]
  readonly isPinned: boolean
}

const WHO = "the server's certificate"

/**
 * Revocation is not asked for: that would tell a third party which server is visited.
 * @throws CertificateError with the alert to send; code `E_CERTIFICATE`, or `E_UNSUPPORTED` for what this Node.js does
 * not know
 * @throws AivError `E_USAGE` when `serverName` is no name
 */
export function verifyServerChain(options: ServerChainOptions): VerifiedLeaf {
  const { chain, pins = [] } = options
  requireBounded(chain)
  const [first, ...others] = chain
  if (first === undefined) throw new CertificateError('decode_error', 'the server sent no certificate')
  const leaf = reading(WHO, () => parseCertificate(first))
  const key = reading(WHO, () => leaf.publicKey())
  if (pins.length > 0) {
    requirePinned(leaf, pins)
    return { key, path: [leaf.der], isPinned: true }
  }
  requireServer(leaf, options)
  const { roots, clock } = options
  const path = buildPath({ leaf, intermediates: readable(others), roots, nowMs: clock.wallMs() })
  return { key, path: path.map(({ der }) => der), isPinned: false }
}

function requireBounded(chain: readonly Uint8Array[]): void {
  const bytes = chain.reduce((sum, { length }) => sum + length, 0)
  if (chain.length > CHAIN_CERTIFICATES_MOST || bytes > CHAIN_BYTES_MOST)
    throw new CertificateError(
      'bad_certificate',
      `the server sent ${chain.length} certificates of ${bytes} bytes, more than any needs`,
    )
}

function requirePinned({ spki }: Certificate, pins: readonly Uint8Array[]): void {
  if (!isPinned(spki, pins))
    throw new CertificateError(
      'bad_certificate',
      `the server has another key than the pinned one: ${formatSpkiPin(spki)}`,
    )
}

function requireServer(leaf: Certificate, { clock, serverName }: ServerChainOptions): void {
  const identity = serverIdentity(serverName)
  reading(WHO, () => {
    requireUnderstood(leaf)
    // TLS 1.3 signs with it and never encrypts to it (RFC 8446 section 4.4.2.2).
    if (!allowsKeyUsage(leaf, 'digitalSignature'))
      throw new CertificateError('unsupported_certificate', `${WHO} may not sign a handshake`)
    if (!allowsServerAuth(leaf))
      throw new CertificateError('unsupported_certificate', `${WHO} is not for servers`)
    if (!isNamed(identity, subjectAltNames(leaf)))
      throw new CertificateError('bad_certificate', `${WHO} is not for ${JSON.stringify(serverName)}`)
  })
  requireValidNow(leaf, WHO, clock.wallMs())
}

/** What is sent beside the server's own certificate is an offer: one that cannot be read helps nobody and harms nobody. */
function readable(chain: readonly Uint8Array[]): readonly Certificate[] {
  return chain.flatMap((der) => {
    try {
      return [parseCertificate(der)]
    } catch {
      return []
    }
  })
}
