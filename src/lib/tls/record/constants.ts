/** Records of TLS 1.3 (RFC 8446 section 5). */

export const RECORD_HEADER_BYTES = 5

export const CONTENT = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const

/** What is not protected says, up to the answer of the server and behind it (RFC 8446 section 5.1). */
export const RECORD_VERSION = { first: 0x0301, agreed: 0x0303 } as const

/** Longest content of a record, bytes. */
export const PLAINTEXT_MOST = 2 ** 14

/** With the type behind it, padding and tag: how much more a protected fragment may have, bytes. */
export const EXPANSION_MOST = 256
