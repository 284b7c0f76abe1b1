/**
 * Finds the hellos in what one side of a connection sends. They need not come first: behind the words of a proxy or
 * of STARTTLS a hello is as good as at the start. A client that is sent a HelloRetryRequest says a second one.
 */
import { readU16, readU24 } from '../../core/index.ts'
import { GrowingBytes } from '../growing-bytes.ts'
import { CLIENT_HELLO, HANDSHAKE_HEADER_BYTES } from '../handshake-header.ts'
import { RECORD_HEADER_BYTES } from '../record/constants.ts'
import { isRetryRandom } from './server-hello.ts'

export const SERVER_HELLO = 2

const RECORD = { changeCipherSpec: 20, handshake: 22 } as const
/** Record header, handshake header and version: what tells a hello from other bytes. */
const SIGNATURE_BYTES = RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES + 2
/** The same where nothing else is expected. */
const FIRST_BYTES = RECORD_HEADER_BYTES + 1
/** How far before a hello other words may reach, bytes. */
const SEARCH_MOST = 16_384
/** Behind the version. */
const RANDOM_BYTES = 32
/** Longest hello, bytes. */
const MESSAGE_MOST = 65_536

/** Why no more hellos come. `no-hello`: nothing like one was found where it would be. */
export type HelloFault = 'no-hello' | 'too-large' | 'malformed-record'

export class HelloStream {
  /** From the record that is not whole, or from where a hello is looked for. */
  readonly #held = new GrowingBytes()
  #searched = 0
  #hasFound = false
  readonly #message = new GrowingBytes()
  #isDone = false
  #fault: HelloFault | undefined

  /** Nothing more is wanted. */
  get isDone(): boolean {
    return this.#isDone
  }

  get fault(): HelloFault | undefined {
    return this.#fault
  }

  /**
   * Takes the next bytes.
   * @returns ClientHello and ServerHello messages that they complete, with their 4-byte headers
   */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    if (this.#isDone) return []
    this.#held.append(bytes)
    if (!this.#hasFound && !this.#search()) return []
    const messages: Uint8Array[] = []
    const held = this.#held.bytes
    let at = 0
    while (!this.#isDone) {
      const end = this.#recordEnd(held, at)
      if (end === undefined) break
      this.#takeRecord(held[at] as number, held.subarray(at + RECORD_HEADER_BYTES, end), messages)
      at = end
    }
    this.#held.drop(at)
    if (this.#isDone) {
      this.#held.clear()
      this.#message.clear()
    }
    return messages
  }

  /** @returns true when `held` begins with a hello */
  #search(): boolean {
    const held = this.#held.bytes
    for (let at = held.indexOf(RECORD.handshake); at >= 0; at = held.indexOf(RECORD.handshake, at + 1)) {
      const isFirst = at === 0 && this.#searched === 0
      const isWhole = at + (isFirst ? FIRST_BYTES : SIGNATURE_BYTES) <= held.length
      if (isWhole && !(isFirst ? mayBeHello(held) : isHello(held, at))) continue
      // The words before it are not needed again.
      this.#held.drop(at)
      this.#searched += at
      if (!isWhole) return this.#mayGoOn()
      this.#hasFound = true
      return true
    }
    this.#searched += held.length
    this.#held.drop(held.length)
    return this.#mayGoOn()
  }

  #mayGoOn(): false {
    if (this.#searched > SEARCH_MOST) this.#end('no-hello')
    return false
  }

  /** Where the record at `at` ends; undefined when it is not whole, or when there is none. */
  #recordEnd(held: Uint8Array, at: number): number | undefined {
    if (at + RECORD_HEADER_BYTES > held.length) return undefined
    const type = held[at]
    const isWithin = this.#message.length > 0
    const isExpected = type === RECORD.handshake || (type === RECORD.changeCipherSpec && !isWithin)
    const length = readU16(held, at + 3)
    if (!isExpected || held[at + 1] !== 3 || length === 0) {
      this.#end(isWithin ? 'malformed-record' : undefined)
      return undefined
    }
    const end = at + RECORD_HEADER_BYTES + length
    return end > held.length ? undefined : end
  }

  #takeRecord(type: number, fragment: Uint8Array, messages: Uint8Array[]): void {
    if (type === RECORD.changeCipherSpec) return
    this.#message.append(fragment)
    const message = this.#message.bytes
    if (message.length < HANDSHAKE_HEADER_BYTES) return
    const kind = message[0]
    const length = HANDSHAKE_HEADER_BYTES + readU24(message, 1)
    if (kind !== CLIENT_HELLO && kind !== SERVER_HELLO) {
      this.#end()
    } else if (length > MESSAGE_MOST) {
      this.#end('too-large')
    } else if (message.length >= length) {
      messages.push(message.slice(0, length))
      // Only a request to try again, and the hello of a client, stand alone in their record and have a successor.
      if (message.length > length || (kind === SERVER_HELLO && !isRetryRequest(message))) this.#end()
      this.#message.drop(message.length)
    }
  }

  #end(fault?: HelloFault): void {
    this.#isDone = true
    this.#fault = fault
  }
}

function isRetryRequest(message: Uint8Array): boolean {
  const at = HANDSHAKE_HEADER_BYTES + 2
  return isRetryRandom(message.subarray(at, at + RANDOM_BYTES))
}

/** At the start of a connection records may be of any length: some clients split the first one to pass filters. */
function mayBeHello(bytes: Uint8Array): boolean {
  const kind = bytes[RECORD_HEADER_BYTES]
  return bytes[1] === 3 && (bytes[2] as number) <= 4 && (kind === CLIENT_HELLO || kind === SERVER_HELLO)
}

/** A handshake record that begins with a ClientHello or ServerHello. */
function isHello(bytes: Uint8Array, at: number): boolean {
  const recordLength = readU16(bytes, at + 3)
  const kind = bytes[at + RECORD_HEADER_BYTES]
  const messageLength = HANDSHAKE_HEADER_BYTES + readU24(bytes, at + RECORD_HEADER_BYTES + 1)
  return (
    bytes[at + 1] === 3 &&
    (bytes[at + 2] as number) <= 4 &&
    (kind === CLIENT_HELLO || kind === SERVER_HELLO) &&
    recordLength > HANDSHAKE_HEADER_BYTES &&
    // A server packs more messages behind its hello, a long hello goes on in the next record.
    (kind === SERVER_HELLO || recordLength <= messageLength) &&
    bytes[at + RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES] === 3
  )
}
