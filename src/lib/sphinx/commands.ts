/** Routing commands: what a slot of the header tells its hop to do. */
import { AivError, concat, isAllZero, readU32, u32 } from '../core/index.ts'
import { COMMANDS_BYTES, MAC_BYTES, NODE_ID_BYTES, RECIPIENT_ID_BYTES, SURB_ID_BYTES } from './constants.ts'

export type RoutingCommand =
  /** Send the packet on; `mac` is that of the next header. */
  | { readonly type: 'next-hop'; readonly node: Uint8Array; readonly mac: Uint8Array }
  /** Deliver the payload to this mailbox or service, 32 bytes. */
  | { readonly type: 'recipient'; readonly id: Uint8Array }
  /** The packet was made from the SURB with this id, 16 bytes. */
  | { readonly type: 'surb-reply'; readonly id: Uint8Array }
  /** Hold the packet for `ms` before it goes on, 0 to 2^32-1. */
  | { readonly type: 'delay'; readonly ms: number }

/** First byte of each command; null ends the list. */
export const COMMAND_TAG = {
  null: 0x00,
  nextHop: 0x01,
  recipient: 0x02,
  surbReply: 0x03,
  delay: 0x80,
} as const

const DELAY_BYTES = 4
const MAX_DELAY_MS = 0xffffffff

/** Length of the command with this first byte, the byte itself included; 0 for none that is known. */
export function commandBytes(tag: number): number {
  switch (tag) {
    case COMMAND_TAG.nextHop:
      return 1 + NODE_ID_BYTES + MAC_BYTES
    case COMMAND_TAG.recipient:
      return 1 + RECIPIENT_ID_BYTES
    case COMMAND_TAG.surbReply:
      return 1 + SURB_ID_BYTES
    case COMMAND_TAG.delay:
      return 1 + DELAY_BYTES
    default:
      return 0
  }
}

/**
 * The commands one after the other, without padding.
 * @throws AivError `E_INPUT` on a wrong length, a delay out of range, or more than one slot holds
 */
export function encodeCommands(commands: readonly RoutingCommand[]): Uint8Array {
  const encoded = concat(...commands.map(encodeCommand))
  if (encoded.length > COMMANDS_BYTES)
    throw new AivError('E_INPUT', `the commands of a hop take ${encoded.length} of ${COMMANDS_BYTES} bytes`)
  return encoded
}

function encodeCommand(command: RoutingCommand): Uint8Array {
  switch (command.type) {
    case 'next-hop':
      requireBytes(command.node, NODE_ID_BYTES, 'the id of the next node')
      requireBytes(command.mac, MAC_BYTES, 'the MAC of the next header')
      return concat(Uint8Array.of(COMMAND_TAG.nextHop), command.node, command.mac)
    case 'recipient':
      requireBytes(command.id, RECIPIENT_ID_BYTES, 'the id of a recipient')
      return concat(Uint8Array.of(COMMAND_TAG.recipient), command.id)
    case 'surb-reply':
      requireBytes(command.id, SURB_ID_BYTES, 'the id of a SURB')
      return concat(Uint8Array.of(COMMAND_TAG.surbReply), command.id)
    case 'delay':
      if (!Number.isInteger(command.ms) || command.ms < 0 || command.ms > MAX_DELAY_MS)
        throw new AivError('E_INPUT', `a delay is 0 to ${MAX_DELAY_MS} whole milliseconds`)
      return concat(Uint8Array.of(COMMAND_TAG.delay), u32(command.ms))
  }
}

function requireBytes(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw new AivError('E_INPUT', `${what} is not ${length} bytes long`)
}

/**
 * Reads the commands of a slot, with or without its padding. Arrays of the result are views of `bytes`.
 * @returns undefined for anything malformed: an unknown or torn command, two of one kind, padding that is not zero
 */
export function decodeCommands(bytes: Uint8Array): RoutingCommand[] | undefined {
  const commands: RoutingCommand[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = bytes[at] as number
    // Bytes after the end would be a channel from the sender to the node, and could tell copies of a packet apart.
    if (tag === COMMAND_TAG.null) return isAllZero(bytes.subarray(at)) ? commands : undefined
    const length = commandBytes(tag)
    if (length === 0 || at + length > bytes.length) return undefined
    const command = decodeCommand(tag, bytes.subarray(at + 1, at + length))
    if (commands.some(({ type }) => type === command.type)) return undefined
    commands.push(command)
    at += length
  }
  return commands
}

/** @param tag one that {@link commandBytes} knows */
function decodeCommand(tag: number, body: Uint8Array): RoutingCommand {
  switch (tag) {
    case COMMAND_TAG.nextHop:
      return { type: 'next-hop', node: body.subarray(0, NODE_ID_BYTES), mac: body.subarray(NODE_ID_BYTES) }
    case COMMAND_TAG.recipient:
      return { type: 'recipient', id: body }
    case COMMAND_TAG.surbReply:
      return { type: 'surb-reply', id: body }
    default:
      return { type: 'delay', ms: readU32(body, 0) }
  }
}
