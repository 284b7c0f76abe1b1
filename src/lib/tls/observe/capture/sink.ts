/** What the reader of a capture gives its caller. */
import type { CaptureFlow } from './streams/flow.ts'

/** Whether the caller wants more of a direction. */
export type Appetite = 'more' | 'enough'

/** Why a direction ends. */
export type StreamEnd =
  /** All bytes up to its FIN were delivered. */
  | 'finished'
  /** As many bytes as are ever delivered of one direction. */
  | 'full'
  /** A new connection between the same addresses and ports began. */
  | 'restarted'
  /** Forgotten to make room. */
  | 'evicted'
  /** The capture is over. */
  | 'capture-end'

/**
 * All calls are synchronous. `bytes` is a view of memory that is used again after the call: copy what is kept.
 * `packet` counts from 1; `timeUs` is in microseconds since 1970, 0 when the capture has none.
 */
export interface CaptureSink {
  /** The next bytes of one TCP direction, in order and without holes. After `enough` nothing more of it comes. */
  onStream(flow: CaptureFlow, bytes: Uint8Array, packet: number, timeUs: number): Appetite
  /**
   * Called once for a direction that gave bytes and was not ended by `enough`.
   * @param hasGap bytes beyond a hole were held back
   */
  onStreamEnd?(flow: CaptureFlow, end: StreamEnd, hasGap: boolean): void
  /** The whole payload of one UDP datagram, empty ones left out. */
  onDatagram(flow: CaptureFlow, bytes: Uint8Array, packet: number, timeUs: number): void
  /** Awaited after each chunk of input, so that a slow receiver of results slows the reading down. */
  afterChunk?(): Promise<void> | undefined
}
