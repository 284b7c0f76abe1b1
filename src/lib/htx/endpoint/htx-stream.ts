/**
 * A stream of a session, or of a continued service, as a Node `Duplex`: what applications hold.
 *
 * Event `stopped` (code): the peer reads no more. Who listens to it takes that for an ordinary end of our direction:
 * what is still written is dropped without an error. Without a listener the next write fails.
 */
import { Duplex } from 'node:stream'
import { AivError, type ErrorCode } from '../../core/index.ts'
import { CODE, codeName, type SessionEnd } from '../codes.ts'
import { STREAM_SEND_HIGH_WATER } from '../constants.ts'
import { ChunkQueue, type StreamId } from '../frames/index.ts'
import { type MuxStream, type StreamHandler, streamResetError } from '../session/index.ts'

type Callback = (error?: Error | null) => void

/**
 * One piece at a time is ready for the application; the rest waits in the inbox. There a flood of tiny frames is joined,
 * while `Readable` would keep each as an entry of its own, hundreds of bytes for one.
 */
const READ_HIGH_WATER = 1

/** What moves the bytes: a stream of one session, or of a service that is continued over several. */
export type StreamCore = Pick<
  MuxStream,
  'id' | 'byPeer' | 'attach' | 'write' | 'queuedBytes' | 'finish' | 'stop' | 'abort' | 'consumed'
>

export class HtxStream extends Duplex {
  readonly #stream: StreamCore
  readonly #inbox = new ChunkQueue()
  /** Bytes of the piece that lies ready for the application. */
  #readyBytes = 0
  #reading = false
  /** The peer has finished. What is in the inbox still waits for the application to ask for it. */
  #readFinished = false
  #readEnded = false
  #writeCallback: Callback | undefined
  /** Bytes that the session has got with the write that is under way. */
  #handedBytes = 0
  #writeError: Error | undefined
  /** Why the peer stopped reading. */
  #stopCode: number | undefined
  /** The peer stopped reading and somebody here knows. */
  #stopHandled = false
  #abortCode: number = CODE.CANCELLED
  #aborted = false
  /** `end` was carried out: the session sends FIN after what is queued. */
  #finished = false

