/** What an endpoint needs to know about itself and remember about others. */
import { type Clock, type RandomSource, unixSeconds, utf8 } from '../../core/index.ts'
import { erase, hkdf, type X25519KeyPair } from '../../crypto/index.ts'
import {
  anonymousIdentity,
  type Identity,
  parseCertificate,
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

/** A renewal that failed, or that changed nothing, is tried again after this long; milliseconds. */
const RENEW_AGAIN_MS = 60_000

/** The keys an endpoint shows. */
export class EndpointIdentity {
  #identity: Identity
  readonly #clock: Clock
  readonly #renew: (identity: Identity) => Promise<Identity>
  readonly #onError: (error: Error) => void
  #renewing: Promise<void> | undefined
  #renewAt = Number.NEGATIVE_INFINITY

  /** @param onError told when a due renewal failed, at most once a minute */
  constructor(
    options: EndpointIdentityOptions,
    clock: Clock,
    random: RandomSource,
    onError: (error: Error) => void = () => {},
  ) {
    this.#identity = options.identity ?? anonymousIdentity(random, clock)
    this.#clock = clock
    this.#renew = options.renew ?? (async (identity) => renewCertificate(identity, clock))
    this.#onError = onError
  }

  /** Peer id. */
  get peer(): string {
    return this.#identity.peer
  }

  get staticKey(): X25519KeyPair {
    return this.#identity.noise
  }

  /**
   * A key for what this endpoint keeps at rest, from the secrets of its identity (HKDF-SHA-256, RFC 5869); another one
   * after a rotation of the Noise key.
   * @param purpose one key, one purpose
   * @returns 32 bytes
   */
  deriveKey(purpose: string): Uint8Array {
    const seed = this.#identity.sign.exportSeed()
    const key = hkdf(seed, this.staticKey.publicKey, utf8(purpose), 32)
    erase(seed)
    return key
  }

  /**
   * The 145-byte certificate to show now. A due renewal runs beside: the present certificate is good for as long
   * again, and a key file that cannot be written must not keep peers out. Only an expired one is waited for.
   */
  async certificate(): Promise<Uint8Array> {
    const { notBefore, notAfter } = parseCertificate(this.#identity.certificate)
    const now = unixSeconds(this.#clock)
    if (now >= notBefore + (notAfter - notBefore) / 2) {
      const renewal = this.#startRenewal()
      if (now > notAfter) await renewal
    }
    return this.#identity.certificate
  }

  #startRenewal(): Promise<void> {
    if (this.#renewing !== undefined) return this.#renewing
    if (this.#clock.now() < this.#renewAt) return Promise.resolve()
    this.#renewAt = this.#clock.now() + RENEW_AGAIN_MS
    this.#renewing = this.#renew(this.#identity)
      .then((renewed) => {
        this.#identity = renewed
      })
      .catch(this.#onError)
      .finally(() => {
        this.#renewing = undefined
      })
    return this.#renewing
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
