/**
 * The frames of a 1.2 session behind the calls that a session of 1.1 makes (section 13.2). What 1.2 has no frame for is
 * not sent: control records, STOP and DRAIN vanish, and RESET becomes FIN.
 */
import { type Clock, concat, readU16, readU32, toHex } from '../../core/index.ts'
import { CODE, malformed, ProtocolViolation } from '../codes.ts'
import { DEFAULT_WEIGHT } from '../constants.ts'
import {
  FLAG,
  FRAME,
  type Frame,
  joinPieces,
  openSealed,
  RekeyDue,
  type RekeyThresholds,
  type StreamId,
} from '../frames/index.ts'
import { buildStreamHead12, buildWindowUpdate12, parseFrame12 } from './frames.ts'
import type { TrafficKeys } from './keys.ts'
import { FRAME_1_2 } from './types.ts'
import { FrameReader12, sealFrame12 } from './wire.ts'

const LAST_STREAM_ID = 0xffffffff
const NOTHING: readonly Uint8Array[] = []

/** Tokens of our PINGs that wait for their echo: a PING with another token is a request. */
export class SentPings {
  readonly #tokens = new Set<string>()

  add(token: Uint8Array): void {
    this.#tokens.add(toHex(token))
  }

  /** True, once, for a token of ours. */
  take(token: Uint8Array): boolean {
    return this.#tokens.delete(toHex(token))
  }
}

export class FrameSealer12 {
  readonly #keys: TrafficKeys
  readonly #rekey: RekeyDue
  readonly #pings: SentPings
  /** Bytes sent in each stream that has not been finished. */
  readonly #offsets = new Map<StreamId, number>()

  constructor(keys: TrafficKeys, clock: Clock, pings: SentPings, thresholds?: RekeyThresholds) {
    this.#keys = keys
    this.#rekey = new RekeyDue(clock, thresholds)
    this.#pings = pings
  }

  get rekeys(): number {
    return this.#rekey.rekeys
  }

  /** True when a KEY_UPDATE has to come before the next other frame. */
  get rekeyDue(): boolean {
    return this.#rekey.isDue(this.#keys.counter)
  }

  /**
   * Seals what a frame of 1.1 says.
   * @param plaintext that of 1.1 in pieces, for STREAM the head in a piece of its own; `length` bytes together
   * @returns bytes appended to `out`; 0 when 1.2 has no word for it
   */
  seal(
    type: number,
    streamId: StreamId | undefined,
    plaintext: readonly Uint8Array[],
    length: number,
    out: Uint8Array[],
  ): number {
    const first = plaintext[0] as Uint8Array
    switch (type) {
      case FRAME.STREAM:
        return streamId === 0
          ? 0
          : this.#sealStream(streamId as StreamId, first, plaintext.slice(1), length, out)
      case FRAME.WINDOW_UPDATE: {
        const body = buildWindowUpdate12(Number(streamId), readU32(first, 0))
        return this.#seal(FRAME_1_2.WINDOW_UPDATE, Number(streamId), [body], body.length, out)
      }
      case FRAME.PING: {
        const token = first.slice(1, 9)
        if (first[0] === 0) this.#pings.add(token)
        return this.#seal(FRAME_1_2.PING, 0, [token], token.length, out)
      }
      case FRAME.CLOSE:
        // CLOSE ends a 1.2 session, so that DRAIN, which ends nothing, stays unsaid.
        return readU16(first, 0) === CODE.DRAIN ? 0 : this.#seal(FRAME_1_2.CLOSE, 0, plaintext, length, out)
      default:
        throw new ProtocolViolation(CODE.INTERNAL_ERROR, `frame type ${type} has no place in 1.2`)
    }
  }

  /** Seals KEY_UPDATE as the last frame under the current key and moves to the next. */
  rekey(out: Uint8Array[]): number {
    const total = this.#seal(FRAME_1_2.KEY_UPDATE, 0, NOTHING, 0, out)
    this.#keys.update()
    this.#rekey.rekeyed()
    return total
  }

