/**
 * A peer that holds the right keys and keeps no rules: it seals any frame a test asks for, and reads what the session
 * under test answers.
 */
import { concat, ManualClock, toHex, u16 } from '../../src/lib/core/index.ts'
import {
  buildClose,
  buildStreamHead,
  buildWindowUpdate,
  FRAME,
  type Frame,
  FrameOpener,
  FrameSealer,
  type StreamFlags,
  type StreamId,
} from '../../src/lib/htx/frames/index.ts'
import type { Session } from '../../src/lib/htx/session/index.ts'
import type { SessionLog } from './session-events.ts'
import { directionsFor, type Role } from './session-keys.ts'
import { ALL_FEATURES, makeSide, type SessionSide, type SideOptions } from './session-pair.ts'

const NEVER_REKEY = {
  bytes: Number.POSITIVE_INFINITY,
  frames: Number.POSITIVE_INFINITY,
  ms: Number.POSITIVE_INFINITY,
}

export interface RawPeerOptions extends SideOptions {
  /** Role of the session under test; the peer has the other one. */
  readonly role?: Role
  readonly features?: number
  /** What the peer announced. */
  readonly peer?: SideOptions
  readonly seed?: number
}

export class RawPeer {
  readonly clock = new ManualClock()
  readonly side: SessionSide
  /** Frames the session sent, in order. */
  readonly frames: Frame[] = []
  readonly #sealer: FrameSealer
  readonly #opener: FrameOpener

  constructor(options: RawPeerOptions = {}) {
    const { role = 'server', features = ALL_FEATURES, peer = {}, seed = 7, ...own } = options
    this.side = makeSide(role, this.clock, seed, { initialPing: false, ...own }, peer, features)
    const keys = directionsFor(role === 'server' ? 'client' : 'server', seed)
    this.#sealer = new FrameSealer(keys.send, this.clock, NEVER_REKEY)
    this.#opener = new FrameOpener(keys.receive, Number.POSITIVE_INFINITY)
  }

  get session(): Session {
    return this.side.session
  }

  get log(): SessionLog {
    return this.side.log
  }

  /** The bytes of one sealed frame. */
  seal(type: number, streamId: StreamId | undefined, ...plaintext: readonly Uint8Array[]): Uint8Array {
    const out: Uint8Array[] = []
    const bytes = concat(...plaintext)
    this.#sealer.seal(type, streamId, bytes.length === 0 ? [] : [bytes], bytes.length, out)
    return concat(...out)
  }

  sealStream(id: StreamId, flags: StreamFlags, data: Uint8Array = new Uint8Array(0)): Uint8Array {
    return this.seal(FRAME.STREAM, id, buildStreamHead(flags), data)
  }

  /** KEY_UPDATE, after which this peer seals under the new key. */
  sealKeyUpdate(): Uint8Array {
    const out: Uint8Array[] = []
    this.#sealer.rekey(out)
    return concat(...out)
  }

  /** Gives the session one frame. */
  send(type: number, streamId: StreamId | undefined, ...plaintext: readonly Uint8Array[]): void {
    this.session.receive(this.seal(type, streamId, ...plaintext))
  }

  stream(id: StreamId, flags: StreamFlags, data?: Uint8Array): void {
    this.session.receive(this.sealStream(id, flags, data))
  }

  credit(id: StreamId, bytes: number): void {
    this.send(FRAME.WINDOW_UPDATE, id, buildWindowUpdate(bytes))
  }

  closeWith(code: number, reason = '', lastStreamId?: StreamId): void {
    this.send(FRAME.CLOSE, undefined, buildClose(code, reason, lastStreamId))
  }

  /** Takes what the session has to say (about `budget` bytes) and opens it. */
  read(budget = Number.POSITIVE_INFINITY): readonly Frame[] {
    const bytes = this.side.pull(budget)
    this.#opener.push(bytes)
    const fresh: Frame[] = []
    for (;;) {
      const frame = this.#opener.next()
      if (frame === undefined) break
      fresh.push(frame)
    }
    this.frames.push(...fresh)
    return fresh
  }

  /** Moves time to the session's next deadlines and ticks, until `ms` have passed. Nothing is answered. */
  elapse(ms: number): void {
    const target = this.clock.now() + ms
    for (;;) {
      const next = this.session.nextDeadline()
      if (next > target) break
      this.clock.advance(Math.max(0, next - this.clock.now()))
      this.session.tick()
    }
    this.clock.advance(target - this.clock.now())
  }
}

/** `stream 1 data 5 fin`: a frame in words, so that a list of them reads well in an assertion. */
export function describeFrame(frame: Frame): string {
  switch (frame.kind) {
    case 'stream': {
      const parts = [`stream ${frame.id}`]
      if (frame.weight !== undefined) parts.push(`open ${frame.weight}`)
      if (frame.dataLength > 0) parts.push(`data ${frame.dataLength}`)
      if (frame.fin) parts.push('fin')
      if (frame.reset !== undefined) parts.push(`reset ${toHex(u16(frame.reset))}`)
      if (frame.stop !== undefined) parts.push(`stop ${toHex(u16(frame.stop))}`)
      return parts.join(' ')
    }
    case 'ping':
      return `ping ${frame.reply ? 'reply' : 'request'} ${toHex(frame.token)}`
    case 'close':
      return `close ${toHex(u16(frame.code))}${frame.lastStreamId === undefined ? '' : ` last ${frame.lastStreamId}`}`
    case 'key-update':
      return `key-update ${frame.generation}`
    case 'window-update':
      return `window-update ${frame.id} +${frame.credit}`
    case 'control':
      return frame.control.record
    case 'extension':
      return `extension ${frame.type}`
  }
}
