/** Private keys of P-256: numbers from 1 to below the order of the curve (FIPS 186-5, appendix A.2.2). */
import { compare, fromHex, isAllZero, type RandomSource } from '../core/index.ts'
import { P256_PRIVATE_KEY_BYTES } from './constants.ts'

const ORDER = fromHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')

/** Drawn again where it would be out of range, so that no value is favoured. */
export function scalarBelowOrder(random: RandomSource): Uint8Array {
  for (;;) {
    const scalar = random.bytes(P256_PRIVATE_KEY_BYTES)
    if (compare(scalar, ORDER) < 0 && !isAllZero(scalar)) return scalar
  }
}
