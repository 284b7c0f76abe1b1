/**
 * The identity file's JSON document, version 1. Everything public is readable without the passphrase; `secrets`
 * is the hex of Ed25519 seed ‖ X25519 private key ‖ VRF seed ‖ ML-KEM-768 seed, as it is or sealed.
 */
import { AivError, isAivError, toHex, utf8 } from '../../core/index.ts'
import {
  AEAD_TAG_BYTES,
  ED25519_BYTES,
  MLKEM768_ENCAPSULATION_KEY_BYTES,
  MLKEM768_SEED_BYTES,
  VRF_SEED_BYTES,
  X25519_BYTES,
} from '../../crypto/index.ts'
import { CERTIFICATE_BYTES } from '../constants.ts'
import { Fields } from '../files/json-fields.ts'
import type { IdentitySecrets } from '../identity.ts'
import { encryptionJson, parseEncryption } from './encryption-json.ts'
import type { Encryption } from './key-protection.ts'

const SECRETS_BYTES = ED25519_BYTES + X25519_BYTES + VRF_SEED_BYTES + MLKEM768_SEED_BYTES

const VERSION = 1
const TYPE = 'aiv identity'

export interface IdentityHeader {
  readonly peer: string
  readonly signPublic: Uint8Array
  readonly noisePublic: Uint8Array
  readonly vrfPublic: Uint8Array
  readonly kemPublic: Uint8Array
  readonly certificate: Uint8Array
  readonly lastNotBefore: number
  /** Absent when the secrets are not encrypted. */
  readonly encryption: Encryption | undefined
}

export interface IdentityDocument {
  readonly header: IdentityHeader
  /** 160 bytes, or 176 when sealed. */
  readonly secrets: Uint8Array
}

/** The bytes that the seal of the secrets covers besides them: the document without `secrets`, in one spelling. */
export function headerBytes(header: IdentityHeader): Uint8Array {
  return utf8(JSON.stringify(headerJson(header)))
}

export function encodeDocument({ header, secrets }: IdentityDocument): Uint8Array {
  return utf8(`${JSON.stringify({ ...headerJson(header), secrets: toHex(secrets) }, null, 2)}\n`)
}

function headerJson(header: IdentityHeader): Record<string, unknown> {
  return {
    v: VERSION,
    type: TYPE,
    peer: header.peer,
    sign_public: toHex(header.signPublic),
    noise_public: toHex(header.noisePublic),
    vrf_public: toHex(header.vrfPublic),
    kem_public: toHex(header.kemPublic),
    certificate: toHex(header.certificate),
    last_not_before: header.lastNotBefore,
    encryption: header.encryption === undefined ? null : encryptionJson(header.encryption),
  }
}

/**
 * Reads a document: shapes and lengths, not yet whether its parts fit each other.
 * @throws AivError `E_KEY_FILE`
 */
export function parseDocument(bytes: Uint8Array): IdentityDocument {
  try {
    return readDocument(bytes)
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED'))
      throw new AivError('E_KEY_FILE', `the identity cannot be read: ${error.message}`)
    throw error
  }
}

function readDocument(bytes: Uint8Array): IdentityDocument {
  const fields = Fields.ofJson(bytes)
  if (fields.text('type') !== TYPE) throw malformed('it is not an identity file')
  const version = fields.integer('v')
  if (version !== VERSION) throw malformed(`its version is ${version}; this program knows ${VERSION}`)
  const encryption = parseEncryption(fields.optional('encryption'))
  const header: IdentityHeader = {
    peer: fields.text('peer'),
    signPublic: fields.bytes('sign_public', ED25519_BYTES),
    noisePublic: fields.bytes('noise_public', X25519_BYTES),
    vrfPublic: fields.bytes('vrf_public', ED25519_BYTES),
    kemPublic: fields.bytes('kem_public', MLKEM768_ENCAPSULATION_KEY_BYTES),
    certificate: fields.bytes('certificate', CERTIFICATE_BYTES),
    lastNotBefore: fields.integer('last_not_before'),
    encryption,
  }
  const secrets = fields.bytes('secrets', SECRETS_BYTES + (encryption === undefined ? 0 : AEAD_TAG_BYTES))
  fields.finish()
  return { header, secrets }
}

function malformed(why: string): AivError {
  return new AivError('E_MALFORMED', why)
}

export function joinSecrets({ signSeed, noisePrivate, vrfSeed, kemSeed }: IdentitySecrets): Uint8Array {
  const out = new Uint8Array(SECRETS_BYTES)
  let at = 0
  for (const part of [signSeed, noisePrivate, vrfSeed, kemSeed]) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** The parts as views of `secrets`. */
export function splitSecrets(secrets: Uint8Array): IdentitySecrets {
  let at = 0
  const next = (length: number): Uint8Array => {
    const part = secrets.subarray(at, at + length)
    at += length
    return part
  }
  return {
    signSeed: next(ED25519_BYTES),
    noisePrivate: next(X25519_BYTES),
    vrfSeed: next(VRF_SEED_BYTES),
    kemSeed: next(MLKEM768_SEED_BYTES),
  }
}
