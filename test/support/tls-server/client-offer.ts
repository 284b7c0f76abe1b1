/** What a ClientHello offers (RFC 8446 section 4.1.2), as far as a server that answers it has to know. */
import { Reading } from './wire.ts'

export interface ClientOffer {
  readonly sessionId: Uint8Array
  readonly suites: readonly number[]
  readonly extensions: ReadonlyMap<number, Uint8Array>
  /** By group. */
  readonly shares: ReadonlyMap<number, Uint8Array>
}

const KEY_SHARE = 0x33

/** @param hello with its header */
export function clientOffer(hello: Uint8Array): ClientOffer {
  const reading = new Reading(hello.subarray(4))
  reading.bytes(2 + 32)
  const sessionId = reading.vector(1)
  const suites = numbersOf(reading.vector(2))
  reading.vector(1)
  const list = new Reading(reading.vector(2))
  const extensions = new Map<number, Uint8Array>()
  while (!list.isDone) extensions.set(list.number(2), list.vector(2))
  const shares = new Map<number, Uint8Array>()
  const sent = new Reading(new Reading(extensions.get(KEY_SHARE) ?? Uint8Array.of(0, 0)).vector(2))
  while (!sent.isDone) shares.set(sent.number(2), sent.vector(2))
  return { sessionId, suites, extensions, shares }
}

function numbersOf(bytes: Uint8Array): readonly number[] {
  const [reading, numbers] = [new Reading(bytes), [] as number[]]
  while (!reading.isDone) numbers.push(reading.number(2))
  return numbers
}
