import { describe, expect, it } from 'vitest'
import { fromHex, isAivError, toHex } from '../../../src/lib/core/index.ts'
import { type CryptoProvider, nodeProvider, type X25519KeyPair } from '../../../src/lib/crypto/index.ts'
import type { Identity } from '../../../src/lib/identity/index.ts'
import { ALL_SUITES, bodyOf, identityFor, Sides } from './sides.ts'

/**
 * Every encoding of a point of small order on Curve25519 and its twist, canonical or not, from the list on
 * https://cr.yp.to/ecdh.html ("which keys are invalid"): 0, 1, two of order 8, p-1, p, p+1.
 */
const LOW_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].flatMap((hex) => {
  const point = fromHex(hex)
  const highBit = point.slice()
  highBit[31] = (highBit[31] as number) | 0x80
  return [point, highBit]
})

/** A provider whose ephemeral keys have this public part; what they share is still computed. */
function ephemeralProvider(publicKey: Uint8Array): CryptoProvider {
  const shown = (pair: X25519KeyPair): X25519KeyPair => ({
    publicKey,
    sharedSecret: (remote) => pair.sharedSecret(remote),
    trySharedSecret: (remote) => pair.trySharedSecret(remote),
    exportPrivate: () => pair.exportPrivate(),
    erase: () => pair.erase(),
  })
  return {
    ...nodeProvider,
    x25519: { ...nodeProvider.x25519, generate: (random) => shown(nodeProvider.x25519.generate(random)) },
  }
}

/** The identity with another Noise key on its face. */
function showing(identity: Identity, publicKey: Uint8Array): Identity {
  const { noise } = identity
  return {
    ...identity,
    noise: {
      publicKey,
      sharedSecret: (remote) => noise.sharedSecret(remote),
      trySharedSecret: (remote) => noise.trySharedSecret(remote),
      exportPrivate: () => noise.exportPrivate(),
      erase: () => noise.erase(),
    },
  }
}

/** True when message 2 could be written. */
function isAnswered(sides: Sides, body: Uint8Array): boolean {
  if (!sides.accepts(body)) return false
  try {
    sides.responder.reply()
    return true
  } catch (error) {
    if (isAivError(error)) return false
    throw error
  }
}

const typed = expect.objectContaining({ name: 'AivError' })

describe('an X25519 point of small order', () => {
  it.each(ALL_SUITES)('as the ephemeral key of message 1 of suite %i is not answered', (suite) => {
    for (const point of LOW_ORDER) {
      const sides = new Sides({ suite, initiator: { provider: ephemeralProvider(point) } })
      expect(isAnswered(sides, bodyOf(sides.initiator.start())), toHex(point)).toBe(false)
    }
  })

  it.each(ALL_SUITES)('as the ephemeral key of message 2 of suite %i ends the handshake', (suite) => {
    for (const point of LOW_ORDER) {
      const sides = new Sides({ suite, responder: { provider: ephemeralProvider(point) } })
      sides.accepts(bodyOf(sides.initiator.start()))
      const { message2 } = sides.responder.reply()
      expect(() => sides.initiator.readMessage2(bodyOf(message2)), toHex(point)).toThrow(typed)
    }
  })

  it.each([1, 2, 5, 6] as const)('as the static key in message 3 of suite %i ends the handshake', (suite) => {
    for (const point of LOW_ORDER) {
      const sides = new Sides({ suite, initiator: { identity: showing(identityFor(1000), point) } })
      sides.accepts(bodyOf(sides.initiator.start()))
      sides.initiator.readMessage2(bodyOf(sides.responder.reply().message2))
      const message3 = bodyOf(sides.initiator.finish().message3)
      expect(() => sides.responder.readMessage3(message3), toHex(point)).toThrow(typed)
    }
  })

  it.each([5, 6] as const)('as the static key in message 2 of suite %i ends the handshake', (suite) => {
    for (const point of LOW_ORDER) {
      const sides = new Sides({ suite, responder: { identity: showing(identityFor(2000), point) } })
      sides.accepts(bodyOf(sides.initiator.start()))
      const message2 = bodyOf(sides.responder.reply().message2)
      expect(() => sides.initiator.readMessage2(message2), toHex(point)).toThrow(typed)
    }
  })

  it.each([1, 2] as const)(
    'as the key of an address for suite %i is refused before anything is sent',
    (suite) => {
      for (const remoteStatic of LOW_ORDER) {
        const sides = new Sides({ suite, initiator: { remoteStatic } })
        expect(() => sides.initiator.start(), toHex(remoteStatic)).toThrow(typed)
      }
    },
  )
})

