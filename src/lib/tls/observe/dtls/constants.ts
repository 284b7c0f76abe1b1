/** Numbers of DTLS 1.0 (RFC 4347), 1.2 (RFC 6347) and of the plaintext records of 1.3 (RFC 9147). */

/** Content type, version, epoch, sequence number, length. */
export const RECORD_HEADER_BYTES = 13
/** Type, length, message_seq, fragment_offset, fragment_length. */
export const FRAGMENT_HEADER_BYTES = 12
/** Bytes of a plaintext record. */
export const MAX_PLAINTEXT_BYTES = 2 ** 14

export const CONTENT_TYPE_HANDSHAKE = 22
/** First byte of every version on the wire: fe ff is 1.0, fe fd is 1.2, and 1.3 says fe fd. */
export const VERSION_MAJOR = 0xfe
export const VERSION_MINORS: readonly number[] = [0xff, 0xfd]

/** No ClientHello comes near this. */
export const MAX_HELLO_BYTES = 64 * 1024
/** Messages of one flow under way at a time; a client sends one and waits. */
export const MAX_PARTIAL_MESSAGES = 4
/** Complete hellos whose repetition is recognized: the first, one with a cookie, and some of a port used again. */
export const MAX_REMEMBERED_HELLOS = 8
