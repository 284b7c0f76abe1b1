import { describe, expect, it } from 'vitest'
import { fromHex, SeededRandom, toHex, utf8 } from '../../../src/lib/core/index.ts'
import type { LinkName, SuiteId } from '../../../src/lib/htx/handshake/index.ts'
import { drawPadLength } from '../../../src/lib/htx/handshake/padding.ts'
import { verifyCertificate } from '../../../src/lib/identity/index.ts'
import { htxVectors } from '../../support/session-vectors.ts'
import { ID_CERT, payload } from './parameters.ts'
import { ALL_SUITES, type Exchange, FULL_SUITES, HELLO, Sides } from './sides.ts'

const LINKS: readonly LinkName[] = ['tcp', 'ws', 'quic', 'https', 'memory']
const EKM = Uint8Array.from({ length: 64 }, (_, index) => index)

/** Section 3.3: bytes of each body that are not payload. */
const OVERHEAD: Readonly<Record<SuiteId, readonly number[]>> = {
  1: [1 + 32 + 16, 32 + 16, 48 + 16],
  2: [1 + 32 + 1200 + 16, 32 + 1104 + 16, 48 + 16],
  3: [1 + 16 + 32 + 16, 32 + 16],
  4: [1 + 16 + 32 + 1200 + 16, 32 + 1104 + 16],
  5: [1 + 32, 32 + 48 + 16, 48 + 16],
  6: [1 + 32 + 1184, 32 + 1104 + 48 + 16, 48 + 16],
}

/** Payload bytes without PAD, counted by hand: parameters of HELLO, TIME, ID_CERT. */
const OPTIONS = 6 + 6 + 6 + 6 + 4 + 6
const CERTIFICATE = payload(ID_CERT).length

function payloadsWithoutPad(suite: SuiteId): readonly number[] {
  const named = suite !== 3 && suite !== 4
  const first = 4 + OPTIONS + 10
  return named ? [first, 4 + OPTIONS + CERTIFICATE, CERTIFICATE] : [first, 4 + OPTIONS]
}

function expectAgreement({ client, server }: Exchange): void {
  const { send, receive } = client.secrets.directions
  expect(toHex(client.secrets.handshakeHash)).toBe(toHex(server.secrets.handshakeHash))
  expect(toHex(send.exposeChainSecret())).toBe(toHex(server.secrets.directions.receive.exposeChainSecret()))
  expect(toHex(receive.exposeChainSecret())).toBe(toHex(server.secrets.directions.send.exposeChainSecret()))
  expect(toHex(send.exposeChainSecret())).not.toBe(toHex(receive.exposeChainSecret()))
  const exported = [client, server].map(({ secrets }) => toHex(secrets.exporter.export('a', utf8('b'), 40)))
  expect(exported[0]).toBe(exported[1])
  expect(client.version).toBe(0x0101)
  expect(server.version).toBe(0x0101)
  expect(client.features).toBe(server.features)
}

describe.each(ALL_SUITES)('a handshake of suite %i', (suite) => {
  it.each(LINKS)('gives both sides the same keys over %s, bound and not', (link) => {
    for (const ekm of [undefined, EKM]) {
      const bound = ekm === undefined ? {} : { ekm }
      const exchange = new Sides({
        suite,
        initiator: { link, ...bound },
        responder: { link, ...bound },
      }).run()
      expectAgreement(exchange)
      expect(exchange.bodies.length).toBe(suite === 3 || suite === 4 ? 2 : 3)
    }
  })

  it('has messages of the sizes of section 3.3, padded by 0 to 255 bytes', () => {
    const sizes: number[][] = []
    for (let seed = 0; seed < 40; seed++) {
      const { bodies } = new Sides({ suite, seed }).run()
      const extra = bodies.map(
        (body, index) =>
          body.length - (OVERHEAD[suite][index] as number) - (payloadsWithoutPad(suite)[index] as number),
      )
      sizes.push(extra)
      for (const bytes of extra) {
        // Id, length and the zeros: at least two bytes of PAD even when it is empty.
        const pad = bytes - 1 - (bytes - 2 < 64 ? 1 : 2)
        expect(pad).toBeGreaterThanOrEqual(0)
        expect(pad).toBeLessThanOrEqual(255)
      }
    }
    for (const [index] of (sizes[0] as number[]).entries())
      expect(new Set(sizes.map((each) => each[index])).size).toBeGreaterThan(20)
  })

  it('settles what each side announced and the features of both', () => {
    const own = { ...HELLO.parameters, maxStreams: 7, streamWindow: 1000, sessionWindow: 2000 }
    const { client, server } = new Sides({
      suite,
      initiator: { hello: { ...HELLO, features: 0b0110 } },
      responder: { hello: { ...HELLO, features: 0b0011, parameters: own } },
    }).run()
    expect(client.features).toBe(0b0010)
    expect(server.features).toBe(0b0010)
    expect(client.remote).toEqual(own)
    expect(server.remote).toEqual(HELLO.parameters)
    expect(server.local).toEqual(own)
  })

  it('chooses the highest version that both know', () => {
    const versions = [0x0301, 0x0201, 0x0101]
    const { client, server } = new Sides({
      suite,
      initiator: { hello: { ...HELLO, versions: [0x0101, 0x0201, 0x0401] } },
      responder: { hello: { ...HELLO, versions } },
    }).run()
    expect([client.version, server.version]).toEqual([0x0201, 0x0201])
  })

  it('draws fresh keys each time', () => {
    const [a, b] = [new Sides({ suite, seed: 5 }).run(), new Sides({ suite, seed: 6 }).run()]
    expect(toHex(a.client.secrets.handshakeHash)).not.toBe(toHex(b.client.secrets.handshakeHash))
    expect(toHex(a.client.secrets.sessionId)).not.toBe(toHex(b.client.secrets.sessionId))
  })
})

