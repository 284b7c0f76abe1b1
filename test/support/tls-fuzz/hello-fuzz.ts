/** Hostile hellos against the codec, the fingerprints and the lines that are printed of them. */

import { helloJson, helloText } from '../../../src/lib/cli/utls/hello-lines.ts'
import { concat, SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { HelloStream } from '../../../src/lib/tls/hello/hello-stream.ts'
import {
  encodeClientHello,
  type HelloTransport,
  ja3,
  ja3n,
  ja3s,
  ja4,
  parseClientHello,
  parseServerHello,
} from '../../../src/lib/tls/index.ts'
import { type FoundHello, readHello } from '../../../src/lib/tls/observe/find/found-hello.ts'
import { readAgain } from '../../../src/lib/tls/vectors/second-reading.ts'
import { pickOne } from '../session-mutation.ts'
import { codeOf, corrupt, fail, inPieces } from './corruption.ts'
import { inRecords, message, plausibleHello, plausibleServerHello } from './material.ts'

const JA3 = /^\d+,[\d-]*,[\d-]*,[\d-]*,[\d-]*$/
const JA4 = /^[tqd](?:1[0-3]|s[23]|d[123]|00)[di]\d{4}[0-9a-zA-Z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/
const HASH = /^[0-9a-f]{32}$/
/** Longest stretch that a hello is looked for in, bytes. */
const SEARCH_MOST = 16_384
/** More than the longest record and the longest hello together, bytes. */
const ENDLESS = 200_000

/** The value, or undefined for the one typed error that is the reader's right. */
function parsed<T>(body: Uint8Array, parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    codeOf(error, ['E_MALFORMED'], body)
    return undefined
  }
}

export function fuzzHello(seed: number): void {
  const random = new SeededRandom(seed)
  const isDtls = random.chance(0.2)
  const honest = plausibleHello(random, isDtls).subarray(4)
  const body = random.chance(0.8)
    ? corrupt(random, honest)
    : withSessionId(honest, random.bytes(random.below(40)))
  const hello = parsed(body, () => parseClientHello(body, isDtls))
  if ((hello !== undefined) !== isClientHello(body, isDtls))
    fail(`a hello was ${hello === undefined ? 'refused' : 'accepted'}`, body)
  if (hello === undefined) return
  if (toHex(encodeClientHello(hello)) !== toHex(body))
    fail('a hello that would be written in another way', body)
  const transport: HelloTransport = isDtls ? 'dtls' : pickOne(random, ['tcp', 'quic'])
  const [plain, sorted] = [ja3(hello), ja3n(hello)]
  const isNamed =
    [plain.hash, sorted.hash].every((hash) => HASH.test(hash)) &&
    [plain.text, sorted.text].every((text) => JA3.test(text)) &&
    sortedFields(plain.text) === sortedFields(sorted.text) &&
    JA4.test(ja4(hello, transport).ja4)
  if (!isNamed) fail('a name of another form', body)
  expectLines(readHello(message(1, body), transport, {}), body)
}

/** The hello with another session id, maybe one that is too long. */
function withSessionId(body: Uint8Array, sessionId: Uint8Array): Uint8Array {
  const rest = body.subarray(35 + (body[34] as number))
  return concat(body.subarray(0, 34), Uint8Array.of(sessionId.length), sessionId, rest)
}

/** What the codec should say, by a reading that shares no code with it. */
function isClientHello(body: Uint8Array, isDtls: boolean): boolean {
  try {
    const { sessionIdBytes, cipherSuites } = readAgain(message(1, body), isDtls)
    return sessionIdBytes <= 32 && Number.isInteger(cipherSuites)
  } catch {
    return false
  }
}

function sortedFields(text: string): string {
  return text
    .split(',')
    .map((field) => field.split('-').sort().join('-'))
    .join(',')
}

/** Whatever a client wrote: one line of JSON, and one line for a terminal without control characters. */
function expectLines(found: FoundHello | undefined, input: Uint8Array): void {
  if (found === undefined) {
    fail('a hello that was read is malformed', input)
  }
  const json = helloJson(found)
  JSON.parse(json)
  if (/[\n\r]/.test(json) || /\p{Cc}/u.test(helloText(found))) fail('a line that is none', input)
}

export function fuzzServerHello(seed: number): void {
  const random = new SeededRandom(seed)
  const honest = plausibleServerHello(random).subarray(4)
  const body = random.chance(0.8) ? corrupt(random, honest) : honest
  const hello = parsed(body, () => parseServerHello(body))
  if ((hello !== undefined) !== isServerHello(body))
    fail(`a server's hello was ${hello === undefined ? 'refused' : 'accepted'}`, body)
  if (hello === undefined) return
  const { text, hash } = ja3s(hello)
  if (!/^\d+,\d+,[\d-]*$/.test(text) || !HASH.test(hash)) fail('a name of another form', body)
  expectLines(readHello(message(2, body), 'tcp', {}), body)
}

/** Lengths of RFC 8446 section 4.1.3, by offsets alone. */
function isServerHello(body: Uint8Array): boolean {
  const sessionEnd = 35 + (body[34] ?? Number.POSITIVE_INFINITY)
  let at = sessionEnd + 3
  if (at > body.length) return false
  if (at === body.length) return true
  if (at + 2 > body.length || at + 2 + u16At(body, at) !== body.length) return false
  for (at += 2; at < body.length; at += 4 + u16At(body, at + 2)) if (at + 4 > body.length) return false
  return at === body.length
}

function u16At(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) * 256 + (bytes[at + 1] as number)
}

/** What one side of a connection sends: maybe words of a proxy, hellos in records of any size, what follows them. */
export function fuzzHelloStream(seed: number): void {
  const random = new SeededRandom(seed)
  const messages = Array.from({ length: 1 + random.below(2) }, () => plausibleHello(random))
  const parts = messages.map((each) => inRecords(random, each))
  const tail = pickOne(random, [
    new Uint8Array(0),
    Uint8Array.of(20, 3, 3, 0, 1, 1),
    Uint8Array.of(23, 3, 3, 0, 1, 9),
  ])
  const words = random.chance(0.2) ? random.bytes(random.below(30)) : new Uint8Array(0)
  const honest = Buffer.concat([words, ...parts, tail])
  const isHonest = random.chance(0.2)
  const bytes = isHonest ? honest : corrupt(random, honest)
  const whole = streamed([bytes])
  if (bytes.length <= SEARCH_MOST && whole.said !== streamed(inPieces(random, bytes)).said)
    fail('other hellos when the bytes come in pieces', bytes)
  if (isHonest && words.length === 0 && !isSame(whole.found, messages)) fail('hellos that were lost', bytes)
  for (const found of whole.found)
    if (
      (found[0] !== 1 && found[0] !== 2) ||
      found.length !== 4 + u16At(found, 2) + 65_536 * (found[1] as number)
    )
      fail('a message that is none', bytes)
  if (random.chance(0.01) && !streamed([bytes, new Uint8Array(ENDLESS).fill(22)]).isDone)
    fail('a stream that is read for ever', bytes)
}

function isSame(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return some.map(toHex).join() === others.map(toHex).join()
}

interface Streamed {
  readonly found: readonly Uint8Array[]
  readonly isDone: boolean
  /** All of it as text. */
  readonly said: string
}

function streamed(pieces: readonly Uint8Array[]): Streamed {
  const stream = new HelloStream()
  const found = pieces.flatMap((piece) => stream.push(piece))
  const { isDone, fault } = stream
  return { found, isDone, said: [...found.map(toHex), isDone, fault].join(' ') }
}
