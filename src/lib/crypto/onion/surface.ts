/** Primitives that only other onion formats than ours use: for their vectors, and loaded on demand. */

/** Points are 33 bytes compressed, scalars 32 bytes big-endian (SEC 2 version 2, section 2.4.1). */
export interface Secp256k1 {
  /** @throws AivError `E_CRYPTO` when the scalar is zero modulo the order */
  publicKey(scalar: Uint8Array): Uint8Array
  /**
   * A peer's point times a scalar; undefined when the bytes are no point of the curve.
   * @throws AivError `E_CRYPTO` when the scalar is zero modulo the order
   */
  multiply(point: Uint8Array, scalar: Uint8Array): Uint8Array | undefined
  /** The product of two scalars modulo the order. */
  multiplyScalars(a: Uint8Array, b: Uint8Array): Uint8Array
}

export interface Blake2bParameters {
  /** 1 to 64 bytes. */
  readonly key?: Uint8Array
  /** Of the output, 1 to 64 bytes; part of what is hashed. */
  readonly length: number
}

/** BLAKE2b (RFC 7693) over the parts in order. */
export type VariableBlake2b = (parameters: Blake2bParameters, ...parts: readonly Uint8Array[]) => Uint8Array

export async function loadSecp256k1(): Promise<Secp256k1> {
  return (await import('./secp256k1.ts')).groupOfSecp256k1
}

export async function loadVariableBlake2b(): Promise<VariableBlake2b> {
  return (await import('./variable-blake2b.ts')).variableBlake2b
}
