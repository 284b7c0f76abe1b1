/** The curves of NIST that key agreement uses here, and their private keys (FIPS 186-5, appendix A.2.2). */
import { compare, fromHex, isAllZero, type RandomSource } from '../core/index.ts'

export interface NistCurve {
  readonly name: string
  /** Bytes of a private key, of a coordinate, and of a shared secret. */
  readonly bytes: number
  /** Private keys are from 1 to below it. */
  readonly order: Uint8Array
}

export const P256: NistCurve = {
  name: 'P-256',
  bytes: 32,
  order: fromHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
}

export const P384: NistCurve = {
  name: 'P-384',
  bytes: 48,
  order: fromHex(
    'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  ),
}

/** Of an uncompressed point (SEC 1 section 2.3.3). */
export function publicKeyBytes({ bytes }: NistCurve): number {
  return 1 + 2 * bytes
}

/** Drawn again where it would be out of range, so that no value is favoured. */
export function drawPrivateKey({ bytes, order }: NistCurve, random: RandomSource): Uint8Array {
  for (;;) {
    const key = random.bytes(bytes)
    if (compare(key, order) < 0 && !isAllZero(key)) return key
  }
}
