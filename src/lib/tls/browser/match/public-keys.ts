/** Whether bytes may be a public key that somebody made, as far as an onlooker can tell. */
import { isAllZero } from '../../../core/index.ts'

const X25519_BYTES = 32
/** 2^255 - 19. */
const X25519_P = 2n ** 255n - 19n
/** Coordinates of order 1, 2, 4 and 8 (cr.yp.to/ecdh.html, "validate public keys"): no private key leads to them. */
const LOW_ORDER: readonly bigint[] = [
  0n,
  1n,
  X25519_P - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
]

/** P-256: y^2 = x^3 - 3x + b over the integers modulo p (FIPS 186-5, SP 800-186 section 3.2.1.3). */
const P256_P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
const P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn
const P256_BYTES = 65
const UNCOMPRESSED_POINT = 4

/** Of the vector in an ML-KEM-768 key: 768 coefficients of 12 bits, each below q (FIPS 203 sections 4.2.1 and 7.2). */
const MLKEM768_VECTOR_BYTES = 1152
const MLKEM_Q = 3329

/** A coordinate below p, in its one form, and of a large order. */
export function mayBeX25519(key: Uint8Array): boolean {
  if (key.length !== X25519_BYTES) return false
  const u = BigInt(`0x${Buffer.from(key).reverse().toString('hex')}`)
  return u < X25519_P && !LOW_ORDER.includes(u)
}

/** An uncompressed point of the curve. */
export function mayBeP256(key: Uint8Array): boolean {
  if (key.length !== P256_BYTES || key[0] !== UNCOMPRESSED_POINT) return false
  const text = Buffer.from(key).toString('hex')
  const [x, y] = [BigInt(`0x${text.slice(2, 66)}`), BigInt(`0x${text.slice(66)}`)]
  return x < P256_P && y < P256_P && (y * y - (x * x * x - 3n * x + P256_B)) % P256_P === 0n
}

/** Coefficients below q, and not all of them zero. */
export function mayBeMlKem768(key: Uint8Array): boolean {
  for (let at = 0; at < MLKEM768_VECTOR_BYTES; at += 3) {
    const [low, middle, high] = [key[at], key[at + 1], key[at + 2]] as [number, number, number]
    if ((low | ((middle & 0x0f) << 8)) >= MLKEM_Q || ((middle >>> 4) | (high << 4)) >= MLKEM_Q) return false
  }
  return !isAllZero(key.subarray(0, MLKEM768_VECTOR_BYTES))
}
