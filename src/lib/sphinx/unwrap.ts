/** Unwrapping of a single packet, where an object for the answer costs nothing that matters. */

import { isAuthenticDrop } from './drop-reason.ts'
import type { Geometry } from './geometry.ts'
import type { MixKey } from './mix-key.ts'
import type { Unwrapped } from './types.ts'
import { dropReasonOf, PacketUnwrapper, UNWRAP_STATUS } from './unwrapper.ts'

/** Takes one layer off a packet with the node's key. Never throws because of what the packet holds. */
export function unwrap(geometry: Geometry, key: MixKey, packet: Uint8Array): Unwrapped {
  const unwrapper = new PacketUnwrapper(geometry)
  unwrapper.wantTau = true
  unwrapper.setKeys([key])
  const status = unwrapper.unwrap(packet)
  const { replayTag, output } = unwrapper
  const reason = dropReasonOf(status)
  if (reason !== undefined)
    return isAuthenticDrop(reason) ? { kind: 'drop', reason, replayTag } : { kind: 'drop', reason }
  // The unwrapper is used once, so that its buffers are ours.
  switch (status) {
    case UNWRAP_STATUS.forward:
      return {
        kind: 'forward',
        next: unwrapper.nextHop,
        delayMs: unwrapper.delayMs,
        packet: output,
        replayTag,
        tau: unwrapper.tau,
      }
    case UNWRAP_STATUS.deliver:
      return { kind: 'deliver', recipient: unwrapper.recipient, payload: output, replayTag }
    default:
      return {
        kind: 'reply',
        surbId: unwrapper.surbId,
        recipient: unwrapper.recipient,
        payload: output,
        replayTag,
      }
  }
}
