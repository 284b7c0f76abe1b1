/**
 * Raw keys in and out of node:crypto. Node 26 takes raw bytes; early releases of Node 24 know DER only, where the
 * raw bytes follow a constant prefix (RFC 8410; RFC 9935 for ML-KEM, whose seed form is `[0] OCTET STRING (64)`).
 */
import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import { AivError, concat, fromHex } from '../../core/index.ts'
import { MLKEM768_SEED_BYTES } from '../constants.ts'
import { erase } from '../secrets.ts'
import { plain } from './bytes.ts'

export type KeyType = 'x25519' | 'ed25519' | 'ml-kem-768'

/** One way to move raw keys; a private key of `ml-kem-768` is its seed. Errors are node:crypto's own. */
export interface KeyFormat {
  importPrivate(type: KeyType, raw: Uint8Array): KeyObject
  importPublic(type: KeyType, raw: Uint8Array): KeyObject
  exportPublic(key: KeyObject): Uint8Array
  /** A raw public key as `diffieHellman` takes it fastest. */
  publicInput(type: KeyType, raw: Uint8Array): KeyObject
  /** The 64-byte seed of an ML-KEM private key. */
  exportSeed(key: KeyObject): Uint8Array
}

export const rawKeyFormat: KeyFormat = {
  importPrivate: (type, raw) =>
    createPrivateKey({
      key: raw,
      format: type === 'ml-kem-768' ? 'raw-seed' : 'raw-private',
      asymmetricKeyType: type,
    }),
  importPublic: (type, raw) => createPublicKey({ key: raw, format: 'raw-public', asymmetricKeyType: type }),
  exportPublic: (key) => plain(key.export({ format: 'raw-public' })),
  publicInput: (type, raw) =>
    diffieHellmanTakesRaw() ? rawInput(type, raw) : rawKeyFormat.importPublic(type, raw),
  exportSeed: (key) => plain(key.export({ format: 'raw-seed' })),
}

/** A tenth faster than a key object of its own. The declared type does not know yet that raw keys are taken. */
const rawInput = (type: KeyType, raw: Uint8Array): KeyObject =>
  ({ key: raw, format: 'raw-public', asymmetricKeyType: type }) as unknown as KeyObject

let takesRaw: boolean | undefined

/** Asked once, because a Node that refuses raw keys here would turn every shared secret into "low-order point". */
function diffieHellmanTakesRaw(): boolean {
  if (takesRaw === undefined) {
    const nine = new Uint8Array(32).fill(9)
    try {
      const privateKey = rawKeyFormat.importPrivate('x25519', nine)
      takesRaw = diffieHellman({ privateKey, publicKey: rawInput('x25519', nine) }).length === nine.length
    } catch {
      takesRaw = false
    }
  }
  return takesRaw
}

const PKCS8_PREFIX: Readonly<Record<KeyType, Uint8Array>> = {
  x25519: fromHex('302e020100300506032b656e04220420'),
  ed25519: fromHex('302e020100300506032b657004220420'),
  'ml-kem-768': fromHex('3054020100300b060960864801650304040204428040'),
}

const SPKI_PREFIX: Readonly<Record<KeyType, Uint8Array>> = {
  x25519: fromHex('302a300506032b656e032100'),
  ed25519: fromHex('302a300506032b6570032100'),
  'ml-kem-768': fromHex('308204b2300b0609608648016503040402038204a100'),
}

/** Node 24 writes the form with seed and expanded key; the seed is its first OCTET STRING. */
const PKCS8_BOTH_PREFIX = fromHex('308209be020100300b0609608648016503040402048209aa308209a60440')

const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean =>
  prefix.every((byte, i) => bytes[i] === byte)

export const derKeyFormat: KeyFormat = {
  importPrivate(type, raw) {
    const der = concat(PKCS8_PREFIX[type], raw)
    try {
      return createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' })
    } finally {
      erase(der)
    }
  },
  importPublic(type, raw) {
    const der = concat(SPKI_PREFIX[type], raw)
    return createPublicKey({ key: Buffer.from(der.buffer), format: 'der', type: 'spki' })
  },
  exportPublic(key) {
    const type = key.asymmetricKeyType as KeyType
    return plain(key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX[type].length))
  },
  publicInput: (type, raw) => derKeyFormat.importPublic(type, raw),
  exportSeed(key) {
    const der = plain(key.export({ format: 'der', type: 'pkcs8' }))
    const prefix = [PKCS8_PREFIX['ml-kem-768'], PKCS8_BOTH_PREFIX].find((known) => startsWith(der, known))
    if (prefix === undefined) throw new AivError('E_CRYPTO', 'the ML-KEM private key carries no seed')
    const seed = der.slice(prefix.length, prefix.length + MLKEM768_SEED_BYTES)
    erase(der)
    return seed
  },
}

let chosen: KeyFormat | undefined

/** The faster format that this Node understands. */
export function keyFormat(): KeyFormat {
  if (chosen === undefined) {
    try {
      rawKeyFormat.importPublic('x25519', new Uint8Array(32).fill(9))
      chosen = rawKeyFormat
    } catch {
      chosen = derKeyFormat
    }
  }
  return chosen
}
