/** What a caller has to bring for the camouflaged link. */
import { AivError } from '../../../core/index.ts'
import type { TicketGrant } from '../../ticket/index.ts'
import type { ConnectOptions } from './connect-options.ts'

/**
 * Refuses what could not work, or would give the user away, before anything is sent.
 * @param x key of the listener, where it is known
 * @throws AivError `E_USAGE`
 */
export function requireGrant(options: ConnectOptions, x: Uint8Array | undefined): TicketGrant {
  const { accessGrant: grant, camouflage = {}, dial = {} } = options
  if (grant === undefined) {
    throw new AivError('E_USAGE', 'htx+https needs an access ticket', {
      hint: 'Pass --ticket with the grant of the listener; without a ticket it is an ordinary web site.',
    })
  }
  if (dial.insecureOuter === true) {
    throw new AivError('E_USAGE', 'the outer TLS of htx+https is always verified', {
      hint: 'A browser would not go on either. Pass --ca or --pin for a certificate that the system does not trust.',
    })
  }
  if (grant.policy.version === 1 && camouflage.allowVersion1 !== true) {
    throw new AivError('E_USAGE', 'the grant is of version 1, whose tickets are not tied to the connection', {
      hint: 'Ask for a grant of version 2, or pass --ticket v1 as well: whoever ends TLS could then use your ticket first.',
    })
  }
  if (x === undefined && grant.policy.version !== 1) {
    throw new AivError('E_USAGE', 'tickets of version 2 need the key of the listener', {
      hint: 'Use its full address, key included; only version 1 (--ticket v1) allows a first contact.',
    })
  }
  return grant
}
