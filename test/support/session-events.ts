/** Writes down everything a session and its streams tell their owners, so that tests can assert on it. */
import type { SessionEnd } from '../../src/lib/htx/codes.ts'
import type { MuxStream, SessionHandler, StreamHandler } from '../../src/lib/htx/session/index.ts'

/** Takes notes as the owner of one stream. Hooks run after the note is taken. */
export class StreamLog implements StreamHandler {
  readonly stream: MuxStream
  readonly chunks: Uint8Array[] = []
  bytes = 0
  finishedTimes = 0
  writableTimes = 0
  readonly resets: number[] = []
  readonly stops: number[] = []
  readonly closes: (SessionEnd | undefined)[] = []
  /** Every call in order, by name. */
  readonly calls: string[] = []
  /** False keeps what arrives: the application is slow. */
  consumes = true
  onData: ((log: StreamLog) => void) | undefined
  onFinished: ((log: StreamLog) => void) | undefined
  onWritable: ((log: StreamLog) => void) | undefined
  onStopped: ((log: StreamLog) => void) | undefined
  onReset: ((log: StreamLog) => void) | undefined
  onClosed: ((log: StreamLog) => void) | undefined

  constructor(stream: MuxStream) {
    this.stream = stream
  }

  /** Everything received, joined. */
  get received(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.chunks))
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }

  data(chunks: readonly Uint8Array[], bytes: number): void {
    this.calls.push('data')
    for (const chunk of chunks) this.chunks.push(chunk)
    this.bytes += bytes
    this.onData?.(this)
    if (this.consumes) this.stream.consumed(bytes)
  }

  finished(): void {
    this.calls.push('finished')
    this.finishedTimes++
    this.onFinished?.(this)
  }

  reset(code: number): void {
    this.calls.push('reset')
    this.resets.push(code)
    this.onReset?.(this)
  }

  stopped(code: number): void {
    this.calls.push('stopped')
    this.stops.push(code)
    this.onStopped?.(this)
  }

  writable(): void {
    this.calls.push('writable')
    this.writableTimes++
    this.onWritable?.(this)
  }

  closed(end: SessionEnd | undefined): void {
    this.calls.push('closed')
    this.closes.push(end)
    this.onClosed?.(this)
  }
}

/** Attaches a log to a stream and returns it. */
export function watch(stream: MuxStream, prepare?: (log: StreamLog) => void): StreamLog {
  const log = new StreamLog(stream)
  prepare?.(log)
  stream.attach(log)
  return log
}

/** Takes notes as the owner of one session. */
export class SessionLog implements SessionHandler {
  readonly ends: SessionEnd[] = []
  readonly accepted: MuxStream[] = []
  /** Logs of accepted streams, in order, unless `onStream` replaces what accepting does. */
  readonly logs: StreamLog[] = []
  readonly tickets: { readonly lifetimeSeconds: number; readonly handle: Uint8Array }[] = []
  linkDoneTimes = 0
  outputTimes = 0
  drainingTimes = 0
  /** What to do with a stream of the peer; default: watch it. */
  onStream: ((stream: MuxStream) => void) | undefined
  onOutput: (() => void) | undefined
  onEnd: ((end: SessionEnd) => void) | undefined

  stream(stream: MuxStream): void {
    this.accepted.push(stream)
    if (this.onStream !== undefined) this.onStream(stream)
    else this.logs.push(watch(stream))
  }

  output(): void {
    this.outputTimes++
    this.onOutput?.()
  }

  end(end: SessionEnd): void {
    this.ends.push(end)
    this.onEnd?.(end)
  }

  linkDone(): void {
    this.linkDoneTimes++
  }

  ticket(lifetimeSeconds: number, handle: Uint8Array): void {
    this.tickets.push({ lifetimeSeconds, handle })
  }

  draining(): void {
    this.drainingTimes++
  }
}
