/**
 * An identity: four keys, each for one purpose. The Ed25519 key names the peer and signs; the X25519 key is for
 * Noise only; the VRF key proves (RFC 9381, ECVRF-EDWARDS25519-SHA512-TAI); the ML-KEM-768 key decapsulates.
 */
import { type Clock, type RandomSource, unixSeconds } from '../core/index.ts'
import {
  ED25519_BYTES,
  type Ed25519KeyPair,
  ed25519,
  erase,
  MLKEM768_SEED_BYTES,
  type MlKem768KeyPair,
  mlkem768,
  VRF_SEED_BYTES,
  X25519_BYTES,
  type X25519KeyPair,
  x25519,
} from '../crypto/index.ts'
import { issueCertificate, parseCertificate } from './certificate.ts'
import { ANONYMOUS_LIFETIME, CERTIFICATE_LIFETIME } from './constants.ts'
import { peerIdOf } from './peer-id.ts'

/** Secret and public part of a VRF key; the secret is a seed as Ed25519 has it (RFC 9381 section 5.5). */
export interface VrfKeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** 32 bytes. */
  readonly seed: Uint8Array
}

export interface Identity {
  /** Peer id. */
  readonly peer: string
  readonly sign: Ed25519KeyPair
  readonly noise: X25519KeyPair
  readonly vrf: VrfKeyPair
  readonly kem: MlKem768KeyPair
  /** 145 bytes, for the present Noise key. */
  readonly certificate: Uint8Array
  /** Highest `not_before` ever issued, unix seconds. The next one is higher, or peers refuse it. */
  readonly lastNotBefore: number
}

/** What anybody may know. */
export interface PublicIdentity {
  readonly peer: string
  readonly signPublic: Uint8Array
  readonly noisePublic: Uint8Array
  readonly vrfPublic: Uint8Array
  /** 1,184 bytes. */
  readonly kemPublic: Uint8Array
  readonly certificate: Uint8Array
  /** Validity of the certificate, unix seconds. */
  readonly notBefore: number
  readonly notAfter: number
}

export interface IdentitySecrets {
  /** Ed25519 seed, 32 bytes. */
  readonly signSeed: Uint8Array
  /** X25519 private key, 32 bytes. */
  readonly noisePrivate: Uint8Array
  /** 32 bytes. */
  readonly vrfSeed: Uint8Array
  /** ML-KEM-768 seed `d ‖ z`, 64 bytes. */
  readonly kemSeed: Uint8Array
}

/** A new identity with a certificate that starts now. */
export function createIdentity(random: RandomSource, clock: Clock): Identity {
  return certified(freshKeys(random.bytes(ED25519_BYTES), random), 0, clock, CERTIFICATE_LIFETIME)
}

/** A new identity under the name of an existing Ed25519 seed, which is copied; all other keys are fresh. */
export function identityFromSeed(signSeed: Uint8Array, random: RandomSource, clock: Clock): Identity {
  return certified(freshKeys(signSeed.slice(), random), 0, clock, CERTIFICATE_LIFETIME)
}

/** A throw-away identity for a client that does not want to be known again. Never saved. */
export function anonymousIdentity(random: RandomSource, clock: Clock): Identity {
  return certified(freshKeys(random.bytes(ED25519_BYTES), random), 0, clock, ANONYMOUS_LIFETIME)
}

/** The same peer with a fresh Noise key and a certificate for it. The old certificate is superseded everywhere. */
export function rotateIdentity(identity: Identity, random: RandomSource, clock: Clock): Identity {
  const noise = x25519.generate(random)
  return certified({ ...identity, noise }, identity.lastNotBefore, clock, CERTIFICATE_LIFETIME)
}

/** The same keys with a newer certificate once half of the present one's lifetime is over, else `identity` itself. */
export function renewCertificate(identity: Identity, clock: Clock): Identity {
  const { notBefore, notAfter } = parseCertificate(identity.certificate)
  if (unixSeconds(clock) < notBefore + (notAfter - notBefore) / 2) return identity
  return certified(identity, identity.lastNotBefore, clock, CERTIFICATE_LIFETIME)
}

/** Everything of an identity that is not secret. */
export function exportPublic(identity: Identity): PublicIdentity {
  const { notBefore, notAfter } = parseCertificate(identity.certificate)
  return {
    peer: identity.peer,
    signPublic: identity.sign.publicKey,
    noisePublic: identity.noise.publicKey,
    vrfPublic: identity.vrf.publicKey,
    kemPublic: identity.kem.encapsulationKey,
    certificate: identity.certificate,
    notBefore,
    notAfter,
  }
}

/** Copies of the secrets; the caller erases them. */
export function exportSecrets(identity: Identity): IdentitySecrets {
  return {
    signSeed: identity.sign.exportSeed(),
    noisePrivate: identity.noise.exportPrivate(),
    vrfSeed: identity.vrf.seed.slice(),
    kemSeed: identity.kem.exportSeed(),
  }
}

/** Overwrites the secret keys; the identity can no longer be used. */
export function eraseIdentity(identity: Identity): void {
  identity.sign.erase()
  identity.noise.erase()
  erase(identity.vrf.seed)
  identity.kem.erase()
}

/** Overwrites exported secrets. */
export function eraseSecrets(secrets: IdentitySecrets): void {
  erase(secrets.signSeed, secrets.noisePrivate, secrets.vrfSeed, secrets.kemSeed)
}

type KeyPairs = Omit<Identity, 'certificate' | 'lastNotBefore'>

/** Takes `signSeed` over and overwrites it. */
function freshKeys(signSeed: Uint8Array, random: RandomSource): KeyPairs {
  const secrets = {
    signSeed,
    noisePrivate: random.bytes(X25519_BYTES),
    vrfSeed: random.bytes(VRF_SEED_BYTES),
    kemSeed: random.bytes(MLKEM768_SEED_BYTES),
  }
  const keys = keyPairsOf(secrets)
  eraseSecrets(secrets)
  return keys
}

/** The key pairs of stored secrets, which are copied. */
export function keyPairsOf(secrets: IdentitySecrets): KeyPairs {
  const sign = ed25519.fromSeed(secrets.signSeed)
  const vrf = ed25519.fromSeed(secrets.vrfSeed)
  const vrfPublic = vrf.publicKey
  vrf.erase()
  return {
    peer: peerIdOf(sign.publicKey),
    sign,
    noise: x25519.fromPrivate(secrets.noisePrivate),
    vrf: { publicKey: vrfPublic, seed: secrets.vrfSeed.slice() },
    kem: mlkem768.generate(secrets.kemSeed),
  }
}

/** A certificate for the keys; every one issued starts later than all before it (roll-back rule of htx 2.3). */
function certified(keys: KeyPairs, lastNotBefore: number, clock: Clock, lifetime: number): Identity {
  const notBefore = Math.max(unixSeconds(clock), lastNotBefore + 1)
  const certificate = issueCertificate(keys.sign, {
    noisePublic: keys.noise.publicKey,
    notBefore,
    notAfter: notBefore + lifetime,
  })
  const { peer, sign, noise, vrf, kem } = keys
  return { peer, sign, noise, vrf, kem, certificate, lastNotBefore: notBefore }
}
