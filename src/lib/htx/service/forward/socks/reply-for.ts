/** The number that tells a SOCKS client why its request failed (RFC 1928 section 6). */
import { isAivError } from '../../../../core/index.ts'
import { REASON } from '../reasons.ts'
import { REPLY, SocksRefusal } from './messages.ts'

const BY_REASON: readonly (readonly [string, number])[] = [
  [REASON.denied, REPLY.notAllowed],
  [REASON.refused, REPLY.connectionRefused],
  [REASON.hostUnreachable, REPLY.hostUnreachable],
  [REASON.unknownName, REPLY.hostUnreachable],
  [REASON.unresolved, REPLY.hostUnreachable],
  [REASON.networkUnreachable, REPLY.networkUnreachable],
  [REASON.timedOut, REPLY.ttlExpired],
]

export function replyFor(error: unknown): number {
  if (error instanceof SocksRefusal) return error.reply
  if (!isAivError(error, 'E_SERVICE_REFUSED')) return REPLY.generalFailure
  // The peer says in words what the wire has no number for.
  const known = BY_REASON.find(([reason]) => error.message.endsWith(`: ${reason}`))
  if (known !== undefined) return known[1]
  return error.message.endsWith(' is not offered here') ? REPLY.notAllowed : REPLY.generalFailure
}
