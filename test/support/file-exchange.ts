/** Two sides with folders of their own, joined in memory: one offers the file service, the other uses it. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { isAivError, SeededRandom } from '../../src/lib/core/index.ts'
import type { HtxSession } from '../../src/lib/htx/endpoint/htx-session.ts'
import { acceptService, type Service } from '../../src/lib/htx/service/accept-service.ts'
import {
  fileServices,
  type ReceivedFile,
  type ReceiveFilesOptions,
  receiveFiles,
  type ServeFilesOptions,
  serveFiles,
} from '../../src/lib/htx/service/file/index.ts'
import { temporaryFolder } from './aiv.ts'
import { StreamPair, type StreamPairOptions } from './stream-pair.ts'

export interface ExchangeOptions extends StreamPairOptions {
  readonly receive?: Partial<ReceiveFilesOptions>
  readonly serve?: Partial<ServeFilesOptions>
}

/** Folders outlive sessions, as they do when a process is restarted. */
export class FileExchange {
  /** Where the opener's own files lie, and where it fetches to. */
  readonly here = temporaryFolder()
  readonly fetched = temporaryFolder()
  /** Where the acceptor takes files to, and what it serves. */
  readonly inbox = temporaryFolder()
  readonly served = temporaryFolder()
  /** What the acceptor's services reported. */
  readonly received: (ReceivedFile & { readonly peer: string })[] = []
  readonly errors: Error[] = []
  readonly #running = new Set<Promise<void>>()

  readonly #pairs: StreamPair[] = []

  /** Sessions end with the test at the latest, so that no file stays open. */
  constructor() {
    onTestFinished(async () => {
      for (const pair of this.#pairs) pair.cut()
      await this.settled()
    })
  }

  /** A new session between the two. */
  connect(options: ExchangeOptions = {}): StreamPair {
    const pair = new StreamPair(options)
    this.#pairs.push(pair)
    this.offer(pair.server, pair, options)
    return pair
  }

  offer(server: HtxSession, pair: StreamPair, options: ExchangeOptions = {}): void {
    const { clock } = pair
    const service: Service = fileServices({
      receive: receiveFiles({
        into: this.inbox,
        clock,
        onFile: (file) => this.received.push(file),
        ...options.receive,
      }),
      serve: serveFiles({ root: this.served, clock, ...options.serve }),
    })
    server.onStream((stream) => {
      const onError = (error: Error): void => void this.errors.push(error)
      const run = acceptService(stream, server, { clock, services: { 'file/1': service }, onError })
      this.#running.add(run)
      void run.then(() => this.#running.delete(run))
    })
  }

  /** Waits until the acceptor is done with every stream it has accepted. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** Writes a file below one of the folders. */
  write(folder: 'here' | 'fetched' | 'inbox' | 'served', name: string, content: Uint8Array | string): string {
    const path = join(this[folder], name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  }

  read(folder: 'fetched' | 'inbox', name: string): Uint8Array {
    return new Uint8Array(readFileSync(join(this[folder], name)))
  }

  /** Bytes in the unfinished file of `name`; -1 when there is none. */
  partSize(folder: 'fetched' | 'inbox', name: string): number {
    const part = this.tree(folder).find((entry) => entry.startsWith(`${name}.`) && entry.endsWith('.part'))
    return part === undefined ? -1 : statSync(join(this[folder], part)).size
  }

  has(folder: 'fetched' | 'inbox', name: string): boolean {
    return existsSync(join(this[folder], name))
  }

  /** Every file and directory below a folder, sorted. */
  tree(folder: 'fetched' | 'inbox' | 'served'): string[] {
    return readdirSync(this[folder], { recursive: true, encoding: 'utf8' }).sort()
  }
}

/** Bytes without a pattern, the same for the same seed. */
export function content(size: number, seed = 1): Uint8Array {
  return new SeededRandom(seed).bytes(size)
}

export function sha256Hex(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** SHA-256(first 1 MiB ‖ last 1 MiB ‖ u64 size), written down once more from the specification. */
export function fingerprintOfBytes(bytes: Uint8Array): Uint8Array {
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(BigInt(bytes.length))
  const hash = createHash('sha256')
  hash.update(bytes.subarray(0, 1_048_576))
  hash.update(bytes.subarray(Math.max(0, bytes.length - 1_048_576)))
  return new Uint8Array(hash.update(size).digest())
}

/** Code and message of what a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (!isAivError(error)) throw error
    return `${error.code}: ${error.message}`
  }
  return 'no failure'
}

/** Waits for what disks and threads do in their own time. The time-out of the test is the bound. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turns(1)
}

/** Turns of the event loop, for what must not happen. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}
