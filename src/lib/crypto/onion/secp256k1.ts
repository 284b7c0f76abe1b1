/** The group of secp256k1 by @noble/curves: OpenSSL multiplies no points for its callers. */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { AivError, toHex } from '../../core/index.ts'
import { requireLength } from '../lengths.ts'
import type { Secp256k1 } from './surface.ts'

const { Point } = secp256k1
const SCALAR_BYTES = 32

export const groupOfSecp256k1: Secp256k1 = {
  publicKey: (scalar) => Point.BASE.multiply(scalarOf(scalar)).toBytes(true),

  multiply(point, scalar) {
    const factor = scalarOf(scalar)
    try {
      return Point.fromBytes(point).multiply(factor).toBytes(true)
    } catch {
      return undefined
    }
  },

  multiplyScalars: (a, b) => Point.Fn.toBytes(Point.Fn.mul(scalarOf(a), scalarOf(b))),
}

function scalarOf(bytes: Uint8Array): bigint {
  requireLength(bytes, SCALAR_BYTES, 'secp256k1 scalar')
  const value = Point.Fn.create(BigInt(`0x${toHex(bytes)}`))
  if (value === 0n) throw new AivError('E_CRYPTO', 'the secp256k1 scalar is zero')
  return value
}
