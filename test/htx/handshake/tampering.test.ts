import { describe, expect, it } from 'vitest'
import { concat, isAivError, toHex } from '../../../src/lib/core/index.ts'
import {
  ALL_SUITES,
  bodyOf,
  FULL_SUITES,
  flipBit,
  HANDLE,
  identityFor,
  PSK,
  RESUMPTION_SUITES,
  Sides,
  type SidesOptions,
} from './sides.ts'

const EKM = Uint8Array.from({ length: 64 }, (_, index) => index)
const OTHER_EKM = EKM.map((byte) => byte ^ 1)

/** Whether the client's message 1 is ever answered: by the checks, or by a reply that can be written. */
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

function handshake(options: SidesOptions): () => unknown {
  return () => new Sides(options).run()
}

describe.each(ALL_SUITES)('suite %i, when the two sides disagree', (suite) => {
  it('about the link, is not answered or ends unauthenticated', () => {
    for (const link of ['ws', 'quic', 'https', 'memory'] as const)
      expect(handshake({ suite, responder: { link } }), link).toThrow()
  })

  it('about the binding, fails in either direction', () => {
    expect(handshake({ suite, initiator: { ekm: EKM } })).toThrow()
    expect(handshake({ suite, responder: { ekm: EKM } })).toThrow()
  })

  it('about the TLS connection below, fails', () => {
    expect(handshake({ suite, initiator: { ekm: EKM }, responder: { ekm: OTHER_EKM } })).toThrow()
    expect(handshake({ suite, initiator: { ekm: EKM }, responder: { ekm: EKM } })).not.toThrow()
  })

  it('about the suite, because somebody rewrote its byte, is not answered', () => {
    for (let other = 0; other <= 7; other++) {
      if (other === suite) continue
      const sides = new Sides({ suite })
      const body = bodyOf(sides.initiator.start())
      body[0] = other
      let refused = !isAnswered(sides, body)
      // Message 1 of XX and XXhfs proves nothing, so the one may be answered as the other; the client is not misled.
      if (!refused && suite >= 5) {
        const rewritten = new Sides({ suite })
        const first = bodyOf(rewritten.initiator.start())
        first[0] = other
        rewritten.accepts(first)
        const { message2 } = rewritten.responder.reply()
        expect(() => rewritten.initiator.readMessage2(bodyOf(message2))).toThrow()
        refused = true
      }
      expect(refused, `${other}`).toBe(true)
    }
  })
})

describe.each(RESUMPTION_SUITES)('suite %i', (suite) => {
  it('is not answered under another handle, though the psk is right', () => {
    const sides = new Sides({ suite })
    const body = bodyOf(sides.initiator.start())
    expect(toHex(body.subarray(1, 17))).toBe(toHex(HANDLE))
    body[1] = (body[1] as number) ^ 1
    expect(sides.accepts(body)).toBe(false)
  })

  it('is not answered with another psk, or without one', () => {
    expect(handshake({ suite, responder: { psk: flipBit(PSK, 255) } })).toThrow('message 1')
    const sides = new Sides({ suite })
    sides.responder.inspect(bodyOf(sides.initiator.start()))
    expect(sides.responder.open()).toBe(false)
  })
})

describe('suites 1 and 2', () => {
  it.each([1, 2] as const)('%i: message 1 for another key is not answered', (suite) => {
    const remoteStatic = identityFor(3000).noise.publicKey
    expect(handshake({ suite, initiator: { remoteStatic } })).toThrow('message 1')
  })

  it.each([1, 2, 3, 4] as const)('%i: a message 1 with any bit changed is not answered', (suite) => {
    const original = bodyOf(new Sides({ suite }).initiator.start())
    // Every bit of the header, the ephemeral key, both ends of the rest, and one bit of each byte between.
    for (let bit = 0; bit < original.length * 8; bit++) {
      const at = bit >> 3
      const near = at < 50 || at >= original.length - 18
      if (!near && (bit & 7) !== at % 8) continue
      const changed = flipBit(original, bit)
      const sides = new Sides({ suite })
      sides.initiator.start()
      // X25519 ignores the top bit of the key, but the transcript does not.
      expect(isAnswered(sides, changed), `bit ${bit}`).toBe(false)
    }
  })

  it.each([1, 2, 3, 4] as const)('%i: a message 1 cut or prolonged anywhere is not answered', (suite) => {
    const original = bodyOf(new Sides({ suite }).initiator.start())
    const lengths = [...Array(original.length).keys()].filter((length) => length % 7 === 0 || length > 1250)
    for (const length of lengths) {
      const sides = new Sides({ suite })
      expect(isAnswered(sides, original.subarray(0, length)), `${length}`).toBe(false)
    }
    for (const extra of [1, 16, 100])
      expect(isAnswered(new Sides({ suite }), concat(original, new Uint8Array(extra)))).toBe(false)
  })
})

describe.each(FULL_SUITES)('suite %i', (suite) => {
  it('ends when any part of message 2 or 3 was changed', () => {
    const lengths = new Sides({ suite }).run().bodies.map((body) => body.length)
    for (const index of [1, 2] as const) {
      for (let at = 0; at < (lengths[index] as number); at += 1) {
        const near = at < 40 || at % 61 === 0 || at > (lengths[index] as number) - 20
        if (!near) continue
        const sides = new Sides({ suite })
        sides.accepts(bodyOf(sides.initiator.start()))
        const message2 = bodyOf(sides.responder.reply().message2)
        if (index === 1) {
          expect(() => sides.initiator.readMessage2(flipBit(message2, at * 8 + (at % 8))), `${at}`).toThrow()
          continue
        }
        sides.initiator.readMessage2(message2)
        const message3 = bodyOf(sides.initiator.finish().message3)
        expect(() => sides.responder.readMessage3(flipBit(message3, at * 8 + (at % 8))), `${at}`).toThrow()
      }
    }
  })

  it('has no further step after a failed one', () => {
    const sides = new Sides({ suite })
    sides.accepts(bodyOf(sides.initiator.start()))
    const message2 = bodyOf(sides.responder.reply().message2)
    expect(() => sides.initiator.readMessage2(flipBit(message2, 3))).toThrow()
    expect(() => sides.initiator.readMessage2(message2)).toThrow()
    expect(() => sides.initiator.finish()).toThrow()
    expect(() => sides.responder.readMessage3(new Uint8Array(64))).toThrow()
    expect(() => sides.responder.finish()).toThrow()
  })
})
