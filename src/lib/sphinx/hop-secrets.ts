/** The sender's side of the key agreement with every hop of a path. */
import { AivError, type RandomSource } from '../core/index.ts'
import { erase, kemSecret, type X25519KeyPair, x25519 } from '../crypto/index.ts'
import type { Geometry } from './geometry.ts'
import type { HeaderHop } from './header.ts'
import { blindingScalar, deriveHopKeys, eraseHopKeys, type HopKeys } from './hop-keys.ts'
import type { PathHop } from './types.ts'

/** What the sender shares with one hop. */
export interface AgreedHop extends HeaderHop {
  /** 32 bytes. */
  readonly secret: Uint8Array
}

/**
 * Agrees on keys with every hop.
 * @throws AivError `E_CRYPTO` when the key of a hop is a point of low order
 */
export function agreeWithHops(
  geometry: Geometry,
  path: readonly PathHop[],
  random: RandomSource,
): AgreedHop[] {
  return geometry.format === 'kem' ? agreeByKem(geometry, path, random) : agreeByNike(path, random)
}

/** One fresh key for each hop. */
function agreeByKem({ prf }: Geometry, path: readonly PathHop[], random: RandomSource): AgreedHop[] {
  return path.map(({ id, publicKey, commands }) => {
    const ephemeral = x25519.generate(random)
    const dh = sharedSecret(ephemeral, publicKey)
    const secret = kemSecret(prf, dh, publicKey, ephemeral.publicKey)
    ephemeral.erase()
    erase(dh)
    return { id, commands, element: ephemeral.publicKey, secret, keys: deriveHopKeys(secret) }
  })
}

/** One fresh key for all hops; each blinds its public part for the next. */
function agreeByNike(path: readonly PathHop[], random: RandomSource): AgreedHop[] {
  const factors: X25519KeyPair[] = [x25519.generate(random)]
  let element = (factors[0] as X25519KeyPair).publicKey
  const hops: AgreedHop[] = []
  for (const { id, publicKey, commands } of path) {
    let secret = publicKey
    for (const factor of factors) {
      const product = sharedSecret(factor, secret)
      if (secret !== publicKey) erase(secret)
      secret = product
    }
    const keys = deriveHopKeys(secret)
    hops.push({ id, commands, element, secret, keys })
    if (hops.length === path.length) break
    const scalar = blindingScalar(keys)
    const factor = x25519.fromPrivate(scalar)
    erase(scalar)
    element = sharedSecret(factor, element)
    factors.push(factor)
  }
  for (const factor of factors) factor.erase()
  return hops
}

function sharedSecret(own: X25519KeyPair, remote: Uint8Array): Uint8Array {
  try {
    return own.sharedSecret(remote)
  } catch (cause) {
    throw new AivError('E_CRYPTO', 'the mix key of a hop is no usable X25519 key', { cause })
  }
}

export function eraseAgreed(hops: readonly AgreedHop[]): void {
  for (const { secret, keys } of hops) {
    erase(secret)
    eraseHopKeys(keys as HopKeys)
  }
}
