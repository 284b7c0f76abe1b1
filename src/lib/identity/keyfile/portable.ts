/** An identity as a JSON object for other programs and for copies: `key export` writes it, `key import` reads it. */
import {
  AivError,
  type Clock,
  fromHex,
  fromUtf8,
  isAivError,
  type RandomSource,
  toHex,
} from '../../core/index.ts'
import {
  ED25519_BYTES,
  erase,
  MLKEM768_SEED_BYTES,
  VRF_SEED_BYTES,
  X25519_BYTES,
} from '../../crypto/index.ts'
import { isCertificateOf } from '../certificate.ts'
import { CERTIFICATE_BYTES } from '../constants.ts'
import { Fields } from '../files/json-fields.ts'
import {
  eraseSecrets,
  exportPublic,
  exportSecrets,
  type Identity,
  type IdentitySecrets,
  identityFromSeed,
  keyPairsOf,
  type PublicIdentity,
} from '../identity.ts'

/** Byte strings are lower-case hex. */
export interface PortableIdentity {
  readonly v: 1
  readonly peer: string
  readonly sign_public: string
  readonly noise_public: string
  readonly vrf_public: string
  readonly kem_public: string
  readonly certificate: string
  /** Validity of the certificate, unix seconds. */
  readonly not_before: number
  readonly not_after: number
  /** Only when asked for. */
  readonly secret?: {
    readonly sign_seed: string
    readonly noise_private: string
    readonly vrf_seed: string
    readonly kem_seed: string
    readonly last_not_before: number
  }
}

const RAW_SEED = /^[0-9a-fA-F]{64}$/

/** The public part. */
export function portablePublic(identity: PublicIdentity): PortableIdentity {
  return {
    v: 1,
    peer: identity.peer,
    sign_public: toHex(identity.signPublic),
    noise_public: toHex(identity.noisePublic),
    vrf_public: toHex(identity.vrfPublic),
    kem_public: toHex(identity.kemPublic),
    certificate: toHex(identity.certificate),
    not_before: identity.notBefore,
    not_after: identity.notAfter,
  }
}

/** The secret part, as text in memory that cannot be overwritten: only for output. */
export function portableSecret(identity: Identity): NonNullable<PortableIdentity['secret']> {
  const secrets = exportSecrets(identity)
  try {
    return {
      sign_seed: toHex(secrets.signSeed),
      noise_private: toHex(secrets.noisePrivate),
      vrf_seed: toHex(secrets.vrfSeed),
      kem_seed: toHex(secrets.kemSeed),
      last_not_before: identity.lastNotBefore,
    }
  } finally {
    eraseSecrets(secrets)
  }
}

/**
 * Reads what `key export --secret` wrote, or 64 hex digits: an Ed25519 seed (RFC 8032) that keeps its name and gets
 * fresh other keys.
 * @throws AivError `E_KEY_FILE`; its message never quotes the input
 */
export function importIdentity(input: Uint8Array, random: RandomSource, clock: Clock): Identity {
  const seed = rawSeed(input)
  if (seed !== undefined) {
    const identity = identityFromSeed(seed, random, clock)
    erase(seed)
    return identity
  }
  try {
    return parsePortable(Fields.ofJson(input))
  } catch (error) {
    if (!isAivError(error, 'E_MALFORMED')) throw error
    throw new AivError('E_KEY_FILE', `the identity cannot be imported: ${error.message}`)
  }
}

function rawSeed(input: Uint8Array): Uint8Array | undefined {
  // Room for the digits and white space around them.
  if (input.length > 80) return undefined
  try {
    const text = fromUtf8(input).trim()
    return RAW_SEED.test(text) ? fromHex(text) : undefined
  } catch {
    return undefined
  }
}

function parsePortable(fields: Fields): Identity {
  if (fields.integer('v') !== 1) throw new AivError('E_MALFORMED', 'its version is not 1')
  if (!fields.has('secret'))
    throw new AivError('E_MALFORMED', 'it has no secret part; it was exported without --secret')
  const secret = new Fields(fields.optional('secret'))
  const secrets: IdentitySecrets = {
    signSeed: secret.bytes('sign_seed', ED25519_BYTES),
    noisePrivate: secret.bytes('noise_private', X25519_BYTES),
    vrfSeed: secret.bytes('vrf_seed', VRF_SEED_BYTES),
    kemSeed: secret.bytes('kem_seed', MLKEM768_SEED_BYTES),
  }
  const lastNotBefore = secret.integer('last_not_before')
  secret.finish()
  const keys = keyPairsOf(secrets)
  eraseSecrets(secrets)
  const certificate = fields.bytes('certificate', CERTIFICATE_BYTES)
  const owner = { signPublic: keys.sign.publicKey, noisePublic: keys.noise.publicKey, lastNotBefore }
  if (!isCertificateOf(certificate, owner)) throw misfit('certificate')
  const identity = { ...keys, certificate, lastNotBefore }
  // The public fields are there for people; where one disagrees, somebody mixed two identities.
  for (const [name, value] of Object.entries(portablePublic(exportPublic(identity))))
    if (name !== 'v' && name !== 'certificate' && fields.optional(name) !== value) throw misfit(name)
  fields.finish()
  return identity
}

function misfit(what: string): AivError {
  return new AivError('E_MALFORMED', `its ${what} does not fit its keys`)
}
