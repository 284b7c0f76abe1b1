/**
 * The fuzz targets: each takes a seed, makes one hostile input of it and throws when the outcome is anything but a
 * value or a typed error. The same seed does the same again.
 */

import {
  AivError,
  type CborValue,
  concat,
  decodeCbor,
  type ErrorCode,
  encodeCbor,
  SeededRandom,
  toHex,
  u16,
  u64,
  utf8,
} from '../../src/lib/core/index.ts'
import { ProtocolViolation } from '../../src/lib/htx/codes.ts'
import { FrameReader, parseFrame, type StreamId } from '../../src/lib/htx/frames/index.ts'
import { encodeHello, type HelloContext, parseHello } from '../../src/lib/htx/handshake/hello.ts'
import { suiteOf } from '../../src/lib/htx/handshake/suites.ts'
import { parseGreeting, parseRequest } from '../../src/lib/htx/service/forward/socks/messages.ts'
import {
  encodeServiceHeader,
  encodeStatus,
  parseServiceHeader,
  parseStatus,
} from '../../src/lib/htx/service/header.ts'
import { fuzzFrames, fuzzResponseHead, fuzzTicketPlaces } from './camouflage-fuzz.ts'
import { fuzzRecords } from './continuity-fuzz.ts'
import { fuzzFirstFlight, fuzzFrames12, fuzzKeyLog, fuzzRecording } from './decode-fuzz.ts'
import { FRAMES_PER_SESSION, fuzzSession } from './session-fuzz-session.ts'
import { mutate, oddVarint, pickOne, plausibleFrame } from './session-mutation.ts'
import { PARAMETERS } from './session-pair.ts'
import { helloParameters, plaintextIsWellFormed } from './session-reference.ts'
import { fuzzTicket } from './ticket-fuzz.ts'

export interface FuzzTarget {
  /** Makes what this seed says and gives it to the target. */
  readonly run: (seed: number) => void
  /** Hostile inputs in one run. */
  readonly inputs: number
}

function fail(what: string, input: Uint8Array): never {
  throw new Error(`${what}: ${toHex(input.subarray(0, 200))}`)
}

/** Runs a parser; typed errors of these codes are its right. */
function parsed<T>(input: Uint8Array, codes: readonly ErrorCode[], parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    if (error instanceof AivError && codes.includes(error.code)) return undefined
    return fail(`not a typed outcome (${String(error)})`, input)
  }
}

function frameReader(seed: number): void {
  const random = new SeededRandom(seed)
  const frames: Uint8Array[] = []
  for (let i = random.below(5); i >= 0; i--) {
    const { type, id, plaintext } = plausibleFrame(random)
    const length = plaintext.length
    frames.push(Uint8Array.of(length >>> 16, length >>> 8, length, type), id, plaintext, random.bytes(16))
  }
  const wire = random.chance(0.1)
    ? random.bytes(random.below(300))
    : random.chance(0.7)
      ? mutate(random, concat(...frames))
      : concat(...frames)
  const most = pickOne(random, [16_384, 65_535, 1_048_576])
  const reader = new FrameReader(most)
  let taken = 0
  try {
    for (let at = 0; at < wire.length; ) {
      const size = random.chance(0.5) ? 1 : 1 + random.below(200)
      reader.push(wire.slice(at, at + size))
      at = Math.min(wire.length, at + size)
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        const whole = concat(frame.header, ...frame.ciphertext, frame.tag)
        if (toHex(whole) !== toHex(wire.subarray(taken, taken + whole.length)))
          fail('a frame that was not there', wire)
        if (frame.length > most || whole.length !== frame.header.length + frame.length + 16)
          fail('a wrong length', wire)
        taken += whole.length
      }
      if (reader.buffered > wire.length) fail('more buffered than came', wire)
    }
  } catch (error) {
    if (!(error instanceof ProtocolViolation) || error.closeCode !== 7) throw error
  }
}

