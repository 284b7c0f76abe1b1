/** Which layer a node mixes in. It depends on no other node, so that one who withholds its proof moves nobody. */
import { readU64, utf8 } from '../../core/index.ts'
import { sha512 } from '../../crypto/index.ts'

const LAYER_DOMAIN = 'aiv-mix-layer-v1'

/** `u64be(SHA-512("aiv-mix-layer-v1" || R_e || id)[0..8)) mod layers` */
export function layerByHash(sharedRandom: Uint8Array, id: Uint8Array, layers: number): number {
  return Number(readU64(sha512(utf8(LAYER_DOMAIN), sharedRandom, id), 0) % BigInt(layers))
}
