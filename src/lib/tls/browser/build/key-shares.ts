/** Key shares of a ClientHello (RFC 8446 section 4.2.8), with the private keys that stay behind. */
import { AivError, concat, type RandomSource, u16 } from '../../../core/index.ts'
import {
  type EcdhKeyPair,
  MLKEM768_SEED_BYTES,
  type MlKem768KeyPair,
  mlkem768,
  p256,
  p384,
  type X25519KeyPair,
  x25519,
} from '../../../crypto/index.ts'
import { vector16 } from '../../hello/byte-writer.ts'
import { GROUP } from '../../hello/groups.ts'
import type { KeyShareContent } from '../template/template.ts'

/** The body of the share that says nothing. */
const GREASE_SHARE = Uint8Array.of(0)

/** What a group leaves with the client. Each is used for one key agreement, then erased. */
export interface KeyShareKeys {
  readonly x25519?: X25519KeyPair
  readonly mlkem768?: MlKem768KeyPair
  readonly p256?: EcdhKeyPair
  readonly p384?: EcdhKeyPair
}

export interface DrawnShares {
  /** The body of key_share. */
  readonly body: Uint8Array
  /** By group. */
  readonly keys: ReadonlyMap<number, KeyShareKeys>
}

export interface KeyMaker {
  readonly x25519: () => X25519KeyPair
  readonly mlkem768: () => MlKem768KeyPair
  readonly p256: () => EcdhKeyPair
  readonly p384: () => EcdhKeyPair
}

/** Keys of this random source: of the system's when absent, repeatable ones with a seeded source. */
export function keyMaker(random: RandomSource | undefined): KeyMaker {
  return {
    x25519: () => x25519.generate(random),
    mlkem768: () => mlkem768.generate(random?.bytes(MLKEM768_SEED_BYTES)),
    p256: () => p256.generate(random),
    p384: () => p384.generate(random),
  }
}

/** @throws AivError `E_UNSUPPORTED` for a group that no keys can be made for */
export function drawShares(
  { list, x25519: reuse }: KeyShareContent,
  grease: number,
  make: KeyMaker,
): DrawnShares {
  const keys = new Map<number, KeyShareKeys>()
  const shared = reuse === 'shared' ? make.x25519() : undefined
  const own = { ...make, x25519: () => shared ?? make.x25519() }
  const entries = list.map((group) => {
    if (group === 'GREASE') return entry(grease, GREASE_SHARE)
    const { pairs, share } = drawShare(group, own)
    keys.set(group, pairs)
    return entry(group, share)
  })
  return { body: vector16(concat(...entries)), keys }
}

/** The one share that a server asked for, and the body of key_share with it. */
export function drawOneShare(group: number, make: KeyMaker): DrawnShares {
  const { pairs, share } = drawShare(group, make)
  return { body: vector16(entry(group, share)), keys: new Map([[group, pairs]]) }
}

function drawShare(
  group: number,
  make: KeyMaker,
): { readonly pairs: KeyShareKeys; readonly share: Uint8Array } {
  switch (group) {
    case GROUP.secp256r1: {
      const pair = make.p256()
      return { pairs: { p256: pair }, share: pair.publicKey }
    }
    case GROUP.secp384r1: {
      const pair = make.p384()
      return { pairs: { p384: pair }, share: pair.publicKey }
    }
    case GROUP.x25519: {
      const pair = make.x25519()
      return { pairs: { x25519: pair }, share: pair.publicKey }
    }
    case GROUP.x25519mlkem768:
    case GROUP.x25519kyber768: {
      const pairs = { mlkem768: make.mlkem768(), x25519: make.x25519() }
      const parts = [pairs.mlkem768.encapsulationKey, pairs.x25519.publicKey]
      return { pairs, share: concat(...(group === GROUP.x25519mlkem768 ? parts : parts.reverse())) }
    }
    default:
      throw new AivError('E_UNSUPPORTED', `no key share can be made for the group 0x${group.toString(16)}`)
  }
}

function entry(group: number, share: Uint8Array): Uint8Array {
  return concat(u16(group), vector16(share))
}
