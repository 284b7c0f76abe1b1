/** Link commands of Katzenpost: written and compared, read and written again. */
import type { VectorCheck } from '../../core/index.ts'
import { decodeLinkCommand, encodeLinkCommand, type LinkCommand } from '../link-commands.ts'
import { bytes, expect, expectBytes, integer, type Vector } from './fields.ts'

type Builder = (vector: Vector) => LinkCommand

/** By the field that holds the encoded command. */
const COMMANDS: readonly (readonly [string, Builder])[] = [
  ['NoOp', () => ({ type: 'no-op' })],
  ['Disconnect', () => ({ type: 'disconnect' })],
  ['SendPacket', (vector) => ({ type: 'send-packet', packet: bytes(vector, 'SendPacketPayload') })],
  [
    'RetrieveMessage',
    (vector) => ({ type: 'retrieve-message', sequence: integer(vector, 'RetrieveMessageSeq') }),
  ],
  [
    'Message',
    (vector) => ({
      type: 'message',
      sequence: integer(vector, 'MessageSeq'),
      surbId: undefined,
      payload: bytes(vector, 'MessagePayload'),
    }),
  ],
  [
    'GetConsensus',
    (vector) => ({ type: 'get-consensus', epoch: BigInt(integer(vector, 'GetConsensusEpoch')) }),
  ],
  [
    'Consensus',
    (vector) => ({
      type: 'consensus',
      errorCode: integer(vector, 'ConsensusErrorCode'),
      document: bytes(vector, 'ConsensusPayload'),
    }),
  ],
]

export function linkCommandChecks(vector: Vector): readonly VectorCheck[] {
  return COMMANDS.map(([field, build]) => ({
    id: field,
    run: () => {
      const wanted = bytes(vector, field)
      expectBytes(field, encodeLinkCommand(build(vector)), wanted)
      const read = decodeLinkCommand(wanted)
      expect(read !== undefined, `${field} cannot be read`)
      expectBytes(`${field} read and written`, encodeLinkCommand(read), wanted)
    },
  }))
}
