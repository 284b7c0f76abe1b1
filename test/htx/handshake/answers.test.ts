import { describe, expect, it } from 'vitest'
import { ManualClock, toHex } from '../../../src/lib/core/index.ts'
import type { LocalHello, SuiteId } from '../../../src/lib/htx/handshake/index.ts'
import { bytes, ID, ID_CERT, type Parameter, payload, TIME, VERSIONS, withParameters } from './parameters.ts'
import { RawInitiator } from './raw-initiator.ts'
import {
  ALL_SUITES,
  bodyOf,
  FULL_SUITES,
  HELLO,
  RESUMPTION_SUITES,
  Sides,
  type SidesOptions,
} from './sides.ts'

const VERSION_NEGOTIATION_FAILED = 0x0001
const MALFORMED_FRAME = 0x0007
const UNSUPPORTED_FEATURE = 0x000a

/** Message 1 with these parameters; VERSIONS and TIME of now unless replaced. */
function firstWith(suite: SuiteId, ...parameters: readonly Parameter[]): SidesOptions {
  return {
    suite,
    initiator: { recorded: { payloads: [payload(...withParameters([VERSIONS, TIME], ...parameters))] } },
  }
}

/** Gives message 1 to the responder and the reply to the initiator. */
function answer(options: SidesOptions): { readonly error: number | undefined; readonly read: () => unknown } {
  const sides = new Sides(options)
  expect(sides.accepts(bodyOf(sides.initiator.start()))).toBe(true)
  const { message2, error } = sides.responder.reply()
  return { error, read: () => sides.initiator.readMessage2(bodyOf(message2)) }
}

const refusedWith = (name: string): unknown =>
  expect.objectContaining({ code: 'E_HANDSHAKE', message: expect.stringContaining(name) })

describe.each(ALL_SUITES)('message 1 of suite %i', (suite) => {
  it('without a version of ours is answered by an ERROR that the client can read', () => {
    for (const version of [bytes(1, 2), bytes(0, 0, 2, 1, 0xff, 0xff)]) {
      const { error, read } = answer(firstWith(suite, [ID.VERSIONS, version]))
      expect(error).toBe(VERSION_NEGOTIATION_FAILED)
      expect(read).toThrow(refusedWith('VERSION_NEGOTIATION_FAILED'))
    }
  })

  it('with an unknown odd parameter is answered by an ERROR, with an even one as if it were not there', () => {
    const odd = answer(firstWith(suite, [0x19, bytes(1, 2)]))
    expect(odd.error).toBe(UNSUPPORTED_FEATURE)
    expect(odd.read).toThrow(refusedWith('UNSUPPORTED_FEATURE'))
    const even = answer(firstWith(suite, [0x1a, bytes(1, 2)]))
    expect(even.error).toBeUndefined()
    expect(even.read).not.toThrow()
  })

  it('is refused for its versions before its features', () => {
    const { error } = answer(firstWith(suite, [ID.VERSIONS, bytes(9, 9)], [0x19, bytes()]))
    expect(error).toBe(VERSION_NEGOTIATION_FAILED)
  })

  it('gets an ERROR that says nothing else', () => {
    const sides = new Sides(firstWith(suite, [0x19, bytes()]))
    sides.accepts(bodyOf(sides.initiator.start()))
    const { message2 } = sides.responder.reply()
    const usual = new Sides({
      suite,
      responder: { recorded: { payloads: [undefined, payload([ID.ERROR, bytes(0, 10)])] } },
    })
    usual.accepts(bodyOf(usual.initiator.start()))
    expect(message2.length).toBe(usual.responder.reply().message2.length)
    // What can still be finished is nothing.
    expect(() => sides.responder.finish()).toThrow()
    expect(() => sides.responder.readMessage3(new Uint8Array(100))).toThrow()
  })

  it('is refused at whatever malformed HELLO it carries', () => {
    const wrong: readonly Parameter[] = [
      [ID.MAX_FRAME, bytes(1)],
      [ID.PAD, bytes(1)],
      [ID.ERROR, bytes(0, 1)],
      [ID.TIME, bytes(1)],
      ID_CERT,
    ]
    for (const parameter of wrong) {
      const sides = new Sides(firstWith(suite, parameter))
      expect(sides.accepts(bodyOf(sides.initiator.start())), `${parameter[0]}`).toBe(false)
    }
  })
})

describe.each(ALL_SUITES)('the time window of suite %i', (suite) => {
  const accepted = (serverAheadMs: number): boolean => {
    const clock = new ManualClock(1_795_564_800_000 + serverAheadMs)
    const sides = new Sides({ suite, responder: { clock } })
    return sides.accepts(bodyOf(sides.initiator.start()))
  }

  it.each([-600, -599, 0, 599, 600])('accepts a server that is %i s ahead', (seconds) => {
    expect(accepted(seconds * 1000)).toBe(true)
  })

  it.each([-601, 601, -86_400, 86_400, -1_795_564_800])('refuses one that is %i s ahead', (seconds) => {
    expect(accepted(seconds * 1000)).toBe(false)
  })

  it('follows a clock that is set anew', () => {
    const sides = new Sides({ suite })
    const body = bodyOf(sides.initiator.start())
    sides.clock.jumpWall(3_600_000)
    expect(sides.accepts(body)).toBe(false)
    sides.clock.jumpWall(-3_600_000)
    expect(sides.accepts(body)).toBe(true)
  })

  it('bears TIME at both ends of its range', () => {
    for (const time of [new Uint8Array(8), new Uint8Array(8).fill(255), bytes(0x80, 0, 0, 0, 0, 0, 0, 0)]) {
      const sides = new Sides(firstWith(suite, [ID.TIME, time]))
      expect(sides.accepts(bodyOf(sides.initiator.start())), toHex(time)).toBe(false)
    }
  })
})

