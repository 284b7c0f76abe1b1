/** HELLO: the parameters inside the handshake messages (section 3.4). */
import {
  AivError,
  concat,
  decodeVarint,
  decodeVarint64,
  encodeVarint,
  isAllZero,
  readU16,
  readU32,
  readU64,
  u16,
  u32,
  u64,
} from '../../core/index.ts'
import { MAX_FRAME_LEAST, MAX_FRAME_MOST, STREAM_WINDOW_MOST } from '../constants.ts'
import { ABSENT_PARAMETERS, type SideParameters } from '../session/index.ts'
import type { LinkName } from './prologue.ts'
import type { Suite } from './suites.ts'

const ID = {
  VERSIONS: 0x01,
  FEATURES: 0x02,
  MAX_FRAME: 0x04,
  STREAM_WINDOW: 0x06,
  SESSION_WINDOW: 0x08,
  MAX_STREAMS: 0x0a,
  IDLE_TIMEOUT: 0x0c,
  PAD: 0x10,
  ACCESS_TICKET: 0x11,
  ID_CERT: 0x13,
  TIME: 0x15,
  ERROR: 0x17,
} as const

const CERTIFICATE_LENGTH = 145
const TICKET_LENGTH = { min: 129, max: 169 } as const

export interface Hello {
  /** u16 values; message 1 all that are offered, message 2 the chosen one. */
  readonly versions?: readonly number[]
  readonly features?: number
  readonly parameters?: SideParameters
  readonly accessTicket?: Uint8Array
  readonly certificate?: Uint8Array
  readonly timeSeconds?: bigint
  readonly error?: number
  /** Zero bytes of padding; undefined leaves the parameter out. */
  readonly padLength?: number
}

export interface ParsedHello {
  readonly versions: readonly number[]
  readonly features: number
  /** Absent ones replaced by their defaults. */
  readonly parameters: SideParameters
  readonly accessTicket: Uint8Array | undefined
  readonly certificate: Uint8Array | undefined
  readonly timeSeconds: bigint | undefined
  readonly error: number | undefined
  /** Undefined when PAD is absent. */
  readonly padLength: number | undefined
  /** First unknown odd id: the peer needs something we do not have. */
  readonly unsupported: bigint | undefined
}

/** Where a HELLO was met: which parameters may and must be in it follows from that. */
export interface HelloContext {
  readonly message: 1 | 2 | 3
  readonly suite: Suite
  readonly link: LinkName
}

/** Writes the parameters in ascending order of their ids. */
export function encodeHello(hello: Hello): Uint8Array {
  const out: Uint8Array[] = []
  const put = (id: number, value: Uint8Array): void => {
    out.push(encodeVarint(id), encodeVarint(value.length), value)
  }
  if (hello.versions !== undefined) put(ID.VERSIONS, concat(...hello.versions.map(u16)))
  if (hello.features !== undefined) put(ID.FEATURES, u32(hello.features))
  if (hello.parameters !== undefined) {
    const { maxFrame, streamWindow, sessionWindow, maxStreams, idleTimeoutMs } = hello.parameters
    put(ID.MAX_FRAME, encodeVarint(maxFrame))
    put(ID.STREAM_WINDOW, encodeVarint(streamWindow))
    if (sessionWindow !== undefined) put(ID.SESSION_WINDOW, encodeVarint(sessionWindow))
    put(ID.MAX_STREAMS, encodeVarint(maxStreams))
    put(ID.IDLE_TIMEOUT, encodeVarint(idleTimeoutMs))
  }
  if (hello.padLength !== undefined) put(ID.PAD, new Uint8Array(hello.padLength))
  if (hello.accessTicket !== undefined) put(ID.ACCESS_TICKET, hello.accessTicket)
  if (hello.certificate !== undefined) put(ID.ID_CERT, hello.certificate)
  if (hello.timeSeconds !== undefined) put(ID.TIME, u64(hello.timeSeconds))
  if (hello.error !== undefined) put(ID.ERROR, u16(hello.error))
  return concat(...out)
}

/**
 * Parses and checks a HELLO.
 * @throws AivError `E_MALFORMED` for a parameter that is malformed, out of range, misplaced or missing
 */
export function parseHello(bytes: Uint8Array, context: HelloContext): ParsedHello {
  const found = new Map<number, Uint8Array>()
  let unsupported: bigint | undefined
  let last = -1n
  let at = 0
  while (at < bytes.length) {
    const id = decodeVarint64(bytes, at)
    const length = decodeVarint(bytes, id.next)
    at = length.next + length.value
    if (at > bytes.length) throw refuse('a parameter is truncated')
    if (id.value <= last) throw refuse('parameter ids do not ascend')
    last = id.value
    const value = bytes.subarray(length.next, at)
    if (isKnown(Number(id.value))) found.set(Number(id.value), value)
    else if (id.value % 2n === 1n) unsupported ??= id.value
  }
  for (const id of found.keys()) if (!isAllowed(id, context)) throw refuse(`parameter ${id} is misplaced`)
  const pad = found.get(ID.PAD)
  if (pad !== undefined && !isAllZero(pad)) throw refuse('PAD is not zero')
  const error = found.get(ID.ERROR)
  if (error !== undefined) return parseError(error, found, unsupported)
  requireMandatory(found, context)
  return {
    versions: parseVersions(found.get(ID.VERSIONS), context),
    features: parseFeatures(found.get(ID.FEATURES)),
    parameters: parseParameters(found),
    accessTicket: checkLength(found.get(ID.ACCESS_TICKET), TICKET_LENGTH.min, TICKET_LENGTH.max),
    certificate: checkLength(found.get(ID.ID_CERT), CERTIFICATE_LENGTH, CERTIFICATE_LENGTH),
    timeSeconds: parseTime(found.get(ID.TIME)),
    error: undefined,
    padLength: pad?.length,
    unsupported,
  }
}

