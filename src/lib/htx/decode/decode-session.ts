/** From the bytes of a recording, or of one direction alone, to its frames. Memory stays flat however long it is. */
import { AivError, fromHex, fromUtf8 } from '../../core/index.ts'
import type { Direction } from '../keys/direction.ts'
import { RECORDING_MAGIC, type RecordedBytes, RecordingReader } from '../recording/format.ts'
import type { LoggedSession, Spec } from '../recording/key-log.ts'
import type { DecodedFrame } from './decoded-frame.ts'
import { DirectionDecoder, type KeyChoice } from './direction-decoder.ts'

/** Text is told from bytes by this many at the start. */
const SNIFFED = 64
const HEX_TEXT = /^[0-9a-fA-F\s]+$/
/** No first flight that a censor judges is longer. Bytes. */
const FIRST_FLIGHT_MOST = 65_536

export interface DecodeOptions {
  readonly sessions?: readonly LoggedSession[]
  /** Default: that of the sessions in the log, else 1.1. */
  readonly spec?: Spec
  /** The input is one direction, raw or as hex, and no recording. */
  readonly direction?: Direction
  /** With `direction`: it begins with frame 0, not with the handshake. */
  readonly framesOnly?: boolean
  /** Called at the end for a direction that stops within a frame or handshake message. */
  readonly onCut?: (direction: Direction) => void
}

/**
 * Decodes chunk by chunk; each batch holds what one chunk completed.
 * @throws AivError `E_MALFORMED`, `E_AUTHENTICATION`, `E_USAGE`; what stood before the fault has been yielded
 */
export async function* decodeSession(
  chunks: AsyncIterable<Uint8Array>,
  options: DecodeOptions = {},
): AsyncGenerator<readonly DecodedFrame[]> {
  const choice: KeyChoice = { sessions: options.sessions ?? [], chosen: undefined }
  const spec = options.spec ?? specOf(choice.sessions)
  const framesOnly = options.framesOnly ?? false
  const decoders = {
    c: new DirectionDecoder('c', spec, choice, framesOnly),
    s: new DirectionDecoder('s', spec, choice, framesOnly),
  }
  for await (const pieces of recordedPieces(chunks, options.direction)) {
    const batch: DecodedFrame[] = []
    try {
      for (const { direction, bytes } of pieces)
        for (const frame of decoders[direction].decode(bytes)) batch.push(frame)
    } catch (error) {
      if (batch.length > 0) yield batch
      throw error
    }
    if (batch.length > 0) yield batch
  }
  for (const direction of ['c', 's'] as const)
    if (decoders[direction].endsWithin()) options.onCut?.(direction)
}

/**
 * The first flight in a recording, or the raw or hexadecimal payload as it is.
 * @throws AivError `E_INPUT` when it is empty, `E_TOO_LARGE` above 65,536 bytes, `E_MALFORMED`
 */
export async function readFirstFlight(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly payload: Uint8Array; readonly recorded: boolean }> {
  const input = await sniff(chunks)
  const collected: Uint8Array[] = []
  let length = 0
  // Whatever the server said ends the first flight.
  collect: for await (const pieces of input.isRecording
    ? recordPieces(input.chunks)
    : rawPieces(input, 'c')) {
    for (const { direction, bytes } of pieces) {
      if (direction === 's') break collect
      length += bytes.length
      if (length > FIRST_FLIGHT_MOST)
        throw new AivError('E_TOO_LARGE', `a first flight of more than ${FIRST_FLIGHT_MOST} bytes`)
      collected.push(bytes)
    }
  }
  if (length === 0) throw new AivError('E_INPUT', 'there is no first flight: the client sent nothing')
  const payload = new Uint8Array(length)
  let at = 0
  for (const bytes of collected) {
    payload.set(bytes, at)
    at += bytes.length
  }
  return { payload, recorded: input.isRecording }
}

function specOf(sessions: readonly LoggedSession[]): Spec {
  const specs = new Set(sessions.map(({ spec }) => spec))
  if (specs.size > 1)
    throw new AivError('E_USAGE', 'the key log has sessions of 1.1 and of 1.2', {
      hint: 'Say with --spec which of them was recorded.',
    })
  return [...specs][0] ?? '1.1'
}

type Pieces = Iterable<Pick<RecordedBytes, 'direction' | 'bytes'>>

interface Input {
  readonly chunks: AsyncIterable<Uint8Array>
  readonly isRecording: boolean
  readonly isHex: boolean
}

async function* recordedPieces(
  chunks: AsyncIterable<Uint8Array>,
  direction: Direction | undefined,
): AsyncGenerator<Pieces> {
  const input = await sniff(chunks)
  if (direction !== undefined) yield* rawPieces(input, direction)
  else if (input.isRecording) yield* recordPieces(input.chunks)
  else
    throw new AivError('E_MALFORMED', 'not a recording: it does not begin with HTXREC1', {
      hint: 'Pass --direction c or s when it is one direction of a session.',
    })
}

async function* recordPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Pieces> {
  const reader = new RecordingReader()
  for await (const chunk of chunks) yield reader.read(chunk)
  reader.end()
}

async function* rawPieces({ chunks, isHex }: Input, direction: Direction): AsyncGenerator<Pieces> {
  for await (const bytes of isHex ? fromHexText(chunks) : chunks) yield [{ direction, bytes }]
}

/** Looks at the first bytes without losing them. */
async function sniff(chunks: AsyncIterable<Uint8Array>): Promise<Input> {
  const iterator = chunks[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let start = new Uint8Array(0)
  while (start.length < SNIFFED) {
    const next = await iterator.next()
    if (next.done === true) break
    first.push(next.value)
    const joined = new Uint8Array(start.length + Math.min(next.value.length, SNIFFED))
    joined.set(start)
    joined.set(next.value.subarray(0, SNIFFED), start.length)
    start = joined
  }
  const magic = Buffer.from(RECORDING_MAGIC)
  return {
    chunks: resumed(first, iterator),
    isRecording: magic.equals(start.subarray(0, magic.length)),
    isHex: HEX_TEXT.test(Buffer.from(start.subarray(0, SNIFFED)).toString('latin1')),
  }
}

async function* resumed(
  first: readonly Uint8Array[],
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* first
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
  } finally {
    await iterator.return?.()
  }
}

/** Hex of any line length; a digit may be parted from its pair by a chunk border. */
async function* fromHexText(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let odd = ''
  for await (const chunk of chunks) {
    const digits = odd + fromUtf8(chunk).replaceAll(/\s/g, '')
    const whole = digits.length & ~1
    odd = digits.slice(whole)
    if (whole > 0) yield fromHex(digits.slice(0, whole))
  }
  if (odd !== '') throw new AivError('E_MALFORMED', 'an odd number of hex digits')
}
