/** Blinded routes of BOLT 4: the receiver hides its end of a path, as a SURB does, behind node ids that it blinded. */
import { EMPTY } from '../../core/index.ts'
import { chacha20poly1305, type Secp256k1, sha256 } from '../../crypto/index.ts'
import { derivedKey, sharedSecret } from './bolt04.ts'
import { readRecords } from './tlv.ts'

/** One key, one message: the key of a hop comes of a path key that is used once. */
const NONCE = new Uint8Array(chacha20poly1305.nonceBytes)
/** In the data for a hop: the path key of another route that begins behind it. */
const OVERRIDE_TYPE = 8
const BLINDED_NODE_ID = 'blinded_node_id'

export interface BlindedHop {
  readonly secret: Uint8Array
  readonly pathKey: Uint8Array
  readonly blindedNodeId: Uint8Array
  readonly encryptedData: Uint8Array
  /** The private key behind the next hop's path key. */
  readonly nextScalar: Uint8Array
}

export interface UnblindedHop {
  readonly data: Uint8Array
  readonly nextPathKey: Uint8Array
  /** What the data say in place of `nextPathKey`. */
  readonly override: Uint8Array | undefined
}

/**
 * @param scalar private key behind the path key at this hop, 32 bytes
 * @returns undefined when the node id is no point
 */
export function blindHop(
  group: Secp256k1,
  scalar: Uint8Array,
  nodeId: Uint8Array,
  data: Uint8Array,
): BlindedHop | undefined {
  const secret = sharedSecret(group, nodeId, scalar)
  if (secret === undefined) return undefined
  const blindedNodeId = group.multiply(nodeId, derivedKey(BLINDED_NODE_ID, secret))
  if (blindedNodeId === undefined) return undefined
  const pathKey = group.publicKey(scalar)
  return {
    secret,
    pathKey,
    blindedNodeId,
    encryptedData: chacha20poly1305.seal(derivedKey('rho', secret), NONCE, EMPTY, data),
    nextScalar: group.multiplyScalars(scalar, sha256(pathKey, secret)),
  }
}

/** What the node behind a blinded id learns; undefined when the data are not for it or were touched. */
export function unblindHop(
  group: Secp256k1,
  privateKey: Uint8Array,
  pathKey: Uint8Array,
  encryptedData: Uint8Array,
): UnblindedHop | undefined {
  const secret = sharedSecret(group, pathKey, privateKey)
  if (secret === undefined) return undefined
  const data = chacha20poly1305.open(derivedKey('rho', secret), NONCE, EMPTY, encryptedData)
  const nextPathKey = group.multiply(pathKey, sha256(pathKey, secret))
  if (data === undefined || nextPathKey === undefined) return undefined
  return { data, nextPathKey, override: readRecords(data)?.get(OVERRIDE_TYPE) }
}

/** The private key with which a node opens onions to its blinded id; undefined when the path key is no point. */
export function blindedPrivateKey(
  group: Secp256k1,
  privateKey: Uint8Array,
  pathKey: Uint8Array,
): Uint8Array | undefined {
  const secret = sharedSecret(group, pathKey, privateKey)
  return secret && group.multiplyScalars(privateKey, derivedKey(BLINDED_NODE_ID, secret))
}
