/** Moving bytes as fast as they go, over anything, and measuring that at the receiver. */
import type { Readable, Writable } from 'node:stream'
import { AivError, type Clock, releaseBuffers } from '../../core/index.ts'
import { CHUNK_BYTES } from './constants.ts'
import { PatternCheck, PatternSource } from './pattern.ts'

/** How much one run moves: for a time or up to a count, after a warm-up. */
export interface BulkPlan {
  readonly streams: number
  readonly warmUpBytes: number
  /** Measured time at the sender, milliseconds; ignored when `bytes` is given. */
  readonly durationMs: number
  /** Measured bytes. */
  readonly bytes?: number
}

/** What one side of a run did. */
export interface BulkReport {
  /** All bytes, warm-up included; at the receiver every one of them was checked. */
  readonly bytes: number
  /** Bytes, time and CPU time of this process after the warm-up. */
  readonly measuredBytes: number
  readonly elapsedMs: number
  readonly cpuMs: number
}

/** The sending end of one stream. */
export interface BulkSink {
  /** Takes a piece; a promise when the caller has to wait before it gives the next. */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** Ends the stream after everything written. */
  end(): Promise<void>
}

/** Where the receiving end of one stream puts what arrives. */
export interface BulkSource {
  chunk(bytes: Uint8Array): void
  end(): void
  fail(error: unknown): void
}

/** A way to move streams between two processes. */
export interface BulkTransport {
  /**
   * Starts to listen on the loopback.
   * @param accept called for each stream that arrives
   * @returns what `dial` takes
   */
  listen(accept: () => BulkSource): Promise<string>
  dial(address: string): Promise<BulkConnection>
}

export interface BulkConnection {
  open(): Promise<BulkSink>
  /** Called when the receiver has everything. */
  close(): Promise<void>
}

/** Counts from the end of the warm-up. */
class Stopwatch {
  readonly #clock: Clock
  readonly #warmUpBytes: number
  #startedAt: number | undefined
  #startBytes = 0
  #startCpuMs = 0
  #bytes = 0

  constructor(clock: Clock, warmUpBytes: number) {
    this.#clock = clock
    this.#warmUpBytes = warmUpBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Milliseconds since the warm-up ended; 0 before. */
  get elapsedMs(): number {
    return this.#startedAt === undefined ? 0 : this.#clock.now() - this.#startedAt
  }

  add(bytes: number): void {
    this.#bytes += bytes
    if (this.#startedAt !== undefined || this.#bytes < this.#warmUpBytes) return
    this.#startedAt = this.#clock.now()
    this.#startBytes = this.#bytes
    this.#startCpuMs = cpuMs()
  }

  report(): BulkReport {
    return {
      bytes: this.#bytes,
      measuredBytes: this.#startedAt === undefined ? 0 : this.#bytes - this.#startBytes,
      elapsedMs: this.elapsedMs,
      cpuMs: cpuMs() - this.#startCpuMs,
    }
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Sends the pattern on every sink until the plan is fulfilled, then ends them. */
export async function sendBulk(
  sinks: readonly BulkSink[],
  plan: BulkPlan,
  clock: Clock,
): Promise<BulkReport> {
  const watch = new Stopwatch(clock, plan.warmUpBytes)
  const limit = plan.bytes === undefined ? Number.POSITIVE_INFINITY : plan.warmUpBytes + plan.bytes
  const durationMs = plan.bytes === undefined ? plan.durationMs : Number.POSITIVE_INFINITY
  const sendOn = async (sink: BulkSink): Promise<void> => {
    const source = new PatternSource()
    while (watch.bytes < limit && watch.elapsedMs < durationMs) {
      const chunk = source.next(Math.min(CHUNK_BYTES, limit - watch.bytes))
      watch.add(chunk.length)
      const wait = sink.write(chunk)
      if (wait !== undefined) await wait
    }
    await sink.end()
  }
  await Promise.all(sinks.map(sendOn))
  return watch.report()
}

/** Receives all streams of one run. */
export class BulkReceiver {
  /** Resolves when every stream has ended; rejects when one fails or carries a wrong byte. */
  readonly done: Promise<BulkReport>
  readonly #watch: Stopwatch
  #streamsLeft: number
  #resolve: (report: BulkReport) => void = () => {}
  #reject: (error: unknown) => void = () => {}

  constructor(plan: BulkPlan, clock: Clock) {
    this.#watch = new Stopwatch(clock, plan.warmUpBytes)
    this.#streamsLeft = plan.streams
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Asked for later; until then a failure has no reader.
    this.done.catch(() => {})
  }

  accept(): BulkSource {
    const check = new PatternCheck()
    let ended = false
    return {
      chunk: (bytes) => {
        try {
          check.check(bytes)
          this.#watch.add(bytes.length)
        } catch (error) {
          this.#reject(error)
        }
      },
      end: () => {
        ended = true
        if (--this.#streamsLeft === 0) this.#resolve(this.#watch.report())
      },
      fail: (error) => {
        if (!ended) this.#reject(error)
      },
    }
  }
}

/** A Node stream as a sink. */
export function nodeSink(stream: Writable): BulkSink {
  let failure: Error | undefined
  let waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined
  const fail = (error: Error): void => {
    failure ??= error
    waiting?.reject(failure)
  }
  stream.on('drain', () => waiting?.resolve())
  stream.on('error', fail)
  stream.on('close', () => fail(new AivError('E_LINK_LOST', 'the stream was closed')))
  const wait = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) reject(failure)
      else waiting = { resolve, reject }
    })
  return {
    write: (chunk) => (stream.write(chunk) ? undefined : wait()),
    end: () => {
      const finished = wait()
      stream.end(() => waiting?.resolve())
      return finished
    },
  }
}

/** Lets a Node stream flow into a source, and frees what has been checked, as whoever writes it to a disk does. */
export function receiveFrom(stream: Readable, source: BulkSource): void {
  stream.on('data', (chunk: Uint8Array) => {
    source.chunk(chunk)
    releaseBuffers([chunk])
  })
  stream.on('end', () => source.end())
  stream.on('error', (error) => source.fail(error))
  stream.on('close', () => source.fail(new AivError('E_LINK_LOST', 'the stream was closed before its end')))
}
