/** Paths as JSON: the hops of a packet in order, each with its id, its mix key and how long it shall hold the packet. */
import { AivError, fromHex, fromUtf8, isAivError, toHex, utf8 } from '../../core/index.ts'
import {
  ELEMENT_BYTES,
  NODE_ID_BYTES,
  type PathHop,
  RECIPIENT_ID_BYTES,
  type RoutingCommand,
} from '../../sphinx/index.ts'

/** 16 hops have about 3 KB. */
export const MAX_PATH_FILE_BYTES = 65_536
const MAX_ENTRIES = 16
const MAX_DELAY_MS = 0xffffffff

export interface PathEntry {
  readonly id: Uint8Array
  readonly publicKey: Uint8Array
  /** Milliseconds; undefined leaves it to the node. */
  readonly delayMs?: number | undefined
}

/**
 * Reads a list of `{id, public_key, delay_ms?}`, bare or as `hops` of an object. Other fields mean nothing.
 * @throws AivError `E_INPUT`
 */
export function parsePathFile(bytes: Uint8Array): PathEntry[] {
  try {
    return entriesOf(JSON.parse(fromUtf8(bytes))).map(entryOf)
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable('it is not JSON')
    if (isAivError(error, 'E_MALFORMED')) throw unreadable(error.message)
    throw error
  }
}

export function encodePathFile(entries: readonly PathEntry[]): Uint8Array {
  const hops = entries.map(({ id, publicKey, delayMs }) => ({
    id: toHex(id),
    public_key: toHex(publicKey),
    ...(delayMs === undefined ? {} : { delay_ms: delayMs }),
  }))
  return utf8(`${JSON.stringify(hops, null, 2)}\n`)
}

/**
 * The hops with their commands.
 * @param last what the last hop is told; it holds nothing back, because nobody is behind it
 * @throws AivError `E_INPUT` when the path ends in a delay
 */
export function pathHops(entries: readonly PathEntry[], last: readonly RoutingCommand[]): PathHop[] {
  return entries.map(({ id, publicKey, delayMs }, i): PathHop => {
    const isLast = i === entries.length - 1
    if (isLast && delayMs !== undefined) throw unreadable('the last hop delivers and takes no delay_ms')
    const delay: RoutingCommand[] = delayMs === undefined ? [] : [{ type: 'delay', ms: delayMs }]
    return { id, publicKey, commands: isLast ? last : delay }
  })
}

/**
 * A recipient as people write it: 64 hex digits, or a name, whose UTF-8 is filled with zeros to 32 bytes.
 * @throws AivError `E_USAGE` for an empty name, or one that is too long
 */
export function parseRecipient(text: string): Uint8Array {
  if (/^[0-9a-f]{64}$/i.test(text)) return fromHex(text)
  const name = utf8(text)
  if (name.length === 0 || name.length > RECIPIENT_ID_BYTES)
    throw new AivError(
      'E_USAGE',
      `a recipient is 64 hex digits or a name of up to ${RECIPIENT_ID_BYTES} bytes`,
    )
  const id = new Uint8Array(RECIPIENT_ID_BYTES)
  id.set(name)
  return id
}

function entriesOf(document: unknown): readonly unknown[] {
  const isObject = typeof document === 'object' && document !== null && !Array.isArray(document)
  const list: unknown = isObject && Object.hasOwn(document, 'hops') ? Reflect.get(document, 'hops') : document
  if (!Array.isArray(list)) throw unreadable('it holds no list of hops')
  if (list.length === 0 || list.length > MAX_ENTRIES) throw unreadable(`a path has 1 to ${MAX_ENTRIES} hops`)
  return list
}

function entryOf(entry: unknown, index: number): PathEntry {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw unreadable(`hop ${index + 1} is no object`)
  const field = (name: string): unknown => (Object.hasOwn(entry, name) ? Reflect.get(entry, name) : undefined)
  const delayMs = field('delay_ms')
  if (delayMs !== undefined && !isDelay(delayMs))
    throw unreadable(`delay_ms of hop ${index + 1} is no whole number of milliseconds`)
  return {
    id: bytesOf(field('id'), NODE_ID_BYTES, `id of hop ${index + 1}`),
    publicKey: bytesOf(field('public_key'), ELEMENT_BYTES, `public_key of hop ${index + 1}`),
    delayMs,
  }
}

function isDelay(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_DELAY_MS
}

function bytesOf(value: unknown, length: number, what: string): Uint8Array {
  if (typeof value !== 'string' || value.length !== 2 * length || !/^[0-9a-f]*$/i.test(value))
    throw unreadable(`${what} is not ${length} bytes of hex`)
  return fromHex(value)
}

function unreadable(why: string): AivError {
  return new AivError('E_INPUT', `the path cannot be used: ${why}`)
}
