/** The server's half of the key agreements of RFC 8446 section 4.2.8 and of X25519MLKEM768, on node:crypto. */
import {
  createECDH,
  createPublicKey,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { joined } from './wire.ts'

export const NAMED_GROUP = { p256: 0x17, p384: 0x18, x25519: 0x1d, hybrid: 0x11ec } as const

export interface Agreed {
  readonly share: Uint8Array
  readonly secret: Uint8Array
}

/** What stands before the keys in SubjectPublicKeyInfo. */
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex')
const MLKEM768_SPKI = Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex')
const MLKEM768_KEY_BYTES = 1184

/** One pair for all handshakes: nobody's secrets depend on it, and runs take a third of the time. */
let x25519Pair: { readonly privateKey: KeyObject; readonly share: Uint8Array } | undefined

export function agreed(group: number, clientShare: Uint8Array): Agreed {
  switch (group) {
    case NAMED_GROUP.p256:
      return onCurve('prime256v1', clientShare)
    case NAMED_GROUP.p384:
      return onCurve('secp384r1', clientShare)
    case NAMED_GROUP.hybrid: {
      const kem = publicKey(MLKEM768_SPKI, clientShare.subarray(0, MLKEM768_KEY_BYTES))
      const { sharedKey, ciphertext } = encapsulate(kem)
      const classic = onX25519(clientShare.subarray(MLKEM768_KEY_BYTES))
      return { share: joined(ciphertext, classic.share), secret: joined(sharedKey, classic.secret) }
    }
    default:
      return onX25519(clientShare)
  }
}

function onX25519(clientShare: Uint8Array): Agreed {
  x25519Pair ??= newX25519()
  const { privateKey, share } = x25519Pair
  const secret = diffieHellman({ privateKey, publicKey: publicKey(X25519_SPKI, clientShare) })
  return { share, secret: new Uint8Array(secret) }
}

function newX25519(): NonNullable<typeof x25519Pair> {
  const { privateKey, publicKey: own } = generateKeyPairSync('x25519')
  const spki = own.export({ type: 'spki', format: 'der' })
  return { privateKey, share: new Uint8Array(spki.subarray(X25519_SPKI.length)) }
}

function onCurve(name: string, clientShare: Uint8Array): Agreed {
  const pair = createECDH(name)
  const share = new Uint8Array(pair.generateKeys())
  return { share, secret: new Uint8Array(pair.computeSecret(clientShare)) }
}

function publicKey(prefix: Uint8Array, raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(joined(prefix, raw)), format: 'der', type: 'spki' })
}
