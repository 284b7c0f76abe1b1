/** Sizes and limits of the Noise Protocol Framework, revision 34, in bytes. */

/** Longest Noise message, section 3. */
export const MAX_MESSAGE_BYTES = 65_535
/** DHLEN of 25519 and HASHLEN of SHA256 and BLAKE2s, sections 12.1, 12.5 and 12.7. */
export const DH_BYTES = 32
export const HASH_BYTES = 32
/** Cipher keys and pre-shared keys, sections 4.2 and 9. */
export const KEY_BYTES = 32
export const PSK_BYTES = 32
/** Authentication tag of ChaChaPoly, section 12.3. */
export const TAG_BYTES = 16
