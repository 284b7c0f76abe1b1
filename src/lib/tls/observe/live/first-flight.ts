/**
 * The first bytes of a connection, until its ClientHello is whole. They are kept, because a TLS server reads them again
 * after us. A hello comes first here: whoever says something else is no client of this server.
 */

import { GrowingBytes } from '../../growing-bytes.ts'
import { CLIENT_HELLO } from '../../handshake-header.ts'
import { HelloStream } from '../../hello/hello-stream.ts'
import { type FoundHello, readHello } from '../find/found-hello.ts'
import { FIRST_FLIGHT_MOST } from './constants.ts'

export type FlightFault = 'not-tls' | 'too-large' | 'malformed-record' | 'malformed-hello'

export type FlightStep =
  | { readonly step: 'more' }
  | { readonly step: 'hello'; readonly found: FoundHello }
  | { readonly step: 'fault'; readonly fault: FlightFault }

/** What the first bytes must be, as the first byte that is allowed at each place and the last. */
const START: readonly (readonly [least: number, most: number])[] = [
  [22, 22],
  [3, 3],
  [0, 4],
  [0, 255],
  [0, 255],
  [CLIENT_HELLO, CLIENT_HELLO],
]

const MORE: FlightStep = { step: 'more' }

export class FirstFlight {
  readonly #held = new GrowingBytes()
  readonly #stream = new HelloStream()

  /** Everything so far, as a view that is good until the next call. */
  get bytes(): Uint8Array {
    return this.#held.bytes
  }

  /** Takes the next bytes; not called again after a step that is not `more`. */
  push(bytes: Uint8Array): FlightStep {
    const room = FIRST_FLIGHT_MOST - this.#held.length
    this.#held.append(bytes)
    if (!mayBeHello(this.#held.bytes)) return fault('not-tls')
    // What lies beyond is not looked at: the answer may not depend on the pieces that the bytes come in.
    const [message] = this.#stream.push(bytes.subarray(0, room))
    if (message !== undefined) {
      const found = readHello(message, 'tcp', {})
      return found === undefined ? fault('malformed-hello') : { step: 'hello', found }
    }
    if (this.#stream.isDone)
      return fault(this.#stream.fault === 'too-large' ? 'too-large' : 'malformed-record')
    return this.#held.length > FIRST_FLIGHT_MOST ? fault('too-large') : MORE
  }
}

function mayBeHello(bytes: Uint8Array): boolean {
  return START.every(([least, most], at) => {
    const byte = bytes[at]
    return byte === undefined || (byte >= least && byte <= most)
  })
}

function fault(reason: FlightFault): FlightStep {
  return { step: 'fault', fault: reason }
}
