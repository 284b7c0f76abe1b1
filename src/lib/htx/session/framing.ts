/** How the frames of a session are built: as HTX 1.1 says, or as the Betanet 1.2 draft does. */
import { type Frame, FrameOpener, FrameSealer, type StreamId } from '../frames/index.ts'
import { FrameOpener12, FrameSealer12, SentPings } from '../spec12/session-frames.ts'
import type { SessionConfig } from './session-types.ts'

export interface Sealer {
  readonly rekeys: number
  /** True when a KEY_UPDATE has to come before the next other frame. */
  readonly rekeyDue: boolean
  /** @returns bytes appended to `out`; 0 for what the framing has no word for */
  seal(
    type: number,
    streamId: StreamId | undefined,
    plaintext: readonly Uint8Array[],
    length: number,
    out: Uint8Array[],
  ): number
  rekey(out: Uint8Array[]): number
}

export interface Opener {
  readonly incomplete: boolean
  push(chunk: Uint8Array): void
  next(): Frame | undefined
  discard(): void
}

export interface Framing {
  readonly sealer: Sealer
  readonly opener: Opener
  readonly eraseKeys: () => void
}

export function createFraming(config: SessionConfig): Framing {
  const { clock, rekey, traffic, ownsInput } = config
  const { send, receive } = traffic ?? config.directions
  const eraseKeys = (): void => {
    send.erase()
    receive.erase()
  }
  if (traffic === undefined) {
    const { directions, local } = config
    return {
      sealer: new FrameSealer(directions.send, clock, rekey),
      opener: new FrameOpener(directions.receive, local.maxFrame, ownsInput),
      eraseKeys,
    }
  }
  const pings = new SentPings()
  return {
    sealer: new FrameSealer12(traffic.send, clock, pings, rekey),
    opener: new FrameOpener12(traffic.receive, pings, ownsInput),
    eraseKeys,
  }
}
