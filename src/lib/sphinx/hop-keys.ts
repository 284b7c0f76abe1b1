/** The keys that sender and node derive from the shared secret of one hop. */
import { utf8 } from '../core/index.ts'
import { chacha20Keystream, erase, hkdfExpand } from '../crypto/index.ts'
import { MAC_BYTES, SPRP_IV_BYTES, SPRP_KEY_BYTES, SPRP_KEY_MATERIAL_BYTES, TAU_BYTES } from './constants.ts'

const KDF_INFO = utf8('katzenpost-kdf-v0-hkdf-sha256')
const TAU_INFO = utf8('aiv-mix-tau-v1')

const STREAM_KEY_BYTES = 32
const BLIND_SEED_BYTES = 32
const IV_AT = MAC_BYTES + STREAM_KEY_BYTES
const SPRP_KEY_AT = IV_AT + SPRP_IV_BYTES
const BLIND_SEED_AT = SPRP_KEY_AT + SPRP_KEY_BYTES
const KEY_BYTES = BLIND_SEED_AT + BLIND_SEED_BYTES

/** Views of one block of memory, so that {@link eraseHopKeys} reaches all of them. */
export interface HopKeys {
  readonly block: Uint8Array
  readonly macKey: Uint8Array
  readonly streamKey: Uint8Array
  /** First counter block of the header's stream, and the nonce of the payload's cipher: they have different keys. */
  readonly iv: Uint8Array
  readonly sprpKey: Uint8Array
  /** Of the scalar that blinds the group element; unused in `kem`. */
  readonly blindSeed: Uint8Array
}

/**
 * HKDF-Expand alone: the shared secret is the pseudorandom key, as in Katzenpost.
 * @param secret 32 bytes
 */
export function deriveHopKeys(secret: Uint8Array): HopKeys {
  const block = hkdfExpand(secret, KDF_INFO, KEY_BYTES)
  return {
    block,
    macKey: block.subarray(0, MAC_BYTES),
    streamKey: block.subarray(MAC_BYTES, IV_AT),
    iv: block.subarray(IV_AT, SPRP_KEY_AT),
    sprpKey: block.subarray(SPRP_KEY_AT, BLIND_SEED_AT),
    blindSeed: block.subarray(BLIND_SEED_AT),
  }
}

export function eraseHopKeys(keys: HopKeys): void {
  erase(keys.block)
}

/** Key and nonce of the payload's cipher in one array of 64 bytes, as the maker of a SURB keeps them. */
export function sprpMaterial(keys: HopKeys): Uint8Array {
  const material = new Uint8Array(SPRP_KEY_MATERIAL_BYTES)
  material.set(keys.sprpKey)
  material.set(keys.iv, SPRP_KEY_BYTES)
  return material
}

/** The X25519 scalar that blinds the group element of `nike` for the next hop: 32 bytes, clamped at use. */
export function blindingScalar({ blindSeed }: HopKeys): Uint8Array {
  return chacha20Keystream(blindSeed, 32)
}

/**
 * The 32 bytes of which a node that chooses delays makes the delay of this packet. From the shared secret and never from
 * the group element: the hop before sees the element, and could compute the delay once the node's epoch value is public.
 */
export function deriveTau(secret: Uint8Array): Uint8Array {
  return hkdfExpand(secret, TAU_INFO, TAU_BYTES)
}
