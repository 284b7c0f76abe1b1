/** Tests of Wycheproof (C2SP/wycheproof, Apache-2.0) for the primitives of TLS 1.3, through the surface that it uses. */
import {
  AivError,
  concat,
  fromHex,
  isAivError,
  SkippedVector,
  toHex,
  type VectorCheck,
} from '../../core/index.ts'
import {
  type Aead,
  aes128gcm,
  aes256gcm,
  chacha20poly1305,
  hkdf,
  mlkem768,
  x25519,
} from '../../crypto/index.ts'
import { expectSame, type Fields, failing, isFields } from './documents.ts'

/** Throws when the test does not hold. */
type Judge = (test: Fields, group: Fields) => void

const JUDGES: Readonly<Record<string, Judge>> = {
  'AES-GCM': (test, group) => judgeAead(aesOf(group), test, group),
  'CHACHA20-POLY1305': (test, group) => judgeAead(chacha20poly1305, test, group),
  XDH: judgeX25519,
  'HKDF-SHA-256': (test) => judgeHkdf(test, 'sha256'),
  'HKDF-SHA-384': (test) => judgeHkdf(test, 'sha384'),
  'ML-KEM': judgeMlKem,
}

export function isWycheproof({ algorithm, testGroups }: Fields): boolean {
  return typeof algorithm === 'string' && Array.isArray(testGroups)
}

export function wycheproofChecks(document: Fields): readonly VectorCheck[] {
  const { algorithm } = document
  const judge = Object.hasOwn(JUDGES, algorithm as string) ? JUDGES[algorithm as string] : undefined
  if (judge === undefined)
    return [failing('file', new SkippedVector(`${String(algorithm)} has no part in TLS 1.3 here`))]
  return (document.testGroups as readonly unknown[]).flatMap((group) => {
    if (!isFields(group) || !Array.isArray(group.tests)) return [failing('group', 'a group without tests')]
    return group.tests.map((test: unknown) =>
      isFields(test)
        ? { id: `${String(algorithm)} ${String(test.tcId)}`, run: () => judge(test, group) }
        : failing('test', 'a test that is no object'),
    )
  })
}

function aesOf({ keySize }: Fields): Aead {
  if (keySize === 128) return aes128gcm
  if (keySize === 256) return aes256gcm
  throw new SkippedVector(`TLS 1.3 has no AES of ${String(keySize)} bits`)
}

function judgeAead(aead: Aead, test: Fields, { ivSize }: Fields): void {
  if (ivSize !== 8 * aead.nonceBytes)
    throw new SkippedVector(`TLS 1.3 has no nonce of ${String(ivSize)} bits`)
  const key = hex(test, 'key')
  const nonce = hex(test, 'iv')
  const aad = hex(test, 'aad')
  const msg = hex(test, 'msg')
  const sealed = concat(hex(test, 'ct'), hex(test, 'tag'))
  const opened = aead.open(key, nonce, aad, sealed)
  if (test.result !== 'valid') {
    if (opened !== undefined) throw new Error('what was altered is opened')
    return
  }
  expectSame(opened === undefined ? undefined : toHex(opened), toHex(msg))
  expectSame(toHex(aead.seal(key, nonce, aad, msg)), toHex(sealed))
}

/** TLS refuses a secret of zeros (RFC 8446 section 7.4.2), which others may accept. */
function judgeX25519(test: Fields, { curve }: Fields): void {
  if (curve !== 'curve25519') throw new SkippedVector(`${String(curve)} is not X25519`)
  const shared = hex(test, 'shared')
  const isRefused = shared.every((byte) => byte === 0)
  const computed = unlessRefused(() =>
    x25519.fromPrivate(hex(test, 'private')).sharedSecret(hex(test, 'public')),
  )
  if (computed === undefined && (isRefused || test.result !== 'valid')) return
  expectSame(computed === undefined ? 'refused' : toHex(computed), isRefused ? 'refused' : toHex(shared))
}

function judgeHkdf(test: Fields, hash: 'sha256' | 'sha384'): void {
  const size = Number(test.size)
  const computed = unlessRefused(() =>
    hkdf(hex(test, 'ikm'), hex(test, 'salt'), hex(test, 'info'), size, hash),
  )
  expectSame(
    computed === undefined ? 'refused' : toHex(computed),
    test.result === 'valid' ? test.okm : 'refused',
  )
}

function judgeMlKem(test: Fields, { parameterSet }: Fields): void {
  if (parameterSet !== 'ML-KEM-768')
    throw new SkippedVector(`${String(parameterSet)} has no part in TLS here`)
  const decapsulated = unlessRefused(() => {
    const pair = mlkem768.generate(hex(test, 'seed'))
    if (typeof test.ek === 'string') expectSame(toHex(pair.encapsulationKey), test.ek)
    return pair.decapsulate(hex(test, 'c'))
  })
  const computed = decapsulated === undefined ? 'refused' : toHex(decapsulated)
  expectSame(computed, test.result === 'valid' ? test.K : 'refused')
}

/** Undefined when the primitive refuses its input, as it should what is invalid. */
function unlessRefused(compute: () => Uint8Array): Uint8Array | undefined {
  try {
    return compute()
  } catch (error) {
    if (isAivError(error, 'E_CRYPTO')) return undefined
    throw error
  }
}

function hex(test: Fields, name: string): Uint8Array {
  const text = test[name]
  if (typeof text !== 'string') throw new AivError('E_MALFORMED', `a test without ${name}`)
  return fromHex(text)
}
