/** How a client comes to trust a server. */

/** The public key of a certificate that is trusted. */
export interface ServerIdentity {
  /**
   * @param scheme SignatureScheme that was offered
   * @throws TlsError when the scheme does not fit the key
   */
  verifySignature(scheme: number, content: Uint8Array, signature: Uint8Array): boolean
}

/**
 * Decides about a chain.
 * @param chain DER, the certificate of the server first, at least one
 * @throws TlsError with the alert that says why not
 */
export type VerifyChain = (chain: readonly Uint8Array[]) => ServerIdentity
