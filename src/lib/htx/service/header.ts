/** The first bytes of a stream in each direction (section 12.1): which service, and the acceptor's answer. */
import {
  AivError,
  type CborMap,
  concat,
  decodeCbor,
  decodeVarint,
  encodeCbor,
  encodeVarint,
  fromUtf8,
  isCborMap,
  utf8,
  varintLengthFromFirstByte,
} from '../../core/index.ts'
import { MESSAGE_MOST, NAME_MOST, PARAMS_MOST } from './constants.ts'

const NAME = /^[a-z0-9./-]{1,32}$/

export interface ServiceHeader {
  readonly name: string
  readonly params: CborMap
}

/** @throws AivError `E_INPUT` for a name or parameters that the header cannot carry */
export function encodeServiceHeader({ name, params }: ServiceHeader): Uint8Array {
  if (!NAME.test(name)) throw new AivError('E_INPUT', `${name} is not a service name`)
  const body = encodeCbor(params)
  if (body.length > PARAMS_MOST) throw new AivError('E_INPUT', `service parameters of ${body.length} bytes`)
  return concat(Uint8Array.of(name.length), utf8(name), encodeVarint(body.length), body)
}

export interface Parsed<T> {
  readonly value: T
  /** Offset of the first byte after it. */
  readonly next: number
}

/**
 * Parses a header at the start of `bytes`; undefined when more bytes are needed.
 * @throws AivError `E_MALFORMED` as soon as it cannot become a header
 */
export function parseServiceHeader(bytes: Uint8Array): Parsed<ServiceHeader> | undefined {
  const nameLength = bytes[0]
  if (nameLength === undefined) return undefined
  if (nameLength < 1 || nameLength > NAME_MOST) throw malformed('a service name of the wrong length')
  const seen = fromLatin1(bytes.subarray(1, 1 + nameLength))
  if (seen !== '' && !NAME.test(seen)) throw malformed('a service name with characters that are not allowed')
  if (bytes.length < 1 + nameLength) return undefined
  const item = parseItem(bytes, 1 + nameLength, PARAMS_MOST)
  if (item === undefined) return undefined
  const params = decodeCbor(item.value)
  if (!isCborMap(params)) throw malformed('service parameters that are not a map')
  return { value: { name: seen, params }, next: item.next }
}

/** A varint length and that many bytes at `at`; undefined when more bytes are needed. */
export function parseItem(bytes: Uint8Array, at: number, most: number): Parsed<Uint8Array> | undefined {
  const first = bytes[at]
  if (first === undefined || bytes.length < at + varintLengthFromFirstByte(first)) return undefined
  const length = decodeVarint(bytes, at)
  if (length.value > most) throw malformed(`an item of ${length.value} bytes where ${most} are allowed`)
  const next = length.next + length.value
  return bytes.length < next ? undefined : { value: bytes.subarray(length.next, next), next }
}

export const STATUS_OK = 0
export const STATUS_REFUSED = 1

export interface Status {
  readonly status: number
  /** Why, when the status is not 0. */
  readonly message: string
}

/** The acceptor's first bytes. A message is cut to 512 bytes. */
export function encodeStatus({ status, message }: Status): Uint8Array {
  if (status === STATUS_OK) return Uint8Array.of(STATUS_OK)
  let text = utf8(message)
  if (text.length > MESSAGE_MOST) {
    let end = MESSAGE_MOST
    while (((text[end] as number) & 0xc0) === 0x80) end--
    text = text.subarray(0, end)
  }
  return concat(Uint8Array.of(status), encodeVarint(text.length), text)
}

/** Parses a status at the start of `bytes`; undefined when more bytes are needed. */
export function parseStatus(bytes: Uint8Array): Parsed<Status> | undefined {
  const status = bytes[0]
  if (status === undefined) return undefined
  if (status === STATUS_OK) return { value: { status, message: '' }, next: 1 }
  const item = parseItem(bytes, 1, MESSAGE_MOST)
  return item === undefined
    ? undefined
    : { value: { status, message: fromUtf8(item.value) }, next: item.next }
}

function fromLatin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

function malformed(message: string): AivError {
  return new AivError('E_MALFORMED', message)
}
