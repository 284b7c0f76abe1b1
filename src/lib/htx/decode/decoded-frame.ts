/** Frames as `aiv htx decode` tells them, whichever specification they follow. */
import { codeName, malformed } from '../codes.ts'
import { FRAME, parseFrame, type SealedFrame, type StreamId } from '../frames/index.ts'
import type { Direction } from '../keys/direction.ts'
import type { Spec } from '../recording/key-log.ts'
import { parseFrame12 } from '../spec12/frames.ts'
import { FRAME_1_2 } from '../spec12/types.ts'

/** What the header of a frame shows, and what stands inside when its key is known. */
export interface DecodedFrame {
  readonly dir: Direction
  /** Number of the frame in its direction, from 0, over all generations. */
  readonly seq: number
  readonly generation: number
  readonly type: string
  readonly stream?: StreamId
  /** Plaintext, bytes. */
  readonly length: number
  readonly content?: FrameContent
}

export interface FrameContent {
  /** Names of the STREAM flags that are set. */
  readonly flags?: readonly string[]
  readonly weight?: number
  readonly code?: number
  readonly codeName?: string
  readonly credit?: number
  /** Position of the data in its stream, bytes; 1.2 only. */
  readonly offset?: bigint
  readonly data?: Uint8Array
  readonly reason?: string
  readonly lastStream?: StreamId
  /** PING. */
  readonly reply?: boolean
  readonly token?: Uint8Array
  /** Control record of stream 0. */
  readonly record?: string
  readonly limit?: number
  readonly lifetimeSeconds?: number
  readonly handle?: Uint8Array
  /** The generation that KEY_UPDATE leads to; 1.1 only. */
  readonly next?: number
  readonly prioritised?: StreamId
}

type Named = Readonly<Record<string, number>>

/** `STREAM`, or `EXTENSION_64` for a type without a name. */
export function typeName(spec: Spec, type: number): string {
  const types: Named = spec === '1.2' ? FRAME_1_2 : FRAME
  return Object.keys(types).find((name) => types[name] === type) ?? `EXTENSION_${type}`
}

export function isKeyUpdate(spec: Spec, type: number): boolean {
  return type === (spec === '1.2' ? FRAME_1_2 : FRAME).KEY_UPDATE
}

/** The stream a header names; frames of the whole session have none. */
export function streamOf(spec: Spec, { type, streamId }: SealedFrame): StreamId | undefined {
  if (spec === '1.1') return streamId
  return type === FRAME_1_2.STREAM || type === FRAME_1_2.WINDOW_UPDATE ? streamId : undefined
}

/** @throws ProtocolViolation for a plaintext that no honest sender makes */
export function readContent(
  spec: Spec,
  sealed: SealedFrame,
  plaintext: Uint8Array,
  place: { readonly direction: Direction; readonly generation: number },
): FrameContent {
  return spec === '1.2' ? content12(sealed, plaintext) : content11(sealed, plaintext, place)
}

function content11(
  { type, streamId }: SealedFrame,
  plaintext: Uint8Array,
  { direction, generation }: { readonly direction: Direction; readonly generation: number },
): FrameContent {
  const frame = parseFrame(type, streamId, [plaintext], plaintext.length, direction)
  switch (frame.kind) {
    case 'stream': {
      const code = frame.reset ?? frame.stop
      const set = {
        FIN: frame.fin,
        RESET: frame.reset !== undefined,
        STOP: frame.stop !== undefined,
        OPEN: frame.weight !== undefined,
      }
      return {
        flags: Object.entries(set).flatMap(([name, isSet]) => (isSet ? [name] : [])),
        ...(frame.weight === undefined ? {} : { weight: frame.weight }),
        ...(code === undefined ? {} : { code, codeName: codeName(code) }),
        data: plaintext.subarray(plaintext.length - frame.dataLength),
      }
    }
    case 'ping':
      return { reply: frame.reply, token: frame.token }
    case 'close':
      return {
        code: frame.code,
        codeName: codeName(frame.code),
        reason: frame.reason,
        ...(frame.lastStreamId === undefined ? {} : { lastStream: frame.lastStreamId }),
      }
    case 'key-update':
      if (frame.generation !== generation + 1) throw malformed('KEY_UPDATE to the wrong generation')
      return { next: frame.generation }
    case 'window-update':
      return { credit: frame.credit }
    case 'extension':
      return { data: plaintext }
    case 'control': {
      const { control } = frame
      switch (control.record) {
        case 'max-streams':
          return { record: control.record, limit: control.limit }
        case 'new-ticket':
          return {
            record: control.record,
            lifetimeSeconds: control.lifetimeSeconds,
            handle: control.handle,
          }
        case 'priority':
          return { record: control.record, prioritised: control.id, weight: control.weight }
        default:
          return { record: control.record }
      }
    }
  }
}

function content12({ type, streamId }: SealedFrame, plaintext: Uint8Array): FrameContent {
  const frame = parseFrame12(type, streamId as number, plaintext)
  switch (frame.kind) {
    case 'stream':
      return { flags: frame.fin ? ['FIN'] : [], offset: frame.offset, data: frame.data }
    case 'window-update':
      return { credit: frame.credit }
    case 'ping':
      return { token: frame.token }
    case 'key-update':
      return {}
    case 'close':
      return { code: frame.code, codeName: codeName(frame.code), reason: frame.reason }
    case 'path-control':
      return { data: frame.payload }
  }
}
