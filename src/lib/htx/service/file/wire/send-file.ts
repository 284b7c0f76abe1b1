/** The sending side of a transfer, behind the offer: restart item, bytes, hash, and the receiver's last word. */
import { AivError, equal, type TimerClock } from '../../../../core/index.ts'
import { createSha256, type IncrementalHash } from '../../../../crypto/index.ts'
import { CODE } from '../../../codes.ts'
import type { HtxStream } from '../../../endpoint/htx-stream.ts'
import type { ByteReader } from '../../byte-reader.ts'
import { MESSAGE_MOST } from '../../constants.ts'
import { parseStatus, STATUS_OK, type Status } from '../../header.ts'
import { FileReader, hashPrefix } from '../disk/file-reader.ts'
import type { SourceFile } from '../disk/source-file.ts'
import { encodeItem, type HeldPrefix } from './items.ts'
import { StallGuard } from './stall-guard.ts'
import { stopReading, writeTo } from './stream-end.ts'

/** Bytes done, bytes in all, and how many of them the receiver held before. */
export type OnProgress = (bytesDone: number, bytesTotal: number, resumedFrom: number) => void

export interface SendFile {
  readonly stream: HtxStream
  readonly reader: ByteReader
  readonly source: SourceFile
  /** What the receiver says it holds. */
  readonly held: HeldPrefix
  readonly clock: TimerClock
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: OnProgress | undefined
}

export interface Sent {
  /** Bytes that did not have to travel. */
  readonly resumedFrom: number
  /** Of the whole file, 32 bytes. */
  readonly sha256: Uint8Array
}

/**
 * Sends what the receiver lacks.
 * @throws AivError `E_SERVICE_REFUSED` with the receiver's message, `E_FILE_MISMATCH` when our file became shorter,
 * `E_TIMEOUT`, `E_ABORTED`, what reading and the stream throw
 */
export async function sendFile(transfer: SendFile): Promise<Sent> {
  const { stream, reader, source, held, clock, signal } = transfer
  const known = await hashIfHeld(source, held, signal)
  const resumedFrom = known === undefined ? 0 : held.offset
  const verdict = new Verdict(stream, reader)
  const guard = new StallGuard(stream, clock)
  try {
    await writeTo(stream, encodeItem({ restart: known === undefined }))
    const sha256 = await sendBytes(transfer, known ?? createSha256(), resumedFrom, verdict, guard)
    guard.stop()
    await verdict.final(clock, source.size)
    return { resumedFrom, sha256 }
  } catch (error) {
    throw verdict.refusal ?? error
  } finally {
    guard.stop()
  }
}

/** The hash so far when what the receiver holds is the beginning of our file, else undefined. */
async function hashIfHeld(
  source: SourceFile,
  { offset, prefix }: HeldPrefix,
  signal: AbortSignal | undefined,
): Promise<IncrementalHash | undefined> {
  if (offset > source.size) return undefined
  const hash = await hashPrefix(source.handle, offset, signal)
  return equal(hash.copy().digest(), prefix) ? hash : undefined
}

async function sendBytes(
  { stream, source, onProgress }: SendFile,
  hash: IncrementalHash,
  from: number,
  verdict: Verdict,
  guard: StallGuard,
): Promise<Uint8Array> {
  const file = new FileReader(source.handle, from, source.size)
  let done = from
  onProgress?.(done, source.size, from)
  while (!verdict.stopped) {
    const chunk = await file.next()
    if (chunk === undefined) break
    hash.update(chunk.bytes)
    chunk.keepUntil(writeTo(stream, chunk.bytes))
    guard.moved()
    done += chunk.bytes.length
    onProgress?.(done, source.size, from)
  }
  const digest = hash.digest()
  verdict.everythingSent()
  if (!verdict.stopped) stream.end(digest)
  return digest
}

/** The receiver's status, which may come before everything is sent when its disk is full. */
class Verdict {
  readonly #stream: HtxStream
  readonly #reader: ByteReader
  readonly #status: Promise<Status>
  #allSent = false
  #stopped = false
  #refusal: AivError | undefined

  constructor(stream: HtxStream, reader: ByteReader) {
    this.#stream = stream
    this.#reader = reader
    stream.on('stopped', () => {
      this.#stopped = true
    })
    this.#status = this.#read()
    // Whoever fails first on this stream reports it; the same failure arrives here, too.
    this.#status.catch(() => {})
  }

  /** The receiver takes no more bytes: its status says why. */
  get stopped(): boolean {
    return this.#stopped
  }

  get refusal(): AivError | undefined {
    return this.#refusal
  }

  everythingSent(): void {
    this.#allSent = true
  }

  /** @param size what the receiver may have to bring to its disk before it answers, bytes */
  async final(clock: TimerClock, size: number): Promise<void> {
    const guard = new StallGuard(this.#stream, clock, size)
    try {
      await this.#status
    } finally {
      guard.stop()
    }
    stopReading(this.#stream)
    if (this.#refusal === undefined) return
    if (!this.#stream.writableEnded) this.#stream.end()
    throw this.#refusal
  }

  async #read(): Promise<Status> {
    const status = await this.#reader.parse(parseStatus, MESSAGE_MOST + 16)
    if (status.status !== STATUS_OK) {
      this.#refusal = new AivError(
        'E_SERVICE_REFUSED',
        `the peer did not take the file: ${printable(status.message)}`,
      )
      if (!this.#allSent) this.#stream.abort(CODE.CANCELLED)
    } else if (!this.#allSent) {
      this.#refusal = new AivError('E_MALFORMED', 'the peer took the file before it was sent')
      this.#stream.abort(CODE.CANCELLED)
    }
    return status
  }
}

/** A peer's words go to a terminal. */
function printable(message: string): string {
  return message.replaceAll(/\p{Cc}/gu, ' ')
}
