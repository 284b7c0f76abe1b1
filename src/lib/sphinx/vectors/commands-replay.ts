/** Routing commands of Katzenpost: written and compared, read and written again. */
import { decodeCommands, encodeCommands, type RoutingCommand } from '../commands.ts'
import { bytes, expect, expectBytes, integer, type Vector } from './fields.ts'

/** @throws Error naming the first difference */
export function replayRoutingCommands(vector: Vector): void {
  const commands: readonly (readonly [string, RoutingCommand])[] = [
    [
      'NextHopCmdWant',
      { type: 'next-hop', node: bytes(vector, 'NextHopID'), mac: bytes(vector, 'NextHopMAC') },
    ],
    ['RecipientCmdWant', { type: 'recipient', id: bytes(vector, 'RecipientID') }],
    ['SURBReplyCmdWant', { type: 'surb-reply', id: bytes(vector, 'SURBReplyID') }],
    ['NodeDelayCmdWant', { type: 'delay', ms: integer(vector, 'NodeDelay') }],
  ]
  for (const [field, command] of commands) {
    const wanted = bytes(vector, field)
    expectBytes(field, encodeCommands([command]), wanted)
    const read = decodeCommands(wanted)
    expect(read?.length === 1 && read[0]?.type === command.type, `${field} is not read as ${command.type}`)
    expectBytes(`${field} read and written`, encodeCommands(read), wanted)
  }
}
