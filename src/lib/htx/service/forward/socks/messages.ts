/** SOCKS protocol version 5 (RFC 1928): what a client sends and what it is answered. Strict: one form each. */
import { isIPv4, isIPv6 } from 'node:net'
import { AivError, concat, readU16, toHex, u16, utf8 } from '../../../../core/index.ts'
import type { Parsed } from '../../header.ts'
import { ipv6Bytes } from '../access/addresses.ts'
import type { Target } from '../target.ts'

const VERSION = 5
const NO_AUTHENTICATION = 0
const NO_METHOD = 0xff
const ADDRESS_TYPE = { v4: 1, name: 3, v6: 4 } as const
/** Longest greeting: version, count, 255 methods. Bytes. */
export const GREETING_MOST = 2 + 255
/** Longest request: head, a name with its length, port. Bytes. */
export const REQUEST_MOST = 4 + 1 + 255 + 2

export const COMMAND = { connect: 1, udpAssociate: 3 } as const

export const REPLY = {
  succeeded: 0,
  generalFailure: 1,
  notAllowed: 2,
  networkUnreachable: 3,
  hostUnreachable: 4,
  connectionRefused: 5,
  ttlExpired: 6,
  commandNotSupported: 7,
  addressTypeNotSupported: 8,
} as const

/** A request that gets an answer, and no more. */
export class SocksRefusal extends AivError {
  readonly reply: number

  constructor(reply: number, message: string) {
    super('E_UNSUPPORTED', message)
    this.reply = reply
  }
}

export interface SocksRequest {
  readonly command: number
  /** A name is as the client sent it: it is not resolved here. */
  readonly target: Target
}

/** Methods that the client offers. @throws AivError `E_MALFORMED` */
export function parseGreeting(bytes: Uint8Array): Parsed<readonly number[]> | undefined {
  const [version, count] = bytes
  if (version === undefined) return undefined
  if (version !== VERSION) throw malformed('the client does not speak SOCKS version 5')
  if (count === undefined) return undefined
  if (count === 0) throw malformed('the client offers no method')
  const next = 2 + count
  return bytes.length < next ? undefined : { value: [...bytes.subarray(2, next)], next }
}

/** @returns the answer, and whether the client may go on */
export function chooseMethod(methods: readonly number[]): {
  readonly answer: Uint8Array
  readonly ok: boolean
} {
  const ok = methods.includes(NO_AUTHENTICATION)
  return { answer: Uint8Array.of(VERSION, ok ? NO_AUTHENTICATION : NO_METHOD), ok }
}

/** @throws AivError `E_MALFORMED`; SocksRefusal for an address of an unknown type */
export function parseRequest(bytes: Uint8Array): Parsed<SocksRequest> | undefined {
  const [version, command, reserved] = bytes
  if (version === undefined) return undefined
  if (version !== VERSION || (reserved !== undefined && reserved !== 0))
    throw malformed('this is not a SOCKS request')
  if (command === undefined) return undefined
  const target = parseTarget(bytes, 3)
  return target === undefined ? undefined : { value: { command, target: target.value }, next: target.next }
}

/** Address and port at `at`, as in a request and in front of a datagram. */
function parseTarget(bytes: Uint8Array, at: number): Parsed<Target> | undefined {
  const type = bytes[at]
  if (type === undefined) return undefined
  const start = type === ADDRESS_TYPE.name ? at + 2 : at + 1
  const length = addressLength(type, bytes[at + 1])
  if (length === undefined) return undefined
  const next = start + length + 2
  if (bytes.length < next) return undefined
  const address = bytes.subarray(start, start + length)
  return { value: { host: hostOf(type, address), port: readU16(bytes, next - 2) }, next }
}

function addressLength(type: number, first: number | undefined): number | undefined {
  switch (type) {
    case ADDRESS_TYPE.v4:
      return 4
    case ADDRESS_TYPE.v6:
      return 16
    case ADDRESS_TYPE.name:
      if (first === 0) throw malformed('an empty name')
      return first
    default:
      throw new SocksRefusal(REPLY.addressTypeNotSupported, 'an address of an unknown type')
  }
}

/** Printable ASCII without what separates: a name that is none is refused by whoever resolves it. */
const NAME = /^[\x21-\x7e]+$/

function hostOf(type: number, bytes: Uint8Array): string {
  if (type === ADDRESS_TYPE.v4) return bytes.join('.')
  if (type === ADDRESS_TYPE.v6) return (toHex(bytes).match(/.{4}/g) as string[]).join(':')
  const name = String.fromCharCode(...bytes)
  // A path would be taken for a UNIX socket of the peer, which no client of SOCKS can mean.
  if (!NAME.test(name) || name.startsWith('/')) throw malformed('a name with characters that no name has')
  return name
}

/** @param bound where the server listens for the client; zeros when that means nothing */
export function encodeReply(reply: number, bound: Target = { host: '0.0.0.0', port: 0 }): Uint8Array {
  return concat(Uint8Array.of(VERSION, reply, 0), encodeTarget(bound))
}

export interface SocksDatagram {
  readonly target: Target
  readonly data: Uint8Array
}

/** A datagram of a client; undefined for what is none, is cut, or is a fragment: RFC 1928 section 7 drops those. */
export function parseDatagram(bytes: Uint8Array): SocksDatagram | undefined {
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 0) return undefined
  try {
    const target = parseTarget(bytes, 3)
    if (target === undefined || target.value.port === 0) return undefined
    return { target: target.value, data: bytes.subarray(target.next) }
  } catch {
    return undefined
  }
}

/** What goes in front of a datagram from `target`. */
export function datagramHead(target: Target): Uint8Array {
  return concat(new Uint8Array(3), encodeTarget(target))
}

function encodeTarget({ host, port }: Target): Uint8Array {
  return concat(encodeAddress(host), u16(port))
}

function encodeAddress(host: string): Uint8Array {
  if (isIPv4(host)) return Uint8Array.of(ADDRESS_TYPE.v4, ...host.split('.').map(Number))
  // RFC 1928 has no room for a zone.
  if (isIPv6(host) && !host.includes('%')) return Uint8Array.of(ADDRESS_TYPE.v6, ...ipv6Bytes(host))
  const name = utf8(host)
  return concat(Uint8Array.of(ADDRESS_TYPE.name, name.length), name)
}

function malformed(message: string): AivError {
  return new AivError('E_MALFORMED', message)
}