/** Coefficients of an encapsulation key are 12 bits each; FIPS 203 allows values below q = 3329. */
function withCoefficient(key: Uint8Array, index: number, value: number): Uint8Array {
  const copy = key.slice()
  const at = (index >> 1) * 3
  if (index % 2 === 0) {
    copy[at] = value & 0xff
    copy[at + 1] = ((copy[at + 1] as number) & 0xf0) | (value >> 8)
  } else {
    copy[at + 1] = ((copy[at + 1] as number) & 0x0f) | ((value & 0x0f) << 4)
    copy[at + 2] = value >> 4
  }
  return copy
}

function kemProvider(change: (key: Uint8Array) => Uint8Array): CryptoProvider {
  return {
    ...nodeProvider,
    mlkem768: {
      ...nodeProvider.mlkem768,
      generate(seed) {
        const pair = nodeProvider.mlkem768.generate(seed)
        return {
          ...pair,
          encapsulationKey: change(pair.encapsulationKey),
          decapsulate: (c) => pair.decapsulate(c),
        }
      },
    },
  }
}

describe.each([2, 4, 6] as const)('the ML-KEM part of suite %i', (suite) => {
  it('is refused without an answer when a coefficient is not below q', () => {
    for (const index of [0, 1, 2, 383, 766, 767]) {
      for (const value of [3329, 3330, 4095]) {
        const provider = kemProvider((key) => withCoefficient(key, index, value))
        const sides = new Sides({ suite, initiator: { provider } })
        expect(isAnswered(sides, bodyOf(sides.initiator.start())), `${index}: ${value}`).toBe(false)
      }
      const provider = kemProvider((key) => withCoefficient(key, index, 3328))
      const sides = new Sides({ suite, initiator: { provider } })
      expect(isAnswered(sides, bodyOf(sides.initiator.start())), `${index}: 3328`).toBe(true)
    }
  })

  it('gives no common key when the ciphertext was made for another key', () => {
    // Authenticated, and of the right form: only the decapsulated secret can tell.
    const other = nodeProvider.mlkem768.generate()
    const provider: CryptoProvider = {
      ...nodeProvider,
      mlkem768: {
        ...nodeProvider.mlkem768,
        encapsulate: (_key, m) => nodeProvider.mlkem768.encapsulate(other.encapsulationKey, m),
      },
    }
    const sides = new Sides({ suite, responder: { provider } })
    sides.accepts(bodyOf(sides.initiator.start()))
    const message2 = bodyOf(sides.responder.reply().message2)
    expect(() => sides.initiator.readMessage2(message2)).toThrow(typed)
  })

  it('gives no common key when one bit of the ciphertext was changed and sealed again', () => {
    for (const at of [0, 500, 1087]) {
      const provider: CryptoProvider = {
        ...nodeProvider,
        mlkem768: {
          ...nodeProvider.mlkem768,
          encapsulate(key, m) {
            const made = nodeProvider.mlkem768.encapsulate(key, m)
            const ciphertext = made.ciphertext.slice()
            ciphertext[at] = (ciphertext[at] as number) ^ 1
            return { ...made, ciphertext }
          },
        },
      }
      const sides = new Sides({ suite, responder: { provider } })
      sides.accepts(bodyOf(sides.initiator.start()))
      const message2 = bodyOf(sides.responder.reply().message2)
      expect(() => sides.initiator.readMessage2(message2), `byte ${at}`).toThrow(typed)
    }
  })
})