  #sealStream(
    id: StreamId,
    head: Uint8Array,
    data: readonly Uint8Array[],
    length: number,
    out: Uint8Array[],
  ): number {
    if (id > LAST_STREAM_ID) throw new ProtocolViolation(CODE.INTERNAL_ERROR, 'stream ids are used up')
    const flags = head[0] as number
    const fin = (flags & (FLAG.FIN | FLAG.RESET)) !== 0
    if (!fin && (flags & FLAG.STOP) !== 0) return 0
    const dataLength = length - head.length
    const offset = this.#offsets.get(id) ?? 0
    if (fin) this.#offsets.delete(id)
    else this.#offsets.set(id, offset + dataLength)
    const fixed = buildStreamHead12(fin, offset, dataLength)
    return this.#seal(FRAME_1_2.STREAM, Number(id), [fixed, ...data], fixed.length + dataLength, out)
  }

  #seal(type: number, id: number, parts: readonly Uint8Array[], length: number, out: Uint8Array[]): number {
    const total = sealFrame12(this.#keys, type, id, parts, length, out)
    this.#rekey.sealed(total)
    return total
  }
}

export class FrameOpener12 {
  readonly #keys: TrafficKeys
  readonly #pings: SentPings
  readonly #reader: FrameReader12
  #highest = 0

  /** @param ownsChunks the arrays given to `push` are freed when they have been read */
  constructor(keys: TrafficKeys, pings: SentPings, ownsChunks = false) {
    this.#keys = keys
    this.#pings = pings
    this.#reader = new FrameReader12(ownsChunks)
  }

  get incomplete(): boolean {
    return this.#reader.incomplete
  }

  push(chunk: Uint8Array): void {
    this.#reader.push(chunk)
  }

  /**
   * The next frame in the words of 1.1, or undefined when more bytes are needed. A KEY_UPDATE has already been acted
   * on when it is returned: the old key is gone.
   * @throws ProtocolViolation
   * @throws UnauthenticatedFrame
   */
  next(): Frame | undefined {
    const sealed = this.#reader.next()
    if (sealed === undefined) return undefined
    const ciphertext = [joinPieces(sealed.ciphertext, sealed.length)]
    const plaintext = openSealed(this.#keys, this.#reader, sealed, ciphertext)
    return this.#translate(
      sealed.type,
      sealed.streamId as number,
      plaintext.length === 1 ? (plaintext[0] as Uint8Array) : concat(...plaintext),
    )
  }

  discard(): void {
    this.#reader.discard()
  }

  #translate(type: number, id: number, plaintext: Uint8Array): Frame {
    const frame = parseFrame12(type, id, plaintext)
    switch (frame.kind) {
      case 'stream':
        return this.#translateStream(frame)
      case 'ping':
        return { kind: 'ping', reply: this.#pings.take(frame.token), token: frame.token }
      case 'key-update':
        this.#keys.update()
        return { kind: 'key-update', generation: this.#keys.generation }
      case 'close': {
        // The number that is DRAIN in 1.1 means nothing here, and CLOSE always ends the session.
        const code = frame.code === CODE.DRAIN ? CODE.GOING_AWAY : frame.code
        return { kind: 'close', code, reason: frame.reason, lastStreamId: undefined }
      }
      case 'path-control':
        return { kind: 'extension', type }
      default:
        return frame
    }
  }

  #translateStream(frame: Extract<ReturnType<typeof parseFrame12>, { kind: 'stream' }>): Frame {
    const { id, fin, data } = frame
    if (frame.offset > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('an offset that no stream reaches')
    // The client opens odd streams, the server even ones; the first frame of one opens it.
    const byPeer = id % 2 === (this.#keys.direction === 'c' ? 1 : 0)
    const opens = byPeer && id > this.#highest
    if (opens) this.#highest = id
    return {
      kind: 'stream',
      id,
      fin,
      reset: undefined,
      stop: undefined,
      weight: opens ? DEFAULT_WEIGHT : undefined,
      data: data.length === 0 ? NOTHING : [data],
      dataLength: data.length,
      offset: Number(frame.offset),
    }
  }
}
