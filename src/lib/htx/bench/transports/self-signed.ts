/** A certificate for one run of the TLS comparison: X.509 version 1 (RFC 5280), Ed25519 (RFC 8410), signed by itself. */
import { type Clock, concat, fromHex, utf8 } from '../../../core/index.ts'
import { ed25519, systemRandom } from '../../../crypto/index.ts'

const DAY_MS = 86_400_000

/** AlgorithmIdentifier of Ed25519. */
const ED25519 = fromHex('300506032b6570')
/** PrivateKeyInfo up to the 32-byte seed. */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420')
const COMMON_NAME = fromHex('0603550403')

const TAG = { INTEGER: 0x02, BIT_STRING: 0x03, UTF8_STRING: 0x0c, UTC_TIME: 0x17, SEQUENCE: 0x30, SET: 0x31 }

/** Certificate and key as PEM. */
export interface SelfSigned {
  readonly cert: string
  readonly key: string
}

export function selfSigned(name: string, clock: Clock): SelfSigned {
  const pair = ed25519.generate()
  const subject = sequence(tlv(TAG.SET, sequence(COMMON_NAME, tlv(TAG.UTF8_STRING, utf8(name)))))
  const now = clock.wallMs()
  const body = sequence(
    // Positive whatever was drawn: the first byte is 1.
    tlv(TAG.INTEGER, Uint8Array.of(1), systemRandom.bytes(15)),
    ED25519,
    subject,
    sequence(utcTime(now - DAY_MS), utcTime(now + DAY_MS)),
    subject,
    sequence(ED25519, bitString(pair.publicKey)),
  )
  return {
    cert: pem('CERTIFICATE', sequence(body, ED25519, bitString(pair.sign(body)))),
    key: pem('PRIVATE KEY', concat(PKCS8_PREFIX, pair.exportSeed())),
  }
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(TAG.SEQUENCE, ...parts)
}

function bitString(bytes: Uint8Array): Uint8Array {
  return tlv(TAG.BIT_STRING, Uint8Array.of(0), bytes)
}

/** `YYMMDDHHMMSSZ` */
function utcTime(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\..*/g, '')
  return tlv(TAG.UTC_TIME, utf8(`${digits.slice(2)}Z`))
}

function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = concat(...parts)
  const { length } = value
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return concat(Uint8Array.of(tag, ...head), value)
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
