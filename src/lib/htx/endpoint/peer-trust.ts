/** What an endpoint needs to know about itself and remember about others. */
import type { Clock, RandomSource } from '../../core/index.ts'
import type { X25519KeyPair } from '../../crypto/index.ts'
import {
  anonymousIdentity,
  type Identity,
  renewCertificate,
  type VerifiedCertificate,
} from '../../identity/index.ts'

/** Who an endpoint is. */
export interface EndpointIdentityOptions {
  /** A throw-away identity when absent. */
  readonly identity?: Identity
  /**
   * Gives the identity to show from now on, its certificate renewed at half-life and saved: two certificates of one
   * start, issued by two processes, would look like a roll-back. Renewed in memory only when absent.
   */
  readonly renew?: (identity: Identity) => Promise<Identity>
}

/** The keys an endpoint shows. */
export class EndpointIdentity {
  #identity: Identity
  readonly #renew: (identity: Identity) => Promise<Identity>

  constructor(options: EndpointIdentityOptions, clock: Clock, random: RandomSource) {
    this.#identity = options.identity ?? anonymousIdentity(random, clock)
    this.#renew = options.renew ?? (async (identity) => renewCertificate(identity, clock))
  }

  /** Peer id. */
  get peer(): string {
    return this.#identity.peer
  }

  get staticKey(): X25519KeyPair {
    return this.#identity.noise
  }

  /** The 145-byte certificate to show now. A renewed one is shown only after it was saved. */
  async certificate(): Promise<Uint8Array> {
    this.#identity = await this.#renew(this.#identity)
    return this.#identity.certificate
  }
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
