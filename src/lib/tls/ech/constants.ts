/** Numbers of Encrypted Client Hello (RFC 9849). */

/** ECHConfig.version; the number of the extension is the same. */
export const ECH_VERSION = 0xfe0d
/** ECHClientHello.type. */
export const ECH_OUTER = 0
export const ECH_INNER = 1
/** Configuration extensions with this bit must be understood. */
export const MANDATORY_BIT = 0x8000
/** Bytes of the signal that a server has used the inner hello. */
export const CONFIRMATION_BYTES = 8
/** Configurations in one list. */
export const CONFIGS_MOST = 64
/** The bytes of an encoded inner hello are a multiple of this. */
export const PADDED_TO = 32
