/** The two keys of an authority, both from one identity: it signs with the first and receives shares with the second. */
import { AivError, equal, u32, utf8 } from '../../core/index.ts'
import { type Ed25519KeyPair, erase, hkdf, type Pvss } from '../../crypto/index.ts'
import type { AuthorityNetwork } from './network.ts'
import type { AuthoritySelf } from './round.ts'

const SALT = utf8('aiv-mix-authority-sharing-v1')

/** @throws AivError `E_CRYPTO` after the identity was erased */
export function authorityKeys(
  pvss: Pvss,
  identity: Ed25519KeyPair,
): { readonly identityKey: Uint8Array; readonly sharingKey: Uint8Array } {
  const secret = sharingSecret(pvss, identity)
  const keys = { identityKey: identity.publicKey, sharingKey: pvss.publicKey(secret) }
  erase(secret)
  return keys
}

/**
 * The place of an identity among the authorities of a network, with its keys.
 * @throws AivError `E_INPUT` when it is none of them, or the network has another sharing key for it
 */
export function authoritySelf(
  pvss: Pvss,
  network: AuthorityNetwork,
  identity: Ed25519KeyPair,
): AuthoritySelf {
  const index = network.authorities.findIndex(({ identityKey }) => equal(identityKey, identity.publicKey))
  const authority = network.authorities[index]
  if (authority === undefined)
    throw new AivError('E_INPUT', 'this identity is none of the authorities of the network')
  const secret = sharingSecret(pvss, identity)
  if (!equal(pvss.publicKey(secret), authority.sharingKey))
    throw new AivError('E_INPUT', 'the network has another sharing key for this authority', {
      hint: 'aiv mix directory keys prints the right one.',
    })
  return { index, identity, sharingSecret: secret }
}

/** A key of its own: what HKDF derives under a label of its own tells nothing about the seed. */
function sharingSecret(pvss: Pvss, identity: Ed25519KeyPair): Uint8Array {
  const seed = identity.exportSeed()
  let draws = 0
  const secret = pvss.generateSecretKey({ bytes: (length) => hkdf(seed, SALT, u32(draws++), length) })
  erase(seed)
  return secret
}
