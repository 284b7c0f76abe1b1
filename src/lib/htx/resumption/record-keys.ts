/**
 * Where records lie in the store:
 *
 *   r/ ‖ id                          the sealed record
 *   o/ ‖ created u64 ‖ id            its scope: all records by age, for the bound
 *   p/ ‖ scope ‖ id                  its created: the records of a peer, for rotation
 *
 * id is SHA-256(handle): the store never sees a handle. scope is `own ‖ own x ‖ peer ‖ peer x`; the parts that speak
 * of the peer are keyed, so that a stolen file does not say whom the listener has met.
 */
import { concat, readU64, u64, utf8 } from '../../core/index.ts'
import { hmac, sha256 } from '../../crypto/index.ts'
import type { KeyRange, StoreOp } from '../../storage/index.ts'

const RECORD = utf8('r/')
const ORDER = utf8('o/')
const PEER = utf8('p/')
const ID_BYTES = 32
const TAG_BYTES = 16
/** Above everything that can follow a tag. */
const ABOVE = new Uint8Array(128).fill(0xff)

export const ALL_BY_AGE: KeyRange = { prefix: ORDER }

export interface RecordPlace {
  readonly id: Uint8Array
  /** Unix seconds. */
  readonly created: number
  readonly scope: Uint8Array
}

export function recordKey(id: Uint8Array): Uint8Array {
  return concat(RECORD, id)
}

export function putOps(place: RecordPlace, sealed: Uint8Array): readonly StoreOp[] {
  const { id, created, scope } = place
  return [
    { put: recordKey(id), value: sealed },
    { put: concat(ORDER, u64(created), id), value: scope },
    { put: concat(PEER, scope, id), value: u64(created) },
  ]
}

export function deleteOps({ id, created, scope }: RecordPlace): readonly StoreOp[] {
  return [
    { delete: recordKey(id) },
    { delete: concat(ORDER, u64(created), id) },
    { delete: concat(PEER, scope, id) },
  ]
}

/** Reads an entry of `ALL_BY_AGE` back. */
export function placeByAge(key: Uint8Array, value: Uint8Array): RecordPlace {
  const idAt = ORDER.length + 8
  return { id: key.slice(idAt), created: Number(readU64(key, ORDER.length)), scope: value.slice() }
}

/** Reads an entry of a peer's range back. */
export function placeOfPeer(key: Uint8Array, value: Uint8Array): RecordPlace {
  const idAt = key.length - ID_BYTES
  return { id: key.slice(idAt), created: Number(readU64(value, 0)), scope: key.slice(PEER.length, idAt) }
}

/** Scopes of one listener. */
export class RecordScopes {
  readonly #own: Uint8Array
  readonly #ownKey: Uint8Array
  readonly #key: Uint8Array

  /** @param key 32 bytes that tag peers and nothing else */
  constructor(own: string, ownX: Uint8Array, key: Uint8Array) {
    this.#own = sha256(utf8('aiv htx resumption peer'), utf8(own)).slice(0, TAG_BYTES)
    this.#ownKey = sha256(utf8('aiv htx resumption key'), ownX).slice(0, TAG_BYTES)
    this.#key = key
  }

  of(peer: string, x: Uint8Array): Uint8Array {
    return concat(this.#own, this.#ownKey, this.#peerTag(peer), this.#keyTag(x))
  }

  /** Every record of the listener under a key that it has rotated away. */
  underOldOwnKeys(): readonly KeyRange[] {
    return othersThan(concat(PEER, this.#own), this.#ownKey)
  }

  /** Every record of a peer under another key than `x`. */
  underOtherKeys(peer: string, x: Uint8Array): readonly KeyRange[] {
    return othersThan(concat(PEER, this.#own, this.#ownKey, this.#peerTag(peer)), this.#keyTag(x))
  }

  #peerTag(peer: string): Uint8Array {
    return hmac('sha256', this.#key, utf8('peer'), utf8(peer)).slice(0, TAG_BYTES)
  }

  #keyTag(x: Uint8Array): Uint8Array {
    return hmac('sha256', this.#key, utf8('x'), x).slice(0, TAG_BYTES)
  }
}

/** What begins with `prefix` and does not go on with `kept`: two ranges, so that what is kept is not walked. */
function othersThan(prefix: Uint8Array, kept: Uint8Array): readonly KeyRange[] {
  const from = concat(prefix, kept)
  return [
    { prefix, to: from },
    { prefix, from: concat(from, ABOVE) },
  ]
}
