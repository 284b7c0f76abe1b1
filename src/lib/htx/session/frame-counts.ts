/** How many frames of each kind a direction has carried. Counted per frame, so it is one addition and no more. */
import { FRAME, type Frame, type StreamId } from '../frames/index.ts'

export type FrameKind = Frame['kind']

export type FrameCounts = Record<FrameKind, number>

export function noFrames(): FrameCounts {
  return {
    stream: 0,
    ping: 0,
    close: 0,
    'key-update': 0,
    'window-update': 0,
    control: 0,
    extension: 0,
  }
}

/** Kind of a frame that is about to be sealed: STREAM on stream 0 carries control records. */
export function frameKind(type: number, id: StreamId | undefined): FrameKind {
  switch (type) {
    case FRAME.STREAM:
      return id === 0 ? 'control' : 'stream'
    case FRAME.PING:
      return 'ping'
    case FRAME.CLOSE:
      return 'close'
    case FRAME.KEY_UPDATE:
      return 'key-update'
    case FRAME.WINDOW_UPDATE:
      return 'window-update'
    default:
      return 'extension'
  }
}
