/** What an endpoint needs to know about itself and remember about others. */
import type { X25519KeyPair } from '../../crypto/index.ts'
import type { VerifiedCertificate } from '../../identity/index.ts'

/** The keys an endpoint shows. */
export interface EndpointIdentity {
  /** Peer id. */
  readonly peer: string
  readonly staticKey: X25519KeyPair
  /** The 145-byte certificate to show now; the holder renews it at half-life. */
  certificate(): Uint8Array | Promise<Uint8Array>
}

/** The known-peers record of section 2.1, which carries the roll-back rule of section 2.3. */
export interface PeerTrust {
  /** The X25519 key on record for this peer. */
  keyOf(peer: string): Promise<Uint8Array | undefined>
  /**
   * Checks a verified certificate against the record and makes the new record durable.
   * @param named the peer is named by an address or an access list, so that its record is kept without limit
   * @throws AivError `E_CERTIFICATE` on a roll-back
   */
  record(certificate: VerifiedCertificate, named: boolean): Promise<void>
}

/** Remembers nothing: for throw-away clients and tests. */
export const forgetfulTrust: PeerTrust = {
  keyOf: async () => undefined,
  record: async () => {},
}
