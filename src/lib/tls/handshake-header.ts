/** The header of TLS handshake messages (RFC 8446 section 4): type, 24-bit length. */

export const CLIENT_HELLO = 1
export const HANDSHAKE_HEADER_BYTES = 4
