/**
 * Between Node's HTTP/2 engine and TLS: what the engine writes leaves as Chrome would have written it, in the same
 * frames and records. The engine keeps streams, windows and answers; what shows whose it is, the opening, the headers
 * and how data are cut, is written here.
 */
import { Duplex } from 'node:stream'
import { AivError, readU32 } from '../../../../core/index.ts'
import type { BrowserRequest } from '../request/requests.ts'
import { CHROME_WEIGHT, FLAG, FRAME, SETTING } from './constants.ts'
import { chromeData } from './data-frames.ts'
import { chromeHeaders, chromeOpening, frameBytes } from './frame-bytes.ts'
import { type CutFrame, FrameCutter } from './frame-cutter.ts'
import { HpackEncoder } from './hpack-encoder.ts'
import { requestBlock } from './request-block.ts'
import { ServerOpening } from './server-opening.ts'

type Callback = (error?: Error | null) => void

export class ChromeWire extends Duplex {
  /** The server's. */
  readonly opening: ServerOpening
  readonly #under: Duplex
  readonly #cutter = new FrameCutter()
  readonly #encoder = new HpackEncoder()
  /** In the order in which the engine opens their streams. */
  readonly #planned: BrowserRequest[] = []
  #isOpen = false
  #hasWindow = false

  /** @param under TLS; owned by this from now on */
  constructor(under: Duplex) {
    super({ allowHalfOpen: true })
    this.#under = under
    this.opening = new ServerOpening((settings) => {
      for (const [id, value] of settings) if (id === SETTING.headerTableSize) this.#encoder.resize(value)
    })
    under.on('data', (bytes: Uint8Array) => {
      this.opening.push(bytes)
      if (!this.push(bytes)) under.pause()
    })
    under.once('end', () => this.push(null))
    under.once('error', (error: Error) => this.destroy(error))
    under.once('close', () => this.destroy())
    under.pause()
  }

  /** What the next stream that the engine opens asks for. */
  plan(request: BrowserRequest): void {
    this.#planned.push(request)
  }

  override _read(): void {
    this.#under.resume()
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: Callback): void {
    this.#send(this.#cutter.push(chunk), callback)
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], callback: Callback): void {
    const frames = chunks.flatMap(({ chunk }) => this.#cutter.push(chunk))
    this.#send(frames, callback)
  }

  /** Chrome leaves without a word: the connection just closes. */
  override _final(callback: Callback): void {
    callback()
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#under.destroy()
    callback(error)
  }

  #send(frames: readonly CutFrame[], callback: Callback): void {
    /** Each begins a record of its own. */
    const records: Uint8Array[] = []
    try {
      for (let at = 0; at < frames.length; ) at += this.#rewrite(frames, at, records)
    } catch (error) {
      callback(error as Error)
      return
    }
    const last = records.pop()
    if (last === undefined) {
      callback()
      return
    }
    // One record each, as Chrome writes: frames do not share any.
    for (const record of records) this.#under.write(record)
    this.#under.write(last, callback)
  }

  /** @returns how many of the frames that was */
  #rewrite(frames: readonly CutFrame[], at: number, records: Uint8Array[]): number {
    const { type, flags, streamId, payload } = frames[at] as CutFrame
    if (type === FRAME.settings && !this.#isOpen) {
      this.#isOpen = true
      records.push(chromeOpening())
    } else if (type === FRAME.windowUpdate && streamId === 0 && !this.#hasWindow) {
      // The engine's own first word about its window: it stands in the opening.
      this.#hasWindow = true
    } else if (type === FRAME.headers) {
      records.push(this.#headers(streamId, (flags & FLAG.endStream) !== 0))
    } else if (type === FRAME.data) {
      return this.#data(frames, at, records)
    } else if (type === FRAME.continuation) {
      // Belongs to headers that were written anew.
    } else if (type !== FRAME.goaway || readU32(payload, 4) !== 0) {
      records.push(frameBytes(type, flags, streamId, payload))
    }
    return 1
  }

  #headers(streamId: number, isLast: boolean): Uint8Array {
    const request = this.#planned.shift()
    if (request === undefined) throw new AivError('E_INTERNAL', 'a stream that nobody planned')
    const block = this.#encoder.encode(requestBlock(request))
    return chromeHeaders(streamId, CHROME_WEIGHT[request.kind], block, isLast)
  }

  #data(frames: readonly CutFrame[], at: number, records: Uint8Array[]): number {
    const { streamId } = frames[at] as CutFrame
    const parts: Uint8Array[] = []
    let isLast = false
    let count = 0
    for (; !isLast && at + count < frames.length; count++) {
      const frame = frames[at + count] as CutFrame
      if (frame.type !== FRAME.data || frame.streamId !== streamId) break
      parts.push(frame.payload)
      isLast = (frame.flags & FLAG.endStream) !== 0
    }
    records.push(chromeData(streamId, parts, isLast))
    return count
  }
}
