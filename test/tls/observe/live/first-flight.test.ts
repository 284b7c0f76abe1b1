import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, u16, utf8 } from '../../../../src/lib/core/index.ts'
import { ja4 } from '../../../../src/lib/tls/index.ts'
import { FirstFlight, type FlightStep } from '../../../../src/lib/tls/observe/live/first-flight.ts'
import { handshakeRecord, inRecords } from '../../../support/tls-records.ts'
import { capturedHellos } from '../../hello/captured.ts'

const captured = capturedHellos()
const chromium = captured.find(({ name }) => name === 'chromium-156.0.8078.79-clienthello-1.bin')
/** Published for Chrome 152 to 156. */
const CHROMIUM_JA4 = 't13d1517h2_8daaf6152771_cb7bf5808d99'
/** Longest first flight, bytes. */
const MOST = 65_536

/** Pushes pieces until a step is not `more`. */
function run(pieces: Iterable<Uint8Array>): {
  readonly last: FlightStep
  readonly pushed: number
  readonly flight: FirstFlight
} {
  const flight = new FirstFlight()
  let last: FlightStep = { step: 'more' }
  let pushed = 0
  for (const piece of pieces) {
    last = flight.push(piece)
    pushed += piece.length
    if (last.step !== 'more') break
  }
  return { last, pushed, flight }
}

function* bytewise(bytes: Uint8Array): Generator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte)
}

function* endless(bytes: Uint8Array): Generator<Uint8Array> {
  for (;;) yield bytes
}

function faultOf(pieces: Iterable<Uint8Array>): string {
  const { last } = run(pieces)
  return last.step === 'fault' ? last.fault : last.step
}

function nameOf({ last }: { readonly last: FlightStep }): string {
  if (last.step !== 'hello' || last.found.kind !== 'client') return last.step
  return ja4(last.found.hello, 'tcp').ja4
}