function framePlaintext(seed: number): void {
  const random = new SeededRandom(seed)
  const plausible = plausibleFrame(random)
  const type = random.chance(0.1) ? pickOne(random, [0, 1, 2, 3, 4, 64, 127]) : plausible.type
  const bytes = random.chance(0.8) ? mutate(random, plausible.plaintext) : plausible.plaintext
  const id: StreamId = pickOne<StreamId>(random, [0, 0, 1, 2, 16_387, 2n ** 60n])
  const way = pickOne(random, ['c', 's'] as const)
  const cut = random.below(bytes.length + 1)
  const parts = [bytes.subarray(0, cut), bytes.subarray(cut)].filter(({ length }) => length > 0)
  let accepted = true
  try {
    parseFrame(type, type === 0 || type === 4 ? id : undefined, parts, bytes.length, way)
  } catch (error) {
    if (!(error instanceof ProtocolViolation) || error.closeCode !== 7) throw error
    accepted = false
  }
  if (accepted !== plaintextIsWellFormed(type, BigInt(id), bytes, way === 's'))
    fail(`type ${type} id ${id} from ${way} was ${accepted ? 'accepted' : 'refused'}`, bytes)
}

function hello(seed: number): void {
  const random = new SeededRandom(seed)
  const message = pickOne(random, [1, 2, 3] as const)
  const suite = suiteOf(1 + random.below(6))
  if (suite === undefined) throw new Error('an unknown suite')
  const context: HelloContext = {
    message,
    suite,
    link: pickOne(random, ['tcp', 'ws', 'quic', 'https', 'memory'] as const),
  }
  const valid = encodeHello({
    ...(message < 3 && random.chance(0.9)
      ? { versions: [0x0101], features: 15, parameters: PARAMETERS }
      : {}),
    ...(random.chance(0.5) ? { padLength: random.below(300) } : {}),
    ...(message === 1 && random.chance(0.2) ? { accessTicket: random.bytes(129 + random.below(41)) } : {}),
    ...(message > 1 && random.chance(0.8) ? { certificate: random.bytes(145) } : {}),
    ...(message === 1 ? { timeSeconds: BigInt(random.uint32()) } : {}),
  })
  const extra = random.chance(0.2)
    ? concat(oddVarint(random), oddVarint(random), random.bytes(random.below(9)))
    : new Uint8Array(0)
  const bytes = random.chance(0.7) ? mutate(random, concat(valid, extra)) : concat(valid, extra)
  const result = parsed(bytes, ['E_MALFORMED'], () => parseHello(bytes, context))
  if (result !== undefined && helloParameters(bytes) === undefined)
    fail('a list out of order or cut was accepted', bytes)
}

function serviceHeader(seed: number): void {
  const random = new SeededRandom(seed)
  const header = encodeServiceHeader({
    name: pickOne(random, ['pipe', 'file/1', 'resume/1', 'a.b-c']),
    params: random.chance(0.5)
      ? {}
      : { host: 'example', port: random.below(65_536), deep: [[1, 'x'], { y: random.bytes(4) }] },
  })
  const bytes = random.chance(0.8) ? mutate(random, header) : header
  const result = parsed(bytes, ['E_MALFORMED', 'E_TOO_LARGE'], () => parseServiceHeader(bytes))
  if (
    result !== undefined &&
    toHex(encodeServiceHeader(result.value)) !== toHex(bytes.subarray(0, result.next))
  )
    fail('a header that would be written in another way', bytes)
  // What is cut is never an answer, and never turns out differently later.
  if (result !== undefined) {
    const cut = bytes.subarray(0, random.below(result.next))
    if (parseServiceHeader(cut) !== undefined) fail('a cut header was accepted', bytes)
  }
  const status = encodeStatus({ status: random.below(3), message: 'no such service' })
  const answer = random.chance(0.8) ? mutate(random, status) : status
  parsed(answer, ['E_MALFORMED', 'E_TOO_LARGE'], () => parseStatus(answer))
}

