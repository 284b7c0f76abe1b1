/** A link's owner that remembers what it was told and notices every breach of the contract. */
import type { Link, LinkHandler } from '../../src/lib/link/index.ts'

export class Recorder implements LinkHandler {
  readonly link: Link
  readonly chunks: Uint8Array[] = []
  readonly violations: string[] = []
  bytes = 0
  ends = 0
  drains = 0
  closes: (Error | undefined)[] = []
  /** Called with every chunk instead of keeping it. */
  onData: ((chunk: Uint8Array) => void) | undefined
  onDrain: (() => void) | undefined
  onEnd: (() => void) | undefined
  #skip: number
  #calling = false
  #silenced = false
  readonly #waiters: { readonly met: () => boolean; readonly resolve: () => void }[] = []

  /** @param skip bytes at the start that are not counted: the greeting that makes a link known to its listener */
  constructor(link: Link, skip = 0) {
    this.link = link
    this.#skip = skip
  }

  static attach(link: Link, skip = 0): Recorder {
    const recorder = new Recorder(link, skip)
    recorder.call(() => link.attach(recorder))
    return recorder
  }

  /** Runs a call on the link; the link must not call back from within it. */
  call<T>(task: () => T): T {
    const outer = this.#calling
    this.#calling = true
    try {
      return task()
    } finally {
      this.#calling = outer
    }
  }

  /** From now on only `close` may come. */
  expectOnlyClose(): void {
    this.#silenced = true
  }

  write(...chunks: Uint8Array[]): void {
    this.call(() => this.link.write(chunks))
  }

  data(chunk: Uint8Array): void {
    this.#check('data', this.ends === 0)
    if (chunk.length === 0) this.violations.push('empty data')
    const skipped = Math.min(this.#skip, chunk.length)
    this.#skip -= skipped
    const rest = skipped === 0 ? chunk : chunk.subarray(skipped)
    this.bytes += rest.length
    if (rest.length === 0) return
    if (this.onData === undefined) this.chunks.push(rest)
    else this.onData(rest)
    this.#wake()
  }

  end(): void {
    this.#check('end', this.ends === 0)
    this.ends++
    this.onEnd?.()
    this.#wake()
  }

  drain(): void {
    this.#check('drain', true)
    if (this.link.queuedBytes > this.link.lowWaterMark) this.violations.push('drain above the mark')
    this.drains++
    this.onDrain?.()
    this.#wake()
  }

  close(error?: Error): void {
    if (this.#calling) this.violations.push('close from within a call')
    if (this.closes.length > 0) this.violations.push('closed twice')
    this.closes.push(error)
    this.#wake()
  }

  #check(event: string, inOrder: boolean): void {
    if (this.#calling) this.violations.push(`${event} from within a call`)
    if (this.closes.length > 0) this.violations.push(`${event} after close`)
    if (this.#silenced) this.violations.push(`${event} after the owner let go`)
    if (!inOrder) this.violations.push(`${event} after end`)
  }

  /** Everything received, joined. */
  received(): Uint8Array {
    const all = new Uint8Array(this.chunks.reduce((sum, chunk) => sum + chunk.length, 0))
    let at = 0
    for (const chunk of this.chunks) {
      all.set(chunk, at)
      at += chunk.length
    }
    return all
  }

  text(): string {
    return new TextDecoder().decode(this.received())
  }

  get closeCode(): string | undefined {
    const error = this.closes[0] as (Error & { readonly code?: string }) | undefined
    return error?.code
  }

  until(met: () => boolean): Promise<void> {
    if (met()) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push({ met, resolve }))
  }

  untilBytes(count: number): Promise<void> {
    return this.until(() => this.bytes >= count)
  }

  untilEnd(): Promise<void> {
    return this.until(() => this.ends > 0)
  }

  untilClose(): Promise<void> {
    return this.until(() => this.closes.length > 0)
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) {
      if (!waiter.met()) continue
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
      waiter.resolve()
    }
  }
}

/** Resolves after `turns` turns of the event loop: time for I/O without a clock. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Resolves once `read()` has given the same value for `forMs` milliseconds. */
export async function settled(read: () => number, forMs = 150): Promise<number> {
  let value = read()
  let since = performance.now()
  while (performance.now() - since < forMs) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    const now = read()
    if (now !== value) {
      value = now
      since = performance.now()
    }
  }
  return value
}
