/** AlgorithmIdentifiers of certificate signatures (RFC 4055, 5758, 8410, 9881). */
import { AivError, concat, fromHex, toHex } from '../../../core/index.ts'
import type { SignatureAlgorithm, SignatureHash } from '../../../crypto/index.ts'
import { sequence, TAG, tlv } from '../der.ts'

const NULL = fromHex('0500')
const RSA = '06092a864886f70d0101'
const MGF1 = fromHex(`${RSA}08`)
const ECDSA_SHA2 = '06082a8648ce3d0403'
const ML_DSA = '06096086480165030403'

/** Object identifier and length of the hashes. */
const HASHES: readonly (readonly [hash: SignatureHash, oid: string, bytes: number])[] = [
  ['sha256', '0609608648016503040201', 32],
  ['sha384', '0609608648016503040202', 48],
  ['sha512', '0609608648016503040203', 64],
]

/** Last byte of the object identifiers that differ in the hash. */
const PKCS1_LAST: Readonly<Record<SignatureHash, string>> = { sha256: '0b', sha384: '0c', sha512: '0d' }
const ECDSA_LAST: Readonly<Record<SignatureHash, string>> = { sha256: '02', sha384: '03', sha512: '04' }

/** By the content of the AlgorithmIdentifier in hex. Each has one encoding, so nothing else is read out of it. */
const ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ...HASHES.flatMap(([hash, oid, bytes]): [string, SignatureAlgorithm][] => [
    [`${RSA}${PKCS1_LAST[hash]}0500`, { family: 'rsa-pkcs1', hash }],
    // RFC 4055 section 5 asks to take it without its NULL too.
    [`${RSA}${PKCS1_LAST[hash]}`, { family: 'rsa-pkcs1', hash }],
    [`${ECDSA_SHA2}${ECDSA_LAST[hash]}`, { family: 'ecdsa', hash }],
    [`${RSA}0a${toHex(pssParameters(fromHex(oid), bytes))}`, { family: 'rsa-pss', hash }],
  ]),
  ['06032b6570', { family: 'ed25519' }],
  [`${ML_DSA}11`, { family: 'ml-dsa', kind: 'ml-dsa-44' }],
  [`${ML_DSA}12`, { family: 'ml-dsa', kind: 'ml-dsa-65' }],
  [`${ML_DSA}13`, { family: 'ml-dsa', kind: 'ml-dsa-87' }],
])

/** Hashes with which anybody can make a second certificate for a signature. */
const BROKEN: readonly (readonly [prefix: string, name: string])[] = [
  [`${RSA}02`, 'MD2'],
  [`${RSA}04`, 'MD5'],
  [`${RSA}05`, 'SHA-1'],
  ['06072a8648ce3d0401', 'SHA-1'],
]

/**
 * @param identifier content of an AlgorithmIdentifier
 * @throws AivError `E_CERTIFICATE` for a broken, unknown or differently encoded algorithm
 */
export function signatureAlgorithm(identifier: Uint8Array): SignatureAlgorithm {
  const key = toHex(identifier)
  const algorithm = ALGORITHMS.get(key)
  if (algorithm !== undefined) return algorithm
  const [, broken] = BROKEN.find(([prefix]) => key.startsWith(prefix)) ?? []
  const why = broken === undefined ? 'is not taken' : `uses ${broken}, which is broken`
  throw new AivError('E_CERTIFICATE', `the algorithm of its signature ${why}`)
}

/** RSASSA-PSS-params with one hash for all and a salt of its length, as TLS wants it (RFC 8446 section 4.2.3). */
function pssParameters(oid: Uint8Array, bytes: number): Uint8Array {
  const hash = sequence(oid, NULL)
  return sequence(
    tlv(0xa0, hash),
    tlv(0xa1, sequence(concat(MGF1, hash))),
    tlv(0xa2, tlv(TAG.INTEGER, Uint8Array.of(bytes))),
  )
}
