/**
 * The vector suite `aez`: AEZ v5 as lists of `{k, nonce, data, tau, m, c}` (the reference implementation's files) or
 * `{vectors: [{key_hex, iv_hex, plaintext_hex, ciphertext_hex}]}` (Katzenpost's). Judged is what Sphinx uses: 48-byte keys, 16-byte
 * nonces, no associated data, tau 0, 32 bytes or more; the rest is skipped with its reason.
 */
import {
  AivError,
  equal,
  fromHex,
  runVectorChecks,
  SkippedVector,
  type VectorCheck,
  type VectorSuite,
} from '../../core/index.ts'
import { AEZ_KEY_BYTES, AEZ_MIN_BYTES, AEZ_NONCE_BYTES, aez5Decrypt, aez5Encrypt } from '../aez/aez.ts'

const SUITE = 'aez'

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checksOf(content: string): VectorCheck[] {
  let document: unknown
  try {
    document = JSON.parse(content)
  } catch (cause) {
    throw new AivError('E_MALFORMED', 'the file is not JSON', { cause })
  }
  const list = isFields(document) && Object.hasOwn(document, 'vectors') ? document.vectors : document
  if (!Array.isArray(list) || list.length === 0)
    throw new AivError('E_MALFORMED', 'the file holds no AEZ vectors')
  return list.map((vector: unknown, index) => ({
    id: isFields(vector) && typeof vector.name === 'string' ? vector.name : `${index}`,
    run: () => replay(vector),
  }))
}

function replay(vector: unknown): void {
  if (!isFields(vector)) throw new AivError('E_MALFORMED', 'the vector is not an object')
  if (!['m', 'plaintext_hex'].some((name) => Object.hasOwn(vector, name)))
    throw new SkippedVector('it is of a part of AEZ that Sphinx does not use')
  const key = bytes(vector, 'k', 'key_hex')
  const nonce = bytes(vector, 'nonce', 'iv_hex')
  const plaintext = bytes(vector, 'm', 'plaintext_hex')
  const ciphertext = bytes(vector, 'c', 'ciphertext_hex')
  if (Object.hasOwn(vector, 'tau') && vector.tau !== 0) throw new SkippedVector('it has an authenticator')
  if (Array.isArray(vector.data) && vector.data.length > 0) throw new SkippedVector('it has associated data')
  if (key.length !== AEZ_KEY_BYTES) throw new SkippedVector(`its key is not ${AEZ_KEY_BYTES} bytes long`)
  if (nonce.length !== AEZ_NONCE_BYTES)
    throw new SkippedVector(`its nonce is not ${AEZ_NONCE_BYTES} bytes long`)
  if (plaintext.length < AEZ_MIN_BYTES)
    throw new SkippedVector(`it is shorter than ${AEZ_MIN_BYTES} bytes, the least that Sphinx has`)
  expectSame(aez5Encrypt(key, nonce, plaintext), ciphertext, 'the ciphertext')
  expectSame(aez5Decrypt(key, nonce, ciphertext), plaintext, 'the plaintext')
}

function bytes(vector: Fields, ...names: readonly string[]): Uint8Array {
  const name = names.find((candidate) => Object.hasOwn(vector, candidate))
  const value = name === undefined ? undefined : vector[name]
  if (typeof value !== 'string') throw new AivError('E_MALFORMED', `${names[0]} is missing`)
  return fromHex(value)
}

function expectSame(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (!equal(actual, expected)) throw new AivError('E_VECTORS_FAILED', `${what} differs from the vector`)
}

export const aezSuite: VectorSuite = {
  name: SUITE,
  async run({ path, content }) {
    try {
      return await runVectorChecks(SUITE, path, checksOf(content))
    } catch (error) {
      const unreadable: VectorCheck = {
        id: 'file',
        run() {
          throw error
        },
      }
      return runVectorChecks(SUITE, path, [unreadable])
    }
  },
}
