/** Lists what a listener gives (section 12.2, list). */
import {
  AivError,
  decodeVarint,
  systemClock,
  type TimerClock,
  varintLengthFromFirstByte,
} from '../../../core/index.ts'
import type { HtxSession } from '../../endpoint/htx-session.ts'
import type { ByteReader } from '../byte-reader.ts'
import type { Parsed } from '../header.ts'
import { openService } from '../open-service.ts'
import { FILE_SERVICE, LIST_MOST, READ_CHUNK } from './constants.ts'
import { nameSegments } from './disk/names.ts'
import { decodeEntries, type FileEntry } from './wire/entries.ts'
import { listParams } from './wire/items.ts'
import { StallGuard } from './wire/stall-guard.ts'
import { abortable, stopReading } from './wire/stream-end.ts'

export interface ListOptions {
  readonly signal?: AbortSignal | undefined
  readonly clock?: TimerClock | undefined
}

/**
 * One level of what the peer serves, sorted by the bytes of the names.
 * @param path levels separated by `/`; empty for the root
 * @throws AivError `E_SERVICE_REFUSED` with the peer's reason; `E_FILE_PATH`; `E_MALFORMED` for an answer that is no
 * such list; `E_ABORTED`, `E_TIMEOUT`; what ends a session
 */
export async function listFiles(
  session: HtxSession,
  path: string,
  { signal, clock = systemClock }: ListOptions = {},
): Promise<FileEntry[]> {
  if (path !== '') nameSegments(path)
  const options = signal === undefined ? {} : { signal }
  const { stream, reader } = await openService(session, FILE_SERVICE, listParams(path), options)
  const guard = new StallGuard(stream, clock)
  return await abortable(stream, signal, async () => {
    try {
      const entries = decodeEntries(await readLong(reader, () => guard.moved()))
      stopReading(stream)
      stream.end()
      return entries
    } catch (error) {
      stream.destroy()
      throw error
    } finally {
      guard.stop()
    }
  })
}

/** A varint length and that many bytes, of which there may be 16 MiB: memory grows with what has come, not with the claim. */
async function readLong(reader: ByteReader, onMoved: () => void): Promise<Uint8Array> {
  const length = await reader.parse(parseLength, 8)
  let bytes = new Uint8Array(Math.min(length, READ_CHUNK))
  for (let at = 0; at < length; ) {
    const chunk = await reader.chunk(length - at)
    if (chunk === undefined) throw new AivError('E_MALFORMED', 'the list ended too early')
    onMoved()
    if (at + chunk.length > bytes.length) bytes = grown(bytes, Math.min(length, 2 * (at + chunk.length)))
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function parseLength(bytes: Uint8Array): Parsed<number> | undefined {
  if (bytes.length < varintLengthFromFirstByte(bytes[0] as number)) return undefined
  const length = decodeVarint(bytes, 0)
  if (length.value > LIST_MOST)
    throw new AivError('E_MALFORMED', `a list of ${length.value} bytes where ${LIST_MOST} are allowed`)
  return length
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length)
  out.set(bytes)
  return out
}
