/** Messages of any length over packets of one: framing, pieces, reassembly, acknowledged delivery. */
export { decodeFragment, type Fragment, fragmentAt, fragmentCount, MESSAGE_ID_BYTES } from './fragment.ts'
export { bodyRoom, decodePayload, encodePayload, type Payload } from './payload.ts'
export { REASSEMBLY_LIMITS, Reassembler, type ReassemblyLimits, type ReassemblyStep } from './reassembler.ts'
export {
  ReliableSender,
  SENDER_LIMITS,
  type SenderEvent,
  type SenderLimits,
  type Transmission,
} from './reliable-sender.ts'
