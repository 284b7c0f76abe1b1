/** A peer whose PINGs are answered, for tests in which time passes. */
import { FRAME } from '../../src/lib/htx/frames/index.ts'
import type { RawPeer, RawPeerOptions } from './session-peer.ts'

/** Neither side has an idle time-out. */
export const NO_IDLE: RawPeerOptions = {
  parameters: { idleTimeoutMs: 0 },
  peer: { parameters: { idleTimeoutMs: 0 } },
}

/** Answers every PING that waits, and returns how many. */
export function answerPings(peer: RawPeer): number {
  let answered = 0
  for (const frame of peer.read()) {
    if (frame.kind !== 'ping' || frame.reply) continue
    peer.send(FRAME.PING, undefined, Uint8Array.of(1), frame.token)
    answered++
  }
  return answered
}
