/**
 * Writes down what sessions do: a recording for each, and the key log of all (section 16). Both let whoever has them
 * read everything, so they are made only when an operator asks for them, with mode 0600.
 *
 * Writes are synchronous: what is written down is never ahead of the disk, so nothing piles up in memory, and a killed
 * process leaves whole records.
 */
import { appendFileSync, closeSync, fchmodSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { AivError, type Clock, concat, isAivError } from '../../core/index.ts'
import { erase } from '../../crypto/index.ts'
import type { Link } from '../../link/index.ts'
import type { Direction } from '../keys/direction.ts'
import type { SessionSecrets } from '../keys/schedule.ts'
import { RECORDING_MAGIC, recordHead } from './format.ts'
import { secretLine, specLine } from './key-log.ts'
import { type SessionTrace, TracedLink, type Tracer } from './traced-link.ts'

/** A handshake is shorter. What goes on beyond that without a session is garbage, and is not kept. Bytes. */
const PENDING_MOST = 128 * 1024
/** A kept chunk takes about this much besides its bytes: whoever sends them one by one must not get more memory. */
const CHUNK_OVERHEAD = 512

export interface TraceFilesOptions {
  /** Recording of the first session; later ones get `.2`, `.3`, … behind the name. */
  readonly record?: string
  /** Key log, which is appended to. */
  readonly keylog?: string
  readonly clock: Clock
  /** A file takes no more, and what was to be written there is lost; the sessions go on. */
  readonly onError: (error: AivError) => void
}

export class TraceFiles implements Tracer {
  readonly #options: TraceFilesOptions
  #sessions = 0

  /** @throws AivError `E_IO`, `E_PERMISSION` when a file cannot be written: before any session begins */
  constructor(options: TraceFilesOptions) {
    this.#options = options
    const { record, keylog } = options
    if (keylog !== undefined) closeSync(openPrivate(keylog, 'a'))
    if (record !== undefined) closeSync(startRecording(record))
  }

  trace(link: Link, role: 'client' | 'server'): Link {
    return new TracedLink(link, role, new FileTrace(this.#options, () => this.#nextRecording()))
  }

  #nextRecording(): string | undefined {
    const { record } = this.#options
    this.#sessions++
    return record === undefined || this.#sessions === 1 ? record : `${record}.${this.#sessions}`
  }
}

class FileTrace implements SessionTrace {
  readonly #options: TraceFilesOptions
  readonly #nextRecording: () => string | undefined
  /** What passed before there was a session; undefined once there is one, or never will be. */
  #pending: Uint8Array[] | undefined = []
  #pendingBytes = 0
  #file: number | undefined
  #path = ''
  #fileBytes = 0

  constructor(options: TraceFilesOptions, nextRecording: () => string | undefined) {
    this.#options = options
    this.#nextRecording = nextRecording
  }

  bytes(direction: Direction, chunks: readonly Uint8Array[]): void {
    if (this.#file === undefined && this.#pending === undefined) return
    let length = 0
    for (const chunk of chunks) length += chunk.length
    const timeUs = BigInt(Math.floor(this.#options.clock.wallMs() * 1000))
    // A copy: the arrays are freed or filled anew as soon as the link has taken them.
    const record = concat(recordHead(direction, timeUs, length), ...chunks)
    if (this.#pending === undefined) {
      this.#append(record)
      return
    }
    this.#pending.push(record)
    this.#pendingBytes += record.length + CHUNK_OVERHEAD
    if (this.#pendingBytes > PENDING_MOST) this.#pending = undefined
  }

  established({ handshakeHash, directions, traffic }: SessionSecrets): void {
    const pending = this.#pending
    this.#pending = undefined
    const path = this.#nextRecording()
    if (path !== undefined && pending !== undefined) {
      this.#guard(path, () => {
        this.#file = startRecording(path)
        this.#path = path
        this.#fileBytes = RECORDING_MAGIC.length
      })
      this.#append(concat(...pending))
    }
    if (this.#options.keylog === undefined) return
    this.#log(specLine(handshakeHash, traffic === undefined ? '1.1' : '1.2'))
    const { send, receive } = traffic ?? directions
    for (const keys of [send, receive]) {
      const chain = keys.exposeChainSecret()
      this.#log(secretLine(handshakeHash, keys.direction, keys.generation, chain))
      erase(chain)
      keys.watch((generation, next) => this.#log(secretLine(handshakeHash, keys.direction, generation, next)))
    }
  }

  discarded(): void {
    this.#pending = undefined
  }

  closed(): void {
    this.discarded()
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  #append(record: Uint8Array): void {
    const file = this.#file
    if (file === undefined) return
    this.#guard(this.#path, () => {
      try {
        for (let at = 0; at < record.length; ) at += writeSync(file, record, at)
        this.#fileBytes += record.length
      } catch (error) {
        this.#file = undefined
        try {
          // What is there stays a recording: it ends with the last whole record.
          ftruncateSync(file, this.#fileBytes)
        } finally {
          closeSync(file)
        }
        throw error
      }
    })
  }

  #log(line: string): void {
    const { keylog } = this.#options
    if (keylog !== undefined) this.#guard(keylog, () => appendFileSync(keylog, line, { mode: 0o600 }))
  }

  /** A session does not end because it cannot be written down. */
  #guard(path: string, write: () => void): void {
    try {
      write()
    } catch (error) {
      this.#options.onError(isAivError(error) ? error : writeFailed(path, error))
    }
  }
}

function startRecording(path: string): number {
  const file = openPrivate(path, 'w')
  try {
    writeSync(file, RECORDING_MAGIC)
  } catch (cause) {
    closeSync(file)
    throw writeFailed(path, cause)
  }
  return file
}

/** Readable for its owner alone, also when the file was there before. */
function openPrivate(path: string, flags: 'a' | 'w'): number {
  try {
    const file = openSync(path, flags, 0o600)
    if (fstatSync(file).isFile()) fchmodSync(file, 0o600)
    return file
  } catch (cause) {
    throw writeFailed(path, cause)
  }
}

function writeFailed(path: string, cause: unknown): AivError {
  const { code, message } = cause as NodeJS.ErrnoException
  const kind = code === 'EACCES' || code === 'EPERM' ? 'E_PERMISSION' : 'E_IO'
  return new AivError(kind, `cannot write ${path}: ${message}`, { cause })
}
