import { createHash, hkdfSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { concat, toHex, utf8 } from '../../../src/lib/core/index.ts'
import { hmac } from '../../../src/lib/crypto/index.ts'
import {
  acceptConfirmation,
  isAccepted,
  zeroedConfirmation,
} from '../../../src/lib/tls/ech/accept-confirmation.ts'
import { number, vector } from '../../support/ech-material.ts'

const INNER_RANDOM = new Uint8Array(32).map((_, index) => index)

/** RFC 9849 section 7.2 with Node's own HKDF, which extracts and expands in one. */
function byNode(label: string, transcriptHash: Uint8Array, hash: 'sha256' | 'sha384'): string {
  const digest = transcriptHash.length
  const name = utf8(`tls13 ${label}`)
  const info = concat(Uint8Array.of(0, 8, name.length), name, Uint8Array.of(digest), transcriptHash)
  return Buffer.from(hkdfSync(hash, INNER_RANDOM, new Uint8Array(digest), info, 8)).toString('hex')
}

function answer(extensions: Uint8Array): Uint8Array {
  const random = new Uint8Array(32).fill(0xee)
  const body = concat(
    Uint8Array.of(3, 3),
    random,
    Uint8Array.of(2, 7, 7),
    Uint8Array.of(0x13, 1, 0),
    vector(extensions),
  )
  return concat(Uint8Array.of(2, 0), number(body.length), body)
}

const ech = (length: number): Uint8Array => concat(number(0xfe0d), vector(new Uint8Array(length).fill(0xab)))
const OTHER = concat(number(0x2b), vector(Uint8Array.of(3, 4)))

describe.each(['sha256', 'sha384'] as const)('the confirmation of ECH with %s', (hash) => {
  const transcriptHash = new Uint8Array(createHash(hash).update('hellos').digest())

  it.each([
    ['server-hello', 'ech accept confirmation'],
    ['hello-retry-request', 'hrr ech accept confirmation'],
  ] as const)('in a %s is derived as the document says', (kind, label) => {
    const source = { answer: kind, innerRandom: INNER_RANDOM, transcriptHash, hash }
    const expected = byNode(label, transcriptHash, hash)
    expect(toHex(acceptConfirmation(source))).toBe(expected)
    expect(isAccepted(new Uint8Array(Buffer.from(expected, 'hex')), source)).toBe(true)
    expect(isAccepted(hmac(hash, INNER_RANDOM).subarray(0, 8), source)).toBe(false)
    expect(isAccepted(undefined, source)).toBe(false)
  })
})

describe('what counts of the answer', () => {
  it('in a ServerHello has zeros in the last 8 bytes of its random', () => {
    const message = answer(OTHER)
    const { sent, zeroed } = zeroedConfirmation('server-hello', message)
    expect(sent).toEqual(new Uint8Array(8).fill(0xee))
    const expected = message.slice()
    for (let at = 4 + 2 + 24; at < 4 + 2 + 32; at++) expected[at] = 0
    expect(toHex(zeroed)).toBe(toHex(expected))
    expect(message[30]).toBe(0xee)
  })

  it('in a HelloRetryRequest has zeros in the extension', () => {
    const message = answer(concat(OTHER, ech(8)))
    const { sent, zeroed } = zeroedConfirmation('hello-retry-request', message)
    expect(sent).toEqual(new Uint8Array(8).fill(0xab))
    expect(toHex(zeroed)).toBe(toHex(message).replace('ab'.repeat(8), '00'.repeat(8)))
  })

  it('in a HelloRetryRequest without the extension is all of it: ECH was refused', () => {
    const message = answer(OTHER)
    expect(zeroedConfirmation('hello-retry-request', message)).toEqual({ sent: undefined, zeroed: message })
  })

  it.each([0, 7, 9])('is malformed with %i bytes in the extension', (length) => {
    expect(() => zeroedConfirmation('hello-retry-request', answer(ech(length)))).toThrow(
      expect.objectContaining({ code: 'E_MALFORMED' }),
    )
  })

  it('is malformed when it is cut', () => {
    const message = answer(ech(8))
    for (const kind of ['server-hello', 'hello-retry-request'] as const)
      for (let length = 0; length < 38; length++)
        expect(() => zeroedConfirmation(kind, message.subarray(0, length))).toThrow(
          expect.objectContaining({ code: 'E_MALFORMED' }),
        )
  })
})
