/** Numbers of key agreements in the registry of TLS, and of two hybrids that browsers have sent. */
export const GROUP = {
  secp256r1: 0x0017,
  secp384r1: 0x0018,
  secp521r1: 0x0019,
  x25519: 0x001d,
  /** draft-ietf-tls-ecdhe-mlkem: ML-KEM first. */
  x25519mlkem768: 0x11ec,
  /** draft-tls-westerbaan-xyber768d00: X25519 first. Its keys have the form of ML-KEM. */
  x25519kyber768: 0x6399,
} as const
