/**
 * The commands that Katzenpost's clients and nodes exchange on a link: id 1 | reserved 1 (zero) | length of the body, u32 |
 * body. The link below them is their own Noise channel.
 */
import { AivError, concat, EMPTY, isAllZero, readU32, readU64, u32, u64 } from '../core/index.ts'
import { SURB_ID_BYTES } from './constants.ts'

export type LinkCommand =
  | { readonly type: 'no-op' }
  | { readonly type: 'disconnect' }
  | { readonly type: 'send-packet'; readonly packet: Uint8Array }
  /** Asks for the message with this number in the mailbox. */
  | { readonly type: 'retrieve-message'; readonly sequence: number }
  /** `surbId` where the message is the answer to a SURB; zero on the wire otherwise. */
  | {
      readonly type: 'message'
      readonly sequence: number
      readonly surbId: Uint8Array | undefined
      readonly payload: Uint8Array
    }
  | { readonly type: 'get-consensus'; readonly epoch: bigint }
  | { readonly type: 'consensus'; readonly errorCode: number; readonly document: Uint8Array }

const ID = {
  noOp: 0x00,
  disconnect: 0x01,
  sendPacket: 0x02,
  retrieveMessage: 0x10,
  message: 0x11,
  getConsensus: 0x12,
  consensus: 0x13,
} as const

const HEAD_BYTES = 6
const SEQUENCE_BYTES = 4
const EPOCH_BYTES = 8
const MESSAGE_HEAD_BYTES = SEQUENCE_BYTES + SURB_ID_BYTES

/** @throws AivError `E_INPUT` on a number out of range or a SURB id of another length */
export function encodeLinkCommand(command: LinkCommand): Uint8Array {
  switch (command.type) {
    case 'no-op':
      return framed(ID.noOp, EMPTY)
    case 'disconnect':
      return framed(ID.disconnect, EMPTY)
    case 'send-packet':
      return framed(ID.sendPacket, command.packet)
    case 'retrieve-message':
      return framed(ID.retrieveMessage, u32(inRange(command.sequence, 0xffffffff)))
    case 'message': {
      const { sequence, surbId = new Uint8Array(SURB_ID_BYTES), payload } = command
      if (surbId.length !== SURB_ID_BYTES)
        throw new AivError('E_INPUT', `the id of a SURB is not ${SURB_ID_BYTES} bytes long`)
      return framed(ID.message, concat(u32(inRange(sequence, 0xffffffff)), surbId, payload))
    }
    case 'get-consensus':
      if (command.epoch < 0n || command.epoch >> 64n !== 0n)
        throw new AivError('E_INPUT', 'the epoch is beyond 64 bits')
      return framed(ID.getConsensus, u64(command.epoch))
    case 'consensus':
      return framed(ID.consensus, concat(Uint8Array.of(inRange(command.errorCode, 0xff)), command.document))
  }
}

function framed(id: number, body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(id, 0), u32(body.length), body)
}

function inRange(value: number, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value
  throw new AivError('E_INPUT', `${value} is not within 0..${most}`)
}

/**
 * Reads one command that fills `bytes` exactly. Arrays of the result are views.
 * @returns undefined for anything malformed or unknown
 */
export function decodeLinkCommand(bytes: Uint8Array): LinkCommand | undefined {
  if (bytes.length < HEAD_BYTES || bytes[1] !== 0 || readU32(bytes, 2) !== bytes.length - HEAD_BYTES)
    return undefined
  const body = bytes.subarray(HEAD_BYTES)
  switch (bytes[0]) {
    case ID.noOp:
      return body.length === 0 ? { type: 'no-op' } : undefined
    case ID.disconnect:
      return body.length === 0 ? { type: 'disconnect' } : undefined
    case ID.sendPacket:
      return { type: 'send-packet', packet: body }
    case ID.retrieveMessage:
      return body.length === SEQUENCE_BYTES
        ? { type: 'retrieve-message', sequence: readU32(body, 0) }
        : undefined
    case ID.message:
      return decodeMessage(body)
    case ID.getConsensus:
      return body.length === EPOCH_BYTES ? { type: 'get-consensus', epoch: readU64(body, 0) } : undefined
    case ID.consensus:
      return body.length === 0
        ? undefined
        : { type: 'consensus', errorCode: body[0] as number, document: body.subarray(1) }
    default:
      return undefined
  }
}

function decodeMessage(body: Uint8Array): LinkCommand | undefined {
  if (body.length < MESSAGE_HEAD_BYTES) return undefined
  const surbId = body.subarray(SEQUENCE_BYTES, MESSAGE_HEAD_BYTES)
  return {
    type: 'message',
    sequence: readU32(body, 0),
    surbId: isAllZero(surbId) ? undefined : surbId,
    payload: body.subarray(MESSAGE_HEAD_BYTES),
  }
}