describe('message 2', () => {
  const reading = (suite: SuiteId, ...parameters: readonly Parameter[]): (() => unknown) => {
    const certificate = RESUMPTION_SUITES.includes(suite) ? [] : [ID_CERT]
    const second = payload(...withParameters([VERSIONS, ...certificate], ...parameters))
    return answer({ suite, responder: { recorded: { payloads: [undefined, second] } } }).read
  }

  it.each(ALL_SUITES)('of suite %i with a version that was not offered ends the handshake', (suite) => {
    expect(reading(suite)).not.toThrow()
    expect(reading(suite, [ID.VERSIONS, bytes(1, 2)])).toThrow(refusedWith('version'))
  })

  it.each(ALL_SUITES)('of suite %i with an unknown odd parameter ends it, with an even one not', (suite) => {
    expect(reading(suite, [0x19, bytes()])).toThrow(refusedWith('feature 25'))
    expect(reading(suite, [0x1a, bytes()])).not.toThrow()
  })

  it.each(ALL_SUITES)('of suite %i that is malformed ends it', (suite) => {
    const refused = expect.objectContaining({ code: 'E_MALFORMED' })
    expect(reading(suite, TIME)).toThrow(refused)
    expect(reading(suite, [ID.ACCESS_TICKET, new Uint8Array(140)])).toThrow(refused)
    expect(reading(suite, [ID.PAD, bytes(0, 0, 1)])).toThrow(refused)
    expect(reading(suite, [ID.ERROR, bytes(0, 1)])).toThrow(refused)
    expect(reading(suite, [ID.ID_CERT, new Uint8Array(144)])).toThrow(refused)
  })

  it('cannot confirm a feature that was not offered', () => {
    const offer: LocalHello = { ...HELLO, features: 0b0001 }
    const confirmed = payload(VERSIONS, [ID.FEATURES, bytes(255, 255, 255, 255)], ID_CERT)
    const sides = new Sides({
      suite: 2,
      initiator: { hello: offer },
      responder: { recorded: { payloads: [undefined, confirmed] } },
    })
    sides.accepts(bodyOf(sides.initiator.start()))
    sides.initiator.readMessage2(bodyOf(sides.responder.reply().message2))
    expect(sides.initiator.finish().result.features).toBe(0b0001)
  })
})

describe('message 3', () => {
  /** The client's own writer makes only good ones: its certificate field carries what is asked here. */
  const outcome = (suite: SuiteId, certificate: Uint8Array): unknown => {
    const sides = new Sides({ suite, initiator: { certificate } })
    sides.accepts(bodyOf(sides.initiator.start()))
    sides.initiator.readMessage2(bodyOf(sides.responder.reply().message2))
    return sides.responder.readMessage3(bodyOf(sides.initiator.finish().message3))
  }

  it.each(FULL_SUITES)('of suite %i gives the certificate, or the code to close with', (suite) => {
    const good = new Uint8Array(145).fill(3)
    expect(outcome(suite, good)).toEqual({ certificate: good })
    for (const length of [0, 144, 146, 1000])
      expect(outcome(suite, new Uint8Array(length))).toEqual({ closeCode: MALFORMED_FRAME })
  })

  it.each([1, 2, 5, 6] as const)('of suite %i is judged by its parameters', (suite) => {
    const judged = (...parameters: readonly Parameter[]): unknown => {
      const { responder, client, server } = new Sides({ suite })
      const raw = new RawInitiator({ suite, identity: client, remoteStatic: server.noise.publicKey })
      responder.inspect(bodyOf(raw.message1(payload(VERSIONS, TIME))))
      expect(responder.open()).toBe(true)
      raw.readMessage2(responder.reply().message2)
      return responder.readMessage3(bodyOf(raw.message3(payload(...parameters))))
    }
    expect(judged(ID_CERT)).toEqual({ certificate: ID_CERT[1] })
    expect(judged(ID_CERT, [0x1a, bytes(1)])).toEqual({ certificate: ID_CERT[1] })
    expect(judged(ID_CERT, [0x19, bytes(1)])).toEqual({ closeCode: UNSUPPORTED_FEATURE })
    const malformed = { closeCode: MALFORMED_FRAME }
    expect(judged()).toEqual(malformed)
    expect(judged(VERSIONS, ID_CERT)).toEqual(malformed)
    expect(judged(ID_CERT, TIME)).toEqual(malformed)
    expect(judged([ID.PAD, bytes(1)], ID_CERT)).toEqual(malformed)
    expect(judged([0x19, bytes(1)], ID_CERT)).toEqual(malformed)
    expect(judged([ID.ERROR, bytes(0, 1)])).toEqual(malformed)
  })

  it.each(FULL_SUITES)('of suite %i that is no message at all throws', (suite) => {
    for (const length of [1, 47, 63, 64, 65, 400]) {
      const sides = new Sides({ suite })
      sides.accepts(bodyOf(sides.initiator.start()))
      sides.responder.reply()
      expect(() => sides.responder.readMessage3(new Uint8Array(length)), `${length}`).toThrow()
    }
  })
})
