/** The way to a camouflaged listener: what a caller has to bring, and the link itself. */
import { isIP } from 'node:net'
import { AivError, type RandomSource, type TimerClock } from '../../../core/index.ts'
import { erase, systemRandom } from '../../../crypto/index.ts'
import type { Link } from '../../../link/index.ts'
import { parseRoots, systemRoots, type TrustRoots } from '../../../tls/index.ts'
import type { HtxAddress } from '../../address.ts'
import { dialCamouflaged } from '../../camouflage/index.ts'
import { buildTicket, type TicketGrant } from '../../ticket/index.ts'
import { accessTicketBinding, outerBinding } from '../binding.ts'
import type { ConnectOptions } from './connect-options.ts'

/** Version 1 needs no key of the listener. */
const UNKNOWN_KEY = new Uint8Array(32)

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

/** @throws AivError of `dialCamouflaged` */
export async function dialCamouflagedLink(
  address: HtxAddress,
  x: Uint8Array | undefined,
  options: ConnectOptions & { readonly clock: TimerClock },
): Promise<Link> {
  const { clock, camouflage = {}, signal, dial = {} } = options
  const random: RandomSource = options.random ?? systemRandom
  const grant = requireGrant(options, x)
  const { proxy, timeoutMs, pins } = dial
  return await dialCamouflaged({
    host: address.host,
    port: address.port,
    path: address.path as string,
    // Browsers name no site when they visit a number.
    ...(isIP(address.host) !== 0 && grant.site !== '' ? { serverName: grant.site } : {}),
    mode: camouflage.mode ?? 'ws',
    ...(camouflage.major === undefined ? {} : { major: camouflage.major }),
    roots: rootsOf(dial.ca),
    ...(pins === undefined ? {} : { pins }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(signal === undefined ? {} : { signal }),
    clock,
    random,
    grant,
    ticket(exportKeyingMaterial) {
      const ekm = outerBinding(address, { exportKeyingMaterial })
      const binding = accessTicketBinding(x ?? UNKNOWN_KEY, ekm)
      erase(ekm)
      return buildTicket(grant, { clock, random, binding })
    },
  })
}

/** As for wss: what is given stands instead of the roots of the system. */
function rootsOf(ca: string | readonly string[] | undefined): TrustRoots {
  if (ca === undefined) return systemRoots()
  return parseRoots(typeof ca === 'string' ? ca : ca.join('\n'))
}