describe.each(FULL_SUITES)('a handshake of suite %i between strangers', (suite) => {
  it('shows each side the certificate of the other, for the key that Noise proved', () => {
    const sides = new Sides({ suite })
    const { certificates } = sides.run()
    const { clock } = sides
    const ofServer = verifyCertificate(certificates.ofServer as Uint8Array, {
      staticKey: sides.server.noise.publicKey,
      clock,
    })
    const ofClient = verifyCertificate(certificates.ofClient as Uint8Array, {
      staticKey: sides.responder.remoteStatic as Uint8Array,
      clock,
    })
    expect(ofServer.peer).toBe(sides.server.peer)
    expect(ofClient.peer).toBe(sides.client.peer)
  })

  it('never has the certificates readable in its messages', () => {
    const sides = new Sides({ suite })
    const { bodies } = sides.run()
    const wire = bodies.map(toHex).join('')
    for (const { certificate, sign, noise } of [sides.client, sides.server]) {
      expect(wire).not.toContain(toHex(certificate))
      expect(wire).not.toContain(toHex(sign.publicKey))
      expect(wire).not.toContain(toHex(noise.publicKey))
    }
  })
})

interface Resumption {
  readonly id: string
  readonly suite: SuiteId
  readonly resume?: { readonly handle: string; readonly psk: string }
}

const resumptions = htxVectors<Resumption>('sessions.json')?.filter(({ resume }) => resume !== undefined)

describe.skipIf(resumptions === undefined)('a resumption', () => {
  it.each(resumptions ?? [])('with the recorded ticket of $id agrees on keys', ({ suite, resume }) => {
    const ticket = { handle: fromHex(resume?.handle as string), psk: fromHex(resume?.psk as string) }
    expectAgreement(new Sides({ suite, initiator: ticket, responder: ticket }).run())
    const other = { ...ticket, psk: new SeededRandom(3).bytes(32) }
    expect(() => new Sides({ suite, initiator: ticket, responder: other }).run()).toThrow('message 1')
  })
})

describe('the length of PAD', () => {
  /** 0.999 quantile of the chi-square distribution, by Wilson and Hilferty. */
  const limit = (degrees: number): number =>
    degrees * (1 - 2 / (9 * degrees) + 3.0902 * Math.sqrt(2 / (9 * degrees))) ** 3

  const chiSquare = (counts: readonly number[], draws: number): number => {
    const expected = draws / counts.length
    return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  }

  const countsOf = (values: number, draw: () => number): readonly number[] => {
    const counts = new Array<number>(values).fill(0)
    for (let i = 0; i < values * 100; i++) {
      const length = draw()
      counts[length] = (counts[length] as number) + 1
    }
    return counts
  }

  it.each([
    ['tcp', 256],
    ['https', 1024],
  ] as const)('is uniform on %s over %i values', (link, values) => {
    const random = new SeededRandom(99)
    const counts = countsOf(values, () => drawPadLength(random, link))
    expect(counts.length).toBe(values)
    expect(chiSquare(counts, values * 100)).toBeLessThan(limit(values - 1))
    // The same test finds a draw that leaves out the last five lengths.
    const short = countsOf(values, () => random.below(values - 5))
    expect(chiSquare(short, values * 100)).toBeGreaterThan(limit(values - 1))
  })
})

describe('message 1', () => {
  it('carries an access ticket in its place', () => {
    const accessTicket = new Uint8Array(150).fill(9)
    const sides = new Sides({ suite: 1, initiator: { accessTicket } })
    sides.run()
    expect(toHex(sides.responder.accessTicket as Uint8Array)).toBe(toHex(accessTicket))
  })

  it('is refused with a ticket at first contact, where everybody could read it', () => {
    const accessTicket = new Uint8Array(150).fill(9)
    for (const suite of [3, 4, 5, 6] as const)
      expect(() => new Sides({ suite, initiator: { accessTicket } }).run()).toThrow('message 1')
  })

  it('says the time of the client in whole seconds', () => {
    const sides = new Sides({ suite: 5 })
    sides.clock.advance(1999)
    const readable = toHex(sides.initiator.start())
    expect(readable).toContain(`1508${toHex(timeBytes(1_795_564_801))}`)
  })
})

function timeBytes(seconds: number): Uint8Array {
  const out = new Uint8Array(8)
  new DataView(out.buffer).setBigUint64(0, BigInt(seconds))
  return out
}
