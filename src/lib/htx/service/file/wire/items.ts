/** The CBOR maps of the file service (section 12.2). Keys that are not known are ignored; all others are checked. */
import {
  AivError,
  type CborMap,
  type CborValue,
  concat,
  decodeCbor,
  encodeCbor,
  encodeVarint,
  isCborMap,
} from '../../../../core/index.ts'
import { DIGEST_BYTES } from '../constants.ts'

/** What a sender says about a file. */
export interface FileOffer {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Unix seconds. */
  readonly mtime: number
  /** Permission bits; a receiver uses the low nine. */
  readonly mode: number
  /** 32 bytes. */
  readonly fingerprint: Uint8Array
}

/** What a receiver holds already: how much, and the SHA-256 of it. */
export interface HeldPrefix {
  /** Bytes. */
  readonly offset: number
  /** 32 bytes. */
  readonly prefix: Uint8Array
}

export type FileRequest =
  | { readonly op: 'put'; readonly offer: FileOffer }
  | { readonly op: 'get'; readonly name: string; readonly held: HeldPrefix }
  | { readonly op: 'list'; readonly path: string }

export function putParams(offer: FileOffer): CborMap {
  return { op: 'put', ...offer }
}

export function getParams(name: string, { offset, prefix }: HeldPrefix): CborMap {
  return { op: 'get', name, offset, prefix }
}

export function listParams(path: string): CborMap {
  return { op: 'list', path }
}

/**
 * Reads the parameters of the service header.
 * @throws AivError `E_MALFORMED`
 */
export function parseRequest(params: CborMap): FileRequest {
  switch (params.op) {
    case 'put':
      return { op: 'put', offer: parseOffer(params) }
    case 'get':
      return { op: 'get', name: text(params, 'name'), held: parseHeld(params) }
    case 'list':
      return { op: 'list', path: text(params, 'path') }
    default:
      throw malformed('the operation is not put, get or list')
  }
}

export function parseOffer(map: CborMap): FileOffer {
  return {
    name: text(map, 'name'),
    size: unsigned(map, 'size'),
    mtime: unsigned(map, 'mtime'),
    mode: unsigned(map, 'mode'),
    fingerprint: digest(map, 'fingerprint'),
  }
}

export function parseHeld(map: CborMap): HeldPrefix {
  return { offset: unsigned(map, 'offset'), prefix: digest(map, 'prefix') }
}

/** True when the receiver must drop what it holds. */
export function parseRestart(map: CborMap): boolean {
  return flag(map, 'restart')
}

/** A map behind its length, as it follows the service header. */
export function encodeItem(map: CborMap): Uint8Array {
  const body = encodeCbor(map)
  return concat(encodeVarint(body.length), body)
}

export function encodeOffer(offer: FileOffer): Uint8Array {
  return encodeItem({ ...offer })
}

/** @throws AivError `E_MALFORMED` when the bytes are no map */
export function decodeItem(bytes: Uint8Array): CborMap {
  const value = decodeCbor(bytes, { depth: 4, items: 64 })
  if (!isCborMap(value)) throw malformed('an item is not a map')
  return value
}

export function text(map: CborMap, key: string): string {
  const value = field(map, key)
  if (typeof value !== 'string') throw malformed(`${key} is not text`)
  return value
}

/** 0..2^53-1. */
export function unsigned(map: CborMap, key: string): number {
  const value = field(map, key)
  if (typeof value !== 'number' || value < 0) throw malformed(`${key} is not an unsigned number below 2^53`)
  return value
}

export function flag(map: CborMap, key: string): boolean {
  const value = field(map, key)
  if (typeof value !== 'boolean') throw malformed(`${key} is not true or false`)
  return value
}

function digest(map: CborMap, key: string): Uint8Array {
  const value = field(map, key)
  if (!(value instanceof Uint8Array) || value.length !== DIGEST_BYTES)
    throw malformed(`${key} is not ${DIGEST_BYTES} bytes`)
  return value
}

/** Also for maps that did not come from our decoder and have a prototype. */
function field(map: CborMap, key: string): CborValue | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

function malformed(message: string): AivError {
  return new AivError('E_MALFORMED', `file request: ${message}`)
}
