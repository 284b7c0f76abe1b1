/** The server's half of Encrypted Client Hello (RFC 9849 section 7), written down a second time. */
import { type Recipient, recipientOf } from './hpke.ts'
import { expanded, hashed, mac, type Suite } from './suites.ts'
import { joined, MESSAGE_TYPE, message, number, Reading, vector } from './wire.ts'

const ECH = 0xfe0d
const OUTER_EXTENSIONS = 0xfd00
const SIGNAL_BYTES = 8
/** Where the extensions of a ServerHello begin when its session id has 32 bytes, and its random. */
const EXTENSIONS_AT = 4 + 2 + 32 + 33 + 3
const RANDOM_END = 4 + 2 + 32

export interface EchKey {
  /** 32 bytes. */
  readonly privateKey: Uint8Array
  /** The whole ECHConfig. */
  readonly config: Uint8Array
}

export interface Opened {
  /** The inner hello as it counts in the transcript. */
  readonly inner: Uint8Array
  readonly recipient: Recipient
}

/**
 * @param hello the outer one, with its header
 * @param before what the first hello of this connection was opened with
 * @returns undefined when it is not encrypted to the key
 * @throws Error when what it opens to is wrong
 */
export function openedHello(
  hello: Uint8Array,
  { privateKey, config }: EchKey,
  before?: Recipient,
): Opened | undefined {
  const parts = helloParts(hello.subarray(4))
  const [at, body] = parts.extensions.get(ECH) ?? [0, new Uint8Array(0)]
  const reading = new Reading(body)
  if (body.length === 0 || reading.number(1) !== 0) return undefined
  const [kdf, aead] = [reading.number(2), reading.number(2)]
  reading.bytes(1)
  const enc = reading.vector(2)
  const payload = reading.vector(2)
  if (before !== undefined && enc.length > 0) throw new Error('a second hello with a new key')
  if (kdf !== 1 || (before === undefined && enc.length !== 32)) return undefined
  const info = joined(Buffer.from('tls ech\0'), config)
  const recipient = before ?? recipientOf(aead, privateKey, enc, info)
  const aad = hello.slice(4).fill(0, at + body.length - payload.length, at + body.length)
  const encoded = recipient?.open(aad, payload)
  if (recipient === undefined || encoded === undefined) return undefined
  return { inner: completed(encoded, parts), recipient }
}

/** The name in the hello; empty without one. */
export function nameIn(hello: Uint8Array): string {
  const [, body] = helloParts(hello.subarray(4)).extensions.get(0) ?? [0, undefined]
  return body === undefined ? '' : Buffer.from(body.subarray(5)).toString('latin1')
}

/** Transcript before the answer, and the random of the inner hello. */
export interface InnerSide {
  readonly before: readonly Uint8Array[]
  /** With its header. */
  readonly hello: Uint8Array
}

/** The answer with the signal that the inner hello was used, in the last bytes of its random. */
export function confirmed(suite: Suite, answer: Uint8Array, inner: InnerSide): Uint8Array {
  return withSignal(suite, answer, RANDOM_END - SIGNAL_BYTES, 'ech accept confirmation', inner)
}

/** The HelloRetryRequest with the signal in an extension. */
export function confirmedRetry(suite: Suite, request: Uint8Array, inner: InnerSide): Uint8Array {
  const list = new Reading(request.subarray(EXTENSIONS_AT)).vector(2)
  const signal = joined(number(ECH, 2), vector(2, new Uint8Array(SIGNAL_BYTES)))
  const whole = message(MESSAGE_TYPE.serverHello, request.subarray(4, EXTENSIONS_AT), vector(2, list, signal))
  return withSignal(suite, whole, whole.length - SIGNAL_BYTES, 'hrr ech accept confirmation', inner)
}

function withSignal(
  suite: Suite,
  answer: Uint8Array,
  at: number,
  label: string,
  { before, hello }: InnerSide,
): Uint8Array {
  const zeroed = answer.slice().fill(0, at, at + SIGNAL_BYTES)
  const secret = mac(suite, new Uint8Array(suite.hashBytes), hello.subarray(6, 38))
  zeroed.set(expanded(suite, secret, label, hashed(suite, ...before, zeroed), SIGNAL_BYTES), at)
  return zeroed
}

interface HelloParts {
  readonly sessionId: Uint8Array
  /** Where each body begins, and what it is. */
  readonly extensions: ReadonlyMap<number, readonly [at: number, body: Uint8Array]>
}

/** @param body of a hello; something may stand behind it */
function helloParts(body: Uint8Array): HelloParts & { readonly end: number; readonly extensionsAt: number } {
  const reading = new Reading(body)
  reading.bytes(34)
  const sessionId = reading.vector(1)
  reading.vector(2)
  reading.vector(1)
  const list = reading.vector(2)
  const extensionsAt = list.byteOffset - body.byteOffset
  const [extensions, inList] = [new Map<number, readonly [number, Uint8Array]>(), new Reading(list)]
  while (!inList.isDone) {
    const [type, content] = [inList.number(2), inList.vector(2)]
    extensions.set(type, [content.byteOffset - body.byteOffset, content])
  }
  return { sessionId, extensions, end: extensionsAt + list.length, extensionsAt }
}

/** With the session id and the extensions that stand in the outer hello alone. */
function completed(encoded: Uint8Array, outer: HelloParts): Uint8Array {
  const { sessionId, extensions, end, extensionsAt } = helloParts(encoded)
  if (sessionId.length > 0) throw new Error('an encoded inner hello with a session id')
  if (encoded.subarray(end).some((byte) => byte !== 0)) throw new Error('padding that is not zero')
  if (extensions.get(ECH)?.[1].join() !== '1') throw new Error('an inner hello that is not marked as one')
  const written = [...extensions].flatMap(([type, [, body]]) => {
    if (type !== OUTER_EXTENSIONS) return [joined(number(type, 2), vector(2, body))]
    const types = new Reading(new Reading(body).vector(1))
    const copied: Uint8Array[] = []
    while (!types.isDone) {
      const referenced = types.number(2)
      const found = outer.extensions.get(referenced)
      if (found === undefined) throw new Error(`extension ${referenced} is not outside`)
      copied.push(joined(number(referenced, 2), vector(2, found[1])))
    }
    return copied
  })
  // Version and random; then the session id; then suites and compression up to the length of the extensions.
  const start = joined(
    encoded.subarray(0, 34),
    vector(1, outer.sessionId),
    encoded.subarray(35, extensionsAt - 2),
  )
  return message(MESSAGE_TYPE.clientHello, start, vector(2, ...written))
}