function isKnown(id: number): boolean {
  return Object.values<number>(ID).includes(id)
}

function isAllowed(id: number, { message, suite, link }: HelloContext): boolean {
  switch (id) {
    case ID.PAD:
      return true
    case ID.ACCESS_TICKET:
      // Message 1 of XX is readable, and resumption needs no ticket; on https the HTTP layer carries it.
      return message === 1 && suite.pattern === 'XK' && link !== 'https'
    case ID.ID_CERT:
      return message !== 1 && suite.pattern !== 'NN'
    case ID.TIME:
      return message === 1
    case ID.ERROR:
      return message === 2
    default:
      return message !== 3
  }
}

function requireMandatory(found: ReadonlyMap<number, Uint8Array>, { message, suite }: HelloContext): void {
  const needs: number[] = message === 3 ? [] : [ID.VERSIONS]
  if (message === 1) needs.push(ID.TIME)
  if (message !== 1 && suite.pattern !== 'NN') needs.push(ID.ID_CERT)
  for (const id of needs) if (!found.has(id)) throw refuse(`parameter ${id} is missing`)
}

function parseError(
  value: Uint8Array,
  found: ReadonlyMap<number, Uint8Array>,
  unsupported: bigint | undefined,
): ParsedHello {
  if (value.length !== 2) throw refuse('ERROR is not 2 bytes')
  for (const id of found.keys())
    if (id !== ID.ERROR && id !== ID.PAD) throw refuse('ERROR beside other parameters')
  return {
    versions: [],
    features: 0,
    parameters: ABSENT_PARAMETERS,
    accessTicket: undefined,
    certificate: undefined,
    timeSeconds: undefined,
    error: readU16(value, 0),
    padLength: found.get(ID.PAD)?.length,
    unsupported,
  }
}

function parseVersions(value: Uint8Array | undefined, { message }: HelloContext): readonly number[] {
  if (value === undefined) return []
  if (value.length === 0 || value.length % 2 !== 0) throw refuse('VERSIONS is not a list of u16')
  if (message === 2 && value.length !== 2) throw refuse('VERSIONS of message 2 is not one version')
  const versions: number[] = []
  for (let at = 0; at < value.length; at += 2) versions.push(readU16(value, at))
  return versions
}

function parseFeatures(value: Uint8Array | undefined): number {
  if (value === undefined) return 0
  if (value.length !== 4) throw refuse('FEATURES is not 4 bytes')
  return readU32(value, 0)
}

function parseParameters(found: ReadonlyMap<number, Uint8Array>): SideParameters {
  const read = (id: number, min: number, max: number): number | undefined => {
    const value = found.get(id)
    if (value === undefined) return undefined
    const { value: wide, next } = decodeVarint64(value, 0)
    if (next !== value.length) throw refuse(`bytes after the varint of parameter ${id}`)
    if (wide < min || wide > max) throw refuse(`parameter ${id} is out of range`)
    // Where the table has no upper bound the peer may name up to 2^62-1; no session comes near 2^53.
    return Number(wide > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : wide)
  }
  const most = Number.POSITIVE_INFINITY
  const streamWindow = read(ID.STREAM_WINDOW, 0, STREAM_WINDOW_MOST) ?? ABSENT_PARAMETERS.streamWindow
  return {
    maxFrame: read(ID.MAX_FRAME, MAX_FRAME_LEAST, MAX_FRAME_MOST) ?? ABSENT_PARAMETERS.maxFrame,
    streamWindow,
    sessionWindow: read(ID.SESSION_WINDOW, streamWindow, most),
    maxStreams: read(ID.MAX_STREAMS, 0, most) ?? ABSENT_PARAMETERS.maxStreams,
    idleTimeoutMs: read(ID.IDLE_TIMEOUT, 0, most) ?? ABSENT_PARAMETERS.idleTimeoutMs,
  }
}

function parseTime(value: Uint8Array | undefined): bigint | undefined {
  if (value === undefined) return undefined
  if (value.length !== 8) throw refuse('TIME is not 8 bytes')
  return readU64(value, 0)
}

function checkLength(value: Uint8Array | undefined, min: number, max: number): Uint8Array | undefined {
  if (value !== undefined && (value.length < min || value.length > max))
    throw refuse('a parameter of the wrong length')
  return value
}

function refuse(message: string): AivError {
  return new AivError('E_MALFORMED', `HELLO: ${message}`)
}
