/** Sizes of the Sphinx packets of Katzenpost, in bytes. Sizes that depend on the packet stand in its geometry. */

/** Associated data that opens every packet: version 0.0. */
export const AD_BYTES = 2
/** Group element of the header: an X25519 public key, or the ciphertext of X25519 as KEM. */
export const ELEMENT_BYTES = 32
export const NODE_ID_BYTES = 32
export const RECIPIENT_ID_BYTES = 32
export const SURB_ID_BYTES = 16
/** HMAC-SHA-256, not truncated. */
export const MAC_BYTES = 32
/** Zero bytes in front of the payload, which a receiver finds again unless somebody touched the packet. */
export const PAYLOAD_TAG_BYTES = 32
/** Key and nonce of the wide-block cipher (AEZ v5). */
export const SPRP_KEY_BYTES = 48
export const SPRP_IV_BYTES = 16
export const SPRP_KEY_MATERIAL_BYTES = SPRP_KEY_BYTES + SPRP_IV_BYTES
/** The part of a slot that carries commands: next-node-hop (1 + 32 + 32) and room for a SURB reply (1 + 16). */
export const COMMANDS_BYTES = 82
/** Flags and reserved byte before the plaintext of Katzenpost's clients. */
export const PLAINTEXT_HEADER_BYTES = 2
/** Shared secret of a hop, and the value of which delays are derived. */
export const SHARED_SECRET_BYTES = 32
export const REPLAY_TAG_BYTES = 32
export const TAU_BYTES = 32

/** Longest paths that a geometry may have; the header grows by a slot for each hop. */
export const MAX_HOPS = 16
/** Largest packets, so that nobody can make a node allocate more. */
export const MAX_PACKET_BYTES = 1 << 20

export const DEFAULT_HOPS = 3
export const DEFAULT_PACKET_BYTES = 2048
