/** The receiving side of a transfer, behind the restart item: bytes into the unfinished file, then their hash. */
import { AivError, type CborMap, equal } from '../../../../core/index.ts'
import type { IncrementalHash } from '../../../../crypto/index.ts'
import type { ByteReader } from '../../byte-reader.ts'
import { DIGEST_BYTES, ITEM_MOST, READ_CHUNK } from '../constants.ts'
import type { PartFile } from '../disk/part-file.ts'
import { decodeItem } from './items.ts'
import type { OnProgress } from './send-file.ts'

export interface ReceiveFile {
  readonly reader: ByteReader
  /** Bytes of the whole file. */
  readonly size: number
  /** Bytes that are there already; `hash` has absorbed them. */
  readonly from: number
  readonly hash: IncrementalHash
  /** Where the bytes go; undefined when all of them are there. */
  readonly part: PartFile | undefined
  /** Called whenever bytes came. */
  readonly onMoved: () => void
  readonly onProgress: OnProgress | undefined
}

/**
 * Receives the bytes that are missing and the hash of the whole.
 * @returns SHA-256 of the whole file
 * @throws AivError `E_FILE_MISMATCH` when the sender's hash is another one; `E_MALFORMED` when the stream ends early or
 * goes on behind the hash; `E_IO`; the stream's own error
 */
export async function receiveBytes(transfer: ReceiveFile): Promise<Uint8Array> {
  const { reader, size, from, hash, part, onMoved, onProgress } = transfer
  onProgress?.(from, size, from)
  for (let done = from; done < size; ) {
    const bytes = await reader.chunk(Math.min(READ_CHUNK, size - done))
    if (bytes === undefined) throw new AivError('E_MALFORMED', 'the file ended too early')
    onMoved()
    hash.update(bytes)
    // Before the file takes the array, which is empty once it is written.
    done += bytes.length
    const room = part?.append(bytes)
    if (room !== undefined) await room
    onProgress?.(done, size, from)
  }
  const claimed = await reader.exactly(DIGEST_BYTES)
  const digest = hash.digest()
  if (!equal(claimed, digest))
    throw new AivError('E_FILE_MISMATCH', 'the content does not have the hash that was sent')
  onMoved()
  if (!(await reader.atEnd())) throw new AivError('E_MALFORMED', 'bytes follow the hash of the file')
  return digest
}

/** The next CBOR map of the stream. */
export async function readItem(reader: ByteReader): Promise<CborMap> {
  return decodeItem(await reader.item(ITEM_MOST))
}
