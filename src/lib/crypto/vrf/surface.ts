/** The surface of the verifiable random functions, apart from the curve arithmetic, which is loaded on demand. */

/** `tai`: ECVRF-EDWARDS25519-SHA512-TAI. `ell2`: ECVRF-EDWARDS25519-SHA512-ELL2 (RFC 9381 section 5.5). */
export const VRF_SUITES = ['tai', 'ell2'] as const
export type VrfSuite = (typeof VRF_SUITES)[number]

/** Gamma, challenge and s (RFC 9381 section 5.1). */
export const VRF_PROOF_BYTES = 80
/** The output beta. */
export const VRF_OUTPUT_BYTES = 64
export const VRF_SEED_BYTES = 32

export interface Ecvrf {
  /**
   * The 32-byte public key of a 32-byte seed, as Ed25519 derives it.
   * @throws AivError `E_CRYPTO` for another length
   */
  publicKey(seed: Uint8Array): Uint8Array
  /**
   * The 80-byte proof for `alpha`; the same every time.
   * @throws AivError `E_CRYPTO` for a seed of another length
   */
  prove(suite: VrfSuite, seed: Uint8Array, alpha: Uint8Array): Uint8Array
  /** The 64-byte output that the proof shows for this key and `alpha`; undefined when it shows nothing. Never throws. */
  verify(suite: VrfSuite, publicKey: Uint8Array, alpha: Uint8Array, proof: Uint8Array): Uint8Array | undefined
  /**
   * The output that a proof claims, unverified: for one's own proofs, or after `verify`. Undefined when it is not the form of a
   * proof.
   */
  proofToHash(suite: VrfSuite, proof: Uint8Array): Uint8Array | undefined
}

/** Loads the verifiable random functions. It is asynchronous so that programs which never need them do not pay for it. */
export async function loadEcvrf(): Promise<Ecvrf> {
  return (await import('./ecvrf.ts')).ecvrf
}
