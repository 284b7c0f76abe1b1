/**
 * Joins stdin and stdout to a remote byte stream: each direction ends on its own (half-close), a slow side slows the
 * other, and no byte that was accepted is lost.
 */
import type { Readable, Writable } from 'node:stream'
import { AivError, releaseBuffers } from '../../core/index.ts'

/** The remote side, as the pump drives it. */
export interface PumpPeer {
  /** Queues a chunk; false asks to wait for {@link StdioPump.writable}. */
  write(chunk: Uint8Array): boolean
  /** Ends our direction after what is queued. */
  finish(): void
  /** The system has taken `bytes` of the peer's data: it may send as many again. */
  consumed(bytes: number): void
  /** Drops both directions. */
  abort(): void
}

export interface PumpOptions {
  readonly stdin?: Readable & { readonly isTTY?: boolean }
  readonly stdout?: Writable
  /** Aborting drops both directions and fails `done` with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface PumpTotals {
  readonly sentBytes: number
  readonly receivedBytes: number
}

/** Feed it the events of the remote side; await {@link StdioPump.done}. */
export class StdioPump {
  /** Resolves when both directions have ended and stdout has taken everything. */
  readonly done: Promise<PumpTotals>
  readonly #peer: PumpPeer
  readonly #stdin: Readable & { readonly isTTY?: boolean }
  readonly #stdout: Writable
  readonly #settle: PromiseWithResolvers<PumpTotals>
  readonly #signal: AbortSignal | undefined
  #sentBytes = 0
  #receivedBytes = 0
  #untaken = 0
  #localEnded = false
  #remoteEnded = false
  #over = false

  /** Starts to read stdin at once. */
  constructor(peer: PumpPeer, options: PumpOptions = {}) {
    this.#peer = peer
    this.#stdin = options.stdin ?? process.stdin
    this.#stdout = options.stdout ?? process.stdout
    this.#signal = options.signal
    this.#settle = Promise.withResolvers()
    this.done = this.#settle.promise
    this.#stdout.on('error', this.#onStdoutError)
    this.#stdin.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onStdinError)
    if (this.#signal?.aborted === true) queueMicrotask(this.#onAbort)
    else this.#signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** The next bytes of the peer, in order. The arrays are the pump's from now on. */
  data(chunks: readonly Uint8Array[], bytes: number): void {
    if (this.#over) return
    this.#receivedBytes += bytes
    this.#untaken += bytes
    const last = chunks.length - 1
    // Corked writes leave in one system call.
    this.#stdout.cork()
    for (const [i, chunk] of chunks.entries()) {
      if (i === last) this.#stdout.write(chunk, (error) => this.#taken(chunks, bytes, error))
      else this.#stdout.write(chunk)
    }
    this.#stdout.uncork()
  }

  /** The peer finished its direction cleanly. */
  finished(): void {
    this.#remoteEnded = true
    // At a terminal nobody can see that the other side is done, and the user would wait for nothing.
    if (this.#stdin.isTTY === true && !this.#localEnded) this.#endLocal()
    this.#complete()
  }

  /** The peer takes more after `write` had returned false. */
  writable(): void {
    if (!this.#localEnded && !this.#over) this.#stdin.resume()
  }

  /** The peer reads no more: stdin is left alone from now on. */
  stopped(): void {
    if (this.#localEnded) return
    this.#localEnded = true
    this.#stdin.pause()
    this.#complete()
  }

  /** The peer is lost; what it had delivered still reaches stdout first. */
  fail(error: Error): void {
    if (this.#over) return
    this.#over = true
    this.#release()
    if (this.#untaken === 0 || this.#stdout.destroyed) this.#settle.reject(error)
    else this.#stdout.write('', () => this.#settle.reject(error))
  }

  readonly #onData = (chunk: Uint8Array): void => {
    if (this.#over || this.#localEnded) return
    this.#sentBytes += chunk.length
    try {
      if (!this.#peer.write(chunk)) this.#stdin.pause()
    } catch (error) {
      this.fail(error as Error)
    }
  }

  readonly #onEnd = (): void => {
    if (!this.#localEnded && !this.#over) this.#endLocal()
    this.#complete()
  }

  readonly #onStdinError = (cause: Error): void => {
    this.#dropPeer(new AivError('E_IO', 'cannot read stdin', { cause }))
  }

  readonly #onStdoutError = (cause: Error): void => {
    const gone = 'code' in cause && cause.code === 'EPIPE'
    const message = gone ? 'the reader of stdout has gone' : 'cannot write stdout'
    this.#dropPeer(new AivError(gone ? 'E_ABORTED' : 'E_IO', message, { cause }))
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#signal?.reason
    this.#dropPeer(reason instanceof Error ? reason : new AivError('E_ABORTED', 'interrupted'))
  }

  #endLocal(): void {
    this.#localEnded = true
    this.#stdin.pause()
    this.#peer.finish()
  }

  #dropPeer(error: Error): void {
    if (this.#over) return
    this.#peer.abort()
    this.fail(error)
  }

  #taken(chunks: readonly Uint8Array[], bytes: number, error: Error | null | undefined): void {
    if (error !== null && error !== undefined) return
    this.#untaken -= bytes
    // What it took the system has copied; a stream of somebody else's may hand on the very arrays.
    if (this.#stdout === process.stdout) releaseBuffers(chunks)
    if (!this.#over) this.#peer.consumed(bytes)
    this.#complete()
  }

  #complete(): void {
    if (this.#over || !this.#localEnded || !this.#remoteEnded || this.#untaken > 0) return
    this.#over = true
    this.#release()
    this.#settle.resolve({ sentBytes: this.#sentBytes, receivedBytes: this.#receivedBytes })
  }

  #release(): void {
    this.#stdin.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onStdinError)
    this.#stdin.pause()
    this.#signal?.removeEventListener('abort', this.#onAbort)
  }
}
