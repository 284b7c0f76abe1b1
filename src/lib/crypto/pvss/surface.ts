/** The surface of publicly verifiable secret sharing, apart from the curve arithmetic, which is loaded on demand. */
import type { RandomSource } from '../../core/index.ts'

/** A compressed point or a scalar of ristretto255 (RFC 9496). */
export const PVSS_ELEMENT_BYTES = 32

/**
 * What a dealer publishes: anybody can check that the holders of `threshold` keys can find its secret, whatever the dealer does
 * from then on.
 */
export interface Dealing {
  /** Of the coefficients of the polynomial, the constant one first: as many as the threshold. */
  readonly commitments: readonly Uint8Array[]
  /** One for each holder, in their order. */
  readonly shares: readonly Uint8Array[]
  /** Of the proof that shares and commitments are of one polynomial. */
  readonly challenge: Uint8Array
  readonly responses: readonly Uint8Array[]
}

/** A holder's share as it is revealed, with the proof that it is the one of the dealing. */
export interface OpenedShare {
  /** Place of the holder, from 0. */
  readonly index: number
  readonly share: Uint8Array
  readonly challenge: Uint8Array
  readonly response: Uint8Array
}

/**
 * The scheme of B. Schoenmakers, "A Simple Publicly Verifiable Secret Sharing Scheme and Its Application to Electronic
 * Voting" (CRYPTO 1999), on ristretto255, with SHA-512 for its challenges. Proofs are bound to a `context`, which says what
 * the dealing is for and who made it.
 */
export interface Pvss {
  /** The 32-byte public key of a secret scalar. */
  publicKey(secretKey: Uint8Array): Uint8Array
  /** A secret scalar of 32 bytes, never zero. */
  generateSecretKey(random: RandomSource): Uint8Array
  /**
   * Deals a random secret to the holders of `publicKeys`.
   * @param threshold how many holders find the secret together: 1 to their number
   * @returns the dealing, and the secret exponent with which the dealer opens it itself
   * @throws AivError `E_CRYPTO` for a bad key or threshold
   */
  deal(
    publicKeys: readonly Uint8Array[],
    threshold: number,
    context: Uint8Array,
    random: RandomSource,
  ): { readonly dealing: Dealing; readonly secret: Uint8Array }
  /** Whether a dealing can be opened by any `threshold` of the holders. Never throws. */
  verifyDealing(
    dealing: Dealing,
    publicKeys: readonly Uint8Array[],
    threshold: number,
    context: Uint8Array,
  ): boolean
  /** The value that was dealt, from what the dealer reveals; undefined when it does not fit the dealing. */
  openBySecret(dealing: Dealing, secret: Uint8Array): Uint8Array | undefined
  /** @throws AivError `E_CRYPTO` for a dealing without a share at `index`, which verification would have refused */
  openShare(
    dealing: Dealing,
    index: number,
    secretKey: Uint8Array,
    context: Uint8Array,
    random: RandomSource,
  ): OpenedShare
  /** Whether a share is the one of the dealing. Never throws. */
  verifyShare(dealing: Dealing, opened: OpenedShare, publicKey: Uint8Array, context: Uint8Array): boolean
  /**
   * The value that was dealt, from verified shares of different holders.
   * @returns undefined when there are fewer than the threshold
   */
  openByShares(dealing: Dealing, opened: readonly OpenedShare[]): Uint8Array | undefined
}