function socksRequest(seed: number): void {
  const random = new SeededRandom(seed)
  const address = pickOne(random, [
    concat(Uint8Array.of(1), random.bytes(4)),
    concat(Uint8Array.of(4), random.bytes(16)),
    concat(Uint8Array.of(3, 11), utf8('example.org')),
  ])
  const request = concat(Uint8Array.of(5, 1 + random.below(3), 0), address, random.bytes(2))
  const bytes = random.chance(0.8) ? mutate(random, request) : request
  const result = parsed(bytes, ['E_MALFORMED', 'E_UNSUPPORTED'], () => parseRequest(bytes))
  if (result !== undefined) {
    const { command, target } = result.value
    const again = concat(Uint8Array.of(5, command, 0), socksAddress(bytes[3], target.host), u16(target.port))
    if (toHex(again) !== toHex(bytes.subarray(0, result.next))) fail('a request that was read wrongly', bytes)
    if (parseRequest(bytes.subarray(0, random.below(result.next))) !== undefined)
      fail('a cut request was accepted', bytes)
  }
  const greeting = mutate(random, Uint8Array.of(5, 2, 0, 2))
  const methods = parsed(greeting, ['E_MALFORMED'], () => parseGreeting(greeting))
  if (methods !== undefined && methods.next !== 2 + (greeting[1] ?? 0))
    fail('a wrong count of methods', greeting)
}

function socksAddress(type: number | undefined, host: string): Uint8Array {
  if (type === 1) return Uint8Array.of(1, ...host.split('.').map(Number))
  if (type === 4) return concat(Uint8Array.of(4), Buffer.from(host.replaceAll(':', ''), 'hex'))
  return concat(Uint8Array.of(3, host.length), Buffer.from(host, 'latin1'))
}

function cbor(seed: number): void {
  const random = new SeededRandom(seed)
  const bytes = random.chance(0.1)
    ? random.bytes(random.below(60))
    : mutate(random, encodeCbor(cborValue(random, 4)))
  const value = parsed(bytes, ['E_MALFORMED', 'E_TOO_LARGE'], () => decodeCbor(bytes))
  if (value !== undefined && toHex(encodeCbor(value)) !== toHex(bytes))
    fail('a value with a second encoding', bytes)
}

function cborValue(random: SeededRandom, depth: number): CborValue {
  switch (random.below(depth > 0 ? 9 : 7)) {
    case 0:
      return random.below(30)
    case 1:
      return -random.below(70_000)
    case 2:
      return BigInt(`0x${toHex(random.bytes(8))}`)
    case 3:
      return pickOne(random, [true, false, null])
    case 4:
      return random.bytes(random.below(30))
    case 5:
      return pickOne(random, ['', 'a', '\u6c34', 'x'.repeat(random.below(300))])
    case 6:
      return toHex(concat(u16(random.below(9)), u64(random.below(9)), utf8('k')))
    case 7:
      return Array.from({ length: random.below(5) }, () => cborValue(random, depth - 1))
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(5) }, (_, i) => [
          `k${i}`.repeat(1 + random.below(3)),
          cborValue(random, depth - 1),
        ]),
      )
  }
}

export const FUZZ_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  'frame-reader': { run: frameReader, inputs: 1 },
  'frame-plaintext': { run: framePlaintext, inputs: 1 },
  session: { run: fuzzSession, inputs: FRAMES_PER_SESSION },
  hello: { run: hello, inputs: 1 },
  'service-header': { run: serviceHeader, inputs: 1 },
  'socks-request': { run: socksRequest, inputs: 1 },
  cbor: { run: cbor, inputs: 1 },
  recording: { run: fuzzRecording, inputs: 1 },
  'key-log': { run: fuzzKeyLog, inputs: 1 },
  'frames-1.2': { run: fuzzFrames12, inputs: 1 },
  'first-flight': { run: fuzzFirstFlight, inputs: 1 },
  ticket: { run: fuzzTicket, inputs: 1 },
  'resume-records': { run: fuzzRecords, inputs: 1 },
  'websocket-frames': { run: fuzzFrames, inputs: 1 },
  'response-head': { run: fuzzResponseHead, inputs: 1 },
  'ticket-places': { run: fuzzTicketPlaces, inputs: 1 },
}
