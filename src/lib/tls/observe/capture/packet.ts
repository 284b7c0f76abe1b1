/** The one packet under the reader's hand. It is filled anew for each packet: nothing is allocated in the loop. */
import { EMPTY } from '../../../core/index.ts'

/** Each layer moves `at` past its header and may lower `end` to cut off padding. */
export class Packet {
  /** From 1. */
  number = 0
  /** Microseconds since 1970; 0 when the capture has no time for the packet. */
  timeUs = 0
  linkType = 0

  /** Memory of the chunk that the packet lies in; valid until the sink returns. */
  bytes: Uint8Array = EMPTY
  at = 0
  end = 0
  /** Fewer bytes were captured than the IP header announces. */
  isShort = false

  ipVersion: 4 | 6 = 4
  sourceAt = 0
  destinationAt = 0
  /** IANA protocol number of the payload. */
  protocol = 0

  sourcePort = 0
  destinationPort = 0
  /** TCP only. */
  sequence = 0
  tcpFlags = 0
}
