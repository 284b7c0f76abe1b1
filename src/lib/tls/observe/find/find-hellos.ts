/** Hellos in whatever a file or a pipe brings: a capture, the bytes of a connection, or those as hexadecimal. */
import { AivError, fromHex } from '../../../core/index.ts'
import { GrowingBytes } from '../../growing-bytes.ts'
import { CLIENT_HELLO, HANDSHAKE_HEADER_BYTES } from '../../handshake-header.ts'
import { HelloStream, SERVER_HELLO } from '../../hello/hello-stream.ts'
import { readCapture, sniffCaptureFormat } from '../capture/index.ts'
import type { Skipped } from '../skip-counts.ts'
import { CaptureHellos } from './capture-hellos.ts'
import { type FoundHello, readHello } from './found-hello.ts'

/** Input that is no capture is read whole, up to this many bytes. */
const RAW_MOST = 4 * 1024 * 1024
/** Bytes that tell a capture. */
const MAGIC_BYTES = 4
const HEX_TEXT = /^(?:0x)?[0-9a-fA-F\s:]+$/

export interface FindOptions {
  readonly onHello: (found: FoundHello) => void
  /** Awaited after each piece of a capture, so that a slow reader of results slows the reading down. */
  readonly afterChunk?: () => Promise<void> | undefined
  readonly signal?: AbortSignal
}

export interface FindSummary {
  readonly format: 'pcap' | 'pcapng' | 'bytes' | 'hex'
  /** Whole packets; 0 when the input is no capture. */
  readonly packets: number
  /** The capture ends before its last record does. */
  readonly isCut: boolean
  readonly skipped: readonly Skipped[]
}

/**
 * @param input in pieces of any length
 * @throws AivError `E_MALFORMED` for a capture whose structure is broken, and for other input without a hello;
 *   `E_TOO_LARGE`, `E_UNSUPPORTED`, `E_ABORTED`
 */
export async function findHellos(
  input: AsyncIterable<Uint8Array>,
  options: FindOptions,
): Promise<FindSummary> {
  const pieces = input[Symbol.asyncIterator]()
  const start = await atLeast(MAGIC_BYTES, pieces)
  const whole = behind(start, pieces)
  return sniffCaptureFormat(start) === undefined
    ? await findInBytes(whole, options)
    : await findInCapture(whole, options)
}

async function findInCapture(input: AsyncIterable<Uint8Array>, options: FindOptions): Promise<FindSummary> {
  const { onHello, afterChunk, signal } = options
  const hellos = Object.assign(new CaptureHellos(onHello), afterChunk === undefined ? {} : { afterChunk })
  const summary = await readCapture(input, hellos, signal === undefined ? {} : { signal })
  const skipped = [...summary.skipped, ...hellos.skips.list()].sort((a, b) => a.firstPacket - b.firstPacket)
  return { format: summary.format, packets: summary.packets, isCut: summary.cut, skipped }
}

async function findInBytes(
  input: AsyncIterable<Uint8Array>,
  { onHello, signal }: FindOptions,
): Promise<FindSummary> {
  const { format, bytes } = decoded(await readAll(input, signal))
  const hellos = messagesIn(bytes).map((message) => readHello(message, 'tcp', {}))
  const good = hellos.filter((hello) => hello !== undefined)
  if (good.length === 0) {
    throw new AivError(
      'E_MALFORMED',
      hellos.length === 0 ? 'the input holds no hello' : 'the hello in the input is malformed',
      { hint: 'Give a pcap or pcapng capture, the bytes of a TLS connection, or those as hexadecimal.' },
    )
  }
  for (const hello of good) onHello(hello)
  return { format, packets: 0, isCut: false, skipped: [] }
}

function messagesIn(bytes: Uint8Array): readonly Uint8Array[] {
  const isMessage = bytes[0] === CLIENT_HELLO || bytes[0] === SERVER_HELLO
  const length = isMessage && bytes.length >= HANDSHAKE_HEADER_BYTES ? messageLength(bytes) : undefined
  return length === bytes.length ? [bytes] : new HelloStream().push(bytes)
}

function messageLength(bytes: Uint8Array): number {
  const [, high = 0, middle = 0, low = 0] = bytes
  return HANDSHAKE_HEADER_BYTES + ((high << 16) | (middle << 8) | low)
}

function decoded(bytes: Uint8Array): { readonly format: 'bytes' | 'hex'; readonly bytes: Uint8Array } {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').trim()
  if (!HEX_TEXT.test(text)) return { format: 'bytes', bytes }
  return { format: 'hex', bytes: fromHex(text.replace(/^0x/, '').replaceAll(/[\s:]/g, '')) }
}

async function readAll(
  input: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const whole = new GrowingBytes()
  for await (const part of input) {
    if (signal?.aborted === true) throw new AivError('E_ABORTED', 'reading was interrupted')
    if (whole.length + part.length > RAW_MOST)
      throw new AivError('E_TOO_LARGE', `input that is no capture may have ${RAW_MOST} bytes at most`)
    whole.append(part)
  }
  return whole.bytes
}

async function atLeast(bytes: number, pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const start = new GrowingBytes()
  while (start.length < bytes) {
    const { done, value } = await pieces.next()
    if (done === true) break
    start.append(value)
  }
  return start.bytes
}

async function* behind(
  start: Uint8Array,
  pieces: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    if (start.length > 0) yield start
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value
  } finally {
    await pieces.return?.()
  }
}