  constructor(stream: StreamCore) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: READ_HIGH_WATER,
      writableHighWaterMark: STREAM_SEND_HIGH_WATER,
      decodeStrings: true,
    })
    this.#stream = stream
    // The peer may have stopped before anybody could listen, even in the frames that opened the stream.
    this.on('newListener', (event) => {
      if (event !== 'stopped' || this.#stopCode === undefined || this.#stopHandled) return
      this.#stopHandled = true
      queueMicrotask(() => this.emit('stopped', this.#stopCode))
    })
    stream.attach(this.#handler())
  }

  get id(): StreamId {
    return this.#stream.id
  }

  /** Opened by the other side. */
  get byPeer(): boolean {
    return this.#stream.byPeer
  }

  /** Bytes that wait to be written and are not with the session yet. */
  get waitingBytes(): number {
    return this.writableLength - this.#handedBytes
  }

  /** Destroys the stream and tells the peer `code` in both directions. */
  abort(code: number, error?: Error): void {
    this.#abortCode = code
    this.#aborted = true
    this.destroy(error)
  }

  /** Reads no more and tells the peer so; what has not been read is dropped. Our own direction goes on. */
  stopReading(code: number = CODE.CANCELLED): void {
    if (this.#readEnded || this.destroyed) return
    this.#inbox.clear()
    this.#readFinished = true
    this.#readEnded = true
    this.#stream.stop(code)
    this.push(null)
    this.resume()
  }

  override _read(): void {
    this.#credit()
    this.#reading = true
    this.#deliver()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#send([chunk], callback)
  }

  override _writev(chunks: { chunk: Buffer }[], callback: Callback): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      callback,
    )
  }

  override _final(callback: Callback): void {
    this.#stream.finish()
    this.#finished = true
    callback(this.#stopHandled ? null : this.#writeError)
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#inbox.clear()
    // After a clean `end` the FIN may still wait for the link: a reset would take it back.
    if (error === null && this.#finished && !this.#aborted) this.#stream.stop(this.#abortCode)
    else this.#stream.abort(this.#abortCode)
    this.#settleWrite(error ?? undefined)
    callback(error)
  }

  /** The session reads the chunks until they are sealed: the callback, which gives them back, waits for that. */
  #send(chunks: readonly Buffer[], callback: Callback): void {
    if (this.#writeError !== undefined) {
      callback(this.#stopHandled ? null : this.#writeError)
      return
    }
    this.#writeCallback = callback
    try {
      for (const chunk of chunks) {
        this.#handedBytes += chunk.length
        this.#stream.write(chunk)
      }
    } catch (error) {
      this.#settleWrite(error as Error)
      return
    }
    if (this.#stream.queuedBytes === 0) this.#settleWrite()
  }

  #settleWrite(error?: Error): void {
    const callback = this.#writeCallback
    this.#writeCallback = undefined
    this.#handedBytes = 0
    callback?.(error)
  }

  #deliver(): void {
    while (this.#reading) {
      const piece = this.#inbox.takePiece()
      if (piece === undefined) break
      // Whoever takes it may give its memory away at once.
      const bytes = piece.length
      this.#readyBytes = bytes
      this.#reading = this.push(piece)
      if (this.#reading) this.#credit()
    }
    if (this.#inbox.bytes > 0) return
    if (!this.#readFinished || this.#readEnded) return
    this.#readEnded = true
    // Nothing is asked for behind the last piece, so its taking shows in the end.
    if (this.#readyBytes > 0) this.once('end', () => this.#credit())
    this.push(null)
  }

  /** Lets the peer send as much as the application has taken, and not before: what lies ready is held, too. */
  #credit(): void {
    const bytes = this.#readyBytes
    if (bytes === 0) return
    this.#readyBytes = 0
    this.#stream.consumed(bytes)
  }

  #handler(): StreamHandler {
    return {
      data: (chunks) => {
        if (this.#readEnded) return
        for (const chunk of chunks) this.#inbox.push(chunk)
        this.#deliver()
      },
      finished: () => {
        this.#readFinished = true
        this.#deliver()
      },
      reset: (code) => this.destroy(streamResetError(code)),
      stopped: (code) => {
        this.#writeError = new AivError('E_STREAM_RESET', `the peer stopped reading: ${codeName(code)}`)
        this.#stopCode = code
        this.#stopHandled = this.listenerCount('stopped') > 0
        this.#settleWrite(this.#stopHandled ? undefined : this.#writeError)
        this.emit('stopped', code)
      },
      writable: () => this.#settleWrite(),
      closed: (end) => {
        if (end !== undefined) this.#sessionEnded(end)
      },
    }
  }

  #sessionEnded(end: SessionEnd): void {
    const error = sessionEndError(end)
    this.#writeError = error
    this.#stopCode = undefined
    this.#stopHandled = false
    this.#settleWrite(error)
    // What has arrived whole is still delivered; a direction without FIN ends in error, never in a clean end.
    if (!this.#readFinished) this.destroy(error)
    else if (!this.#finished) this.#destroyOnceRead(error)
  }

  /** Our own direction cannot end well any more; whoever only waits to read the rest may do so first. */
  #destroyOnceRead(error: Error): void {
    if (this.readableEnded) this.destroy(error)
    else
      this.once('end', () => {
        if (!this.#finished) this.destroy(error)
      })
  }
}

/** The error that whatever still waited in a session gets. */
export function sessionEndError(end: SessionEnd): AivError {
  if (end.cause === 'link-lost') return new AivError('E_LINK_LOST', 'the link ended without CLOSE')
  if (end.cause === 'unauthenticated')
    return new AivError('E_AUTHENTICATION', 'the link carried a frame that is not genuine')
  const who = end.byPeer ? 'the peer closed the session' : 'the session was closed'
  const why = end.reason === '' ? codeName(end.code) : `${codeName(end.code)}: ${end.reason}`
  return new AivError(endErrorCode(end.code), `${who}: ${why}`)
}

function endErrorCode(code: number): ErrorCode {
  switch (code) {
    case CODE.OK:
    case CODE.GOING_AWAY:
      return 'E_SESSION_CLOSED'
    // The way to the peer failed without a word; a new link may find it again.
    case CODE.KEEPALIVE_TIMEOUT:
    case CODE.IDLE_TIMEOUT:
      return 'E_TIMEOUT'
    default:
      return 'E_SESSION_ERROR'
  }
}