describe.runIf(chromium !== undefined)('the first flight of a client', () => {
  const { bytes } = chromium as NonNullable<typeof chromium>
  const record = bytes.subarray(0, 5 + (((bytes[3] as number) << 8) | (bytes[4] as number)))

  it('is whole with the last byte of the hello, however it is cut, and all of it is kept', () => {
    for (const pieces of [[record], bytewise(record)]) {
      const result = run(pieces)
      expect(nameOf(result)).toBe(CHROMIUM_JA4)
      expect(result.pushed).toBe(record.length)
      expect(result.flight.bytes).toEqual(record)
    }
  })

  it('may lie in many records, and bring more than the hello', () => {
    for (const ends of [[600, 1200], [1, 2], [3]]) {
      const split = concat(inRecords(record, ends), Uint8Array.of(20, 3, 3, 0, 1, 1))
      const whole = run([split])
      expect(nameOf(whole)).toBe(CHROMIUM_JA4)
      expect(whole.flight.bytes).toEqual(split)
      expect(nameOf(run(bytewise(split)))).toBe(CHROMIUM_JA4)
    }
  })

  it('ends at the first byte that no hello can have', () => {
    for (let at = 0; at < 6; at++) {
      if (at === 3 || at === 4) continue
      const wrong = record.slice()
      wrong[at] = 99
      const result = run(bytewise(wrong))
      expect(result.last).toEqual({ step: 'fault', fault: 'not-tls' })
      expect(result.pushed).toBe(at + 1)
    }
    expect(faultOf([utf8('GET / HTTP/1.1\r\n\r\n')])).toBe('not-tls')
    expect(faultOf([utf8('SSH-2.0-OpenSSH_9.2\r\n')])).toBe('not-tls')
    // The hello of SSL 2, and that of a server.
    expect(faultOf([Uint8Array.of(0x80, 0x2e, 1, 3, 1)])).toBe('not-tls')
    expect(faultOf([Uint8Array.of(22, 3, 3, 0, 90, 2, 0, 0, 86)])).toBe('not-tls')
  })

  it('is bounded, whatever its lengths say', () => {
    const lying = handshakeRecord(Uint8Array.of(1, 0xff, 0xff, 0xff, 3, 3))
    expect(faultOf([lying])).toBe('too-large')
    // A length that is allowed, in records of one byte: five sixths are headers.
    const tiny = concat(
      handshakeRecord(Uint8Array.of(1)),
      handshakeRecord(Uint8Array.of(0)),
      handshakeRecord(Uint8Array.of(0xff)),
      handshakeRecord(Uint8Array.of(0xff)),
    )
    const many = run([tiny, ...Array.from({ length: 20_000 }, () => handshakeRecord(Uint8Array.of(0)))])
    expect(many.last).toEqual({ step: 'fault', fault: 'too-large' })
    expect(many.pushed).toBeLessThanOrEqual(MOST + 6)
    // One record that says it is as long as a record can say.
    const long = run(
      (function* () {
        yield Uint8Array.of(22, 3, 1, 0xff, 0xff, 1, 0, 0xff, 0xfb)
        yield* endless(new Uint8Array(1024))
      })(),
    )
    expect(long.last.step).toBe('fault')
    expect(long.pushed).toBeLessThanOrEqual(MOST + 1024)
  })

  it('is refused when a record between is none, or the hello contradicts itself', () => {
    const [start, rest] = [record.subarray(5, 100), record.subarray(100)]
    expect(faultOf([handshakeRecord(start), Uint8Array.of(23, 3, 3, 0, 1), rest])).toBe('malformed-record')
    const broken = record.slice()
    // The session id says that it is longer than any may be.
    broken[5 + 4 + 2 + 32] = 33
    expect(faultOf([broken])).toBe('malformed-hello')
  })

  it('reads or refuses 2,000 altered hellos, within its bounds', () => {
    const alteration = fc.tuple(fc.nat(record.length - 1), fc.nat(255))
    fc.assert(
      fc.property(
        fc.array(alteration, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 700 }),
        (alterations, size) => {
          const altered = record.slice()
          for (const [at, byte] of alterations) altered[at] = byte
          const pieces: Uint8Array[] = []
          for (let at = 0; at < altered.length; at += size) pieces.push(altered.subarray(at, at + size))
          const { last, flight, pushed } = run(pieces)
          expect(['more', 'hello', 'fault']).toContain(last.step)
          expect(flight.bytes).toEqual(altered.subarray(0, pushed))
        },
      ),
      { numRuns: 2000, seed: 4 },
    )
  })
})

/** A record of a hello that goes on for a while. */
const START = concat(Uint8Array.of(22, 3, 1), u16(10), Uint8Array.of(1, 0, 0x40, 0), new Uint8Array(6))

function stepOf(pieces: readonly Uint8Array[]): string {
  const flight = new FirstFlight()
  for (const piece of pieces) {
    const step = flight.push(piece)
    if (step.step !== 'more') return step.step === 'fault' ? step.fault : step.step
  }
  return 'more'
}

describe('a first flight that is both broken and too long', () => {
  const broken = concat(START, Uint8Array.of(99, 3, 1, 0, 1, 0))

  it('is broken, whether it comes in one piece or in many', () => {
    const bytes = concat(broken, new Uint8Array(MOST))
    expect(stepOf([bytes])).toBe('malformed-record')
    expect(stepOf([bytes.subarray(0, 100), bytes.subarray(100)])).toBe('malformed-record')
  })

  it('is too long when it breaks beyond the limit', () => {
    const record = concat(Uint8Array.of(22, 3, 1), u16(1), Uint8Array.of(0))
    const bytes = concat(START, ...Array.from({ length: 12_000 }, () => record), broken.subarray(-6))
    expect(bytes.length).toBeGreaterThan(MOST)
    expect(stepOf([bytes])).toBe('too-large')
    expect(stepOf([bytes.subarray(0, MOST), bytes.subarray(MOST)])).toBe('too-large')
  })
})
