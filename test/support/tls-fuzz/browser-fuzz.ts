/** Hostile hellos that resemble those of browsers, hostile templates, and the first bytes that a listener sees. */

import { matchJson, matchText } from '../../../src/lib/cli/utls/match-lines.ts'
import { concat, SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { HelloStream } from '../../../src/lib/tls/hello/hello-stream.ts'
import {
  type ClientHello,
  encodeClientHello,
  HelloBuilder,
  matchHello,
  parseClientHello,
  parseTemplate,
  templateDocument,
  templates,
} from '../../../src/lib/tls/index.ts'
import { readHello } from '../../../src/lib/tls/observe/find/found-hello.ts'
import { FirstFlight } from '../../../src/lib/tls/observe/live/first-flight.ts'
import { pickOne } from '../session-mutation.ts'
import { codeOf, corrupt, fail, inPieces } from './corruption.ts'
import { shuffled } from './datagram-fuzz.ts'
import { inRecords, message, plausibleHello } from './material.ts'

/** What a first flight may hold, bytes. */
const FLIGHT_MOST = 65_536

/** RFC 8446 section 5.1, with the header. */
const RECORD_MOST = 5 + 16_384

const WRITABLE = templates().filter(({ transport }) => transport === 'tcp')

/** Hellos of each template, made once. */
const BROWSERS = WRITABLE.flatMap((template, seed) => {
  const builder = new HelloBuilder(template, new SeededRandom(seed))
  return Array.from({ length: 3 }, () => ({
    id: template.id,
    hello: builder.build({ host: 'example.test' }).hello,
  }))
})

/** A browser's hello is that of a browser; what is nearly one gets a verdict, whatever is wrong with it. */
export function fuzzMatch(seed: number): void {
  const random = new SeededRandom(seed)
  const { id, hello } = pickOne(random, BROWSERS)
  if (random.chance(0.1)) {
    const match = matchHello(hello, 'tcp')
    if (match.verdict !== 'match' || !match.templates.includes(id))
      fail(`no match of ${id}`, encodeClientHello(hello))
    return
  }
  const odd = encodeClientHello(random.chance(0.7) ? rearranged(random, hello) : hello)
  const body = random.chance(0.5) ? corrupt(random, odd) : odd
  const found = readHello(message(1, body), pickOne(random, ['tcp', 'quic']), {})
  if (found === undefined) return
  const [json, text] = [matchJson(found), matchText(found)]
  if (json === undefined || text === undefined) {
    fail('a hello of a client without a verdict', body)
  }
  const { verdict } = JSON.parse(json) as { readonly verdict: string }
  if (!['match', 'impostor', 'unknown'].includes(verdict) || /[\n\r]/.test(json))
    fail('a line that is none', body)
  if (text.split('\n').some((line) => /\p{Cc}/u.test(line))) fail('text that moves a terminal', body)
}

function rearranged(random: SeededRandom, hello: ClientHello): ClientHello {
  const { extensions = [], cipherSuites } = hello
  const at = random.below(extensions.length)
  const others = extensions.toSpliced(at, 1)
  const { type, body } = extensions[at] as (typeof extensions)[number]
  switch (random.below(7)) {
    case 0:
      return { ...hello, extensions: others }
    case 1:
      return { ...hello, extensions: [...extensions, { type, body }] }
    case 2:
      return { ...hello, extensions: shuffled(random, extensions) }
    case 3:
      return { ...hello, extensions: [...others, { type, body: new Uint8Array(0) }] }
    case 4:
      return { ...hello, cipherSuites: shuffled(random, cipherSuites) }
    case 5:
      return random.chance(0.02)
        ? { ...hello, extensions: Array.from({ length: 10_000 }, () => ({ type, body: new Uint8Array(0) })) }
        : { ...hello, extensions: extensions.toSpliced(at, 1, { type, body: corrupt(random, body) }) }
    default:
      return { ...hello, extensions: extensions.toSpliced(at, 1, { type: random.below(65_536), body }) }
  }
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const ODD_VALUES: readonly Json[] = [
  null,
  true,
  -1,
  0,
  1e9,
  '',
  'GREASE',
  'zz',
  '0a0a',
  'ab'.repeat(40_000),
  [],
  {},
]

/** A template is refused with its reason, or makes hellos that can be read again. */
export function fuzzTemplate(seed: number): void {
  const random = new SeededRandom(seed)
  const damaged = JSON.parse(JSON.stringify(templateDocument(pickOne(random, WRITABLE)))) as Json
  for (let times = random.below(3); times > 0; times--) damage(random, damaged)
  if (random.chance(0.1)) enlarge(random, damaged)
  const text = Buffer.from(JSON.stringify(damaged))
  const document = JSON.parse(text.toString()) as Json
  try {
    const template = parseTemplate(document)
    const host = pickOne(random, ['example.test', '127.0.0.1', 'a'.repeat(300), '', '\u0000'])
    const { message: built, record } = new HelloBuilder(template, random).build({ host })
    const body = built.subarray(4)
    if (toHex(encodeClientHello(parseClientHello(body))) !== toHex(body)) fail('a hello that is none', text)
    const isRecord = record.length <= RECORD_MOST && toHex(record.subarray(5)) === toHex(built)
    if (!isRecord || new HelloStream().push(record).length !== 1) fail('a record that is none', text)
  } catch (error) {
    codeOf(error, ['E_MALFORMED', 'E_UNSUPPORTED', 'E_USAGE', 'E_TOO_LARGE'], text)
  }
}

/** More extensions than a hello, or a record, can hold, or just not more. */
function enlarge(random: SeededRandom, document: Json): void {
  const { extensions } = document as { readonly extensions?: Json }
  if (!Array.isArray(extensions)) return
  const body = 'ab'.repeat(random.below(4_097))
  const first = 0x5000 + random.below(100)
  for (let i = random.below(pickOne(random, [5, 25, 240])); i > 0; i--)
    extensions.push({ type: (first + i).toString(16), body })
}

/** Somewhere in the document a value is another one, is gone, or comes often. */
function damage(random: SeededRandom, value: Json): void {
  if (typeof value !== 'object' || value === null) return
  const keys = Object.keys(value)
  const key = pickOne(random, keys)
  const holder = value as { [key: string]: Json }
  const inner = keys.length === 0 ? null : (holder[key] as Json)
  if (typeof inner === 'object' && inner !== null && random.chance(0.8)) {
    damage(random, inner)
    return
  }
  switch (random.below(4)) {
    case 0:
      delete holder[key]
      break
    case 1:
      if (Array.isArray(value)) value.push(...Array.from({ length: random.below(300) }, () => inner))
      else holder.more = inner
      break
    default:
      // A copy, or later seeds would find what earlier ones did to it.
      holder[key] = structuredClone(pickOne(random, ODD_VALUES))
  }
}

/** What a listener says of the first bytes is the same in one piece and in many, and comes in the end. */
export function fuzzFirstFlight(seed: number): void {
  const random = new SeededRandom(seed)
  const hello = plausibleHello(random)
  const bytes = random.chance(0.8) ? corrupt(random, inRecords(random, hello)) : inRecords(random, hello)
  const [once, pieces] = [flightOf([bytes]), flightOf(inPieces(random, bytes))]
  if (once !== pieces) fail(`another first flight when it comes in pieces: ${once}, ${pieces}`, bytes)
  const more = random.chance(0.02) ? flightOf([bytes, new Uint8Array(FLIGHT_MOST + 1)]) : 'hello'
  if (more === 'more') fail('a first flight without an end', bytes)
}

function flightOf(pieces: readonly Uint8Array[]): string {
  const flight = new FirstFlight()
  let last = 'more'
  let given: Uint8Array = new Uint8Array(0)
  for (const piece of pieces) {
    if (piece.length === 0) continue
    const step = flight.push(piece)
    given = concat(given, piece)
    if (toHex(flight.bytes) !== toHex(given)) fail('bytes that the server will not see', given)
    last = step.step === 'fault' ? step.fault : step.step === 'hello' ? toHex(step.found.message) : step.step
    if (step.step !== 'more') break
  }
  return last
}
