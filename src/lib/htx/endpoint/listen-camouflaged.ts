/** The listener that looks like a web site: what it needs, and the links that it lets through. */
import { AivError, type RandomSource, type TimerClock } from '../../core/index.ts'
import { erase } from '../../crypto/index.ts'
import type { Link, Listener } from '../../link/index.ts'
import type { HtxAddress } from '../address.ts'
import { type Decoy, listenCamouflaged } from '../camouflage/index.ts'
import type { AccessTicketVerifier, TicketSite, TicketVersion } from '../ticket/index.ts'
import { accessTicketBinding, outerBinding } from './binding.ts'
import type { ListenOptions } from './listen.ts'
import type { EndpointIdentity } from './peer-trust.ts'

/** What makes a listener a web site. */
export interface SiteOptions {
  /** What everybody sees who brings no ticket. */
  readonly decoy: Decoy
  /** Where tickets travel, as the grants say. */
  readonly ticketSite: TicketSite
  /** Version of the tickets that the grants announce. */
  readonly ticketVersion: TicketVersion
  /** Takes tickets of version 1, which are not tied to the connection. */
  readonly allowVersion1?: boolean
}

interface Surroundings {
  readonly address: HtxAddress
  readonly identity: EndpointIdentity
  readonly verifier: AccessTicketVerifier
  readonly clock: TimerClock
  readonly random: RandomSource
  readonly onLink: (link: Link) => void
}

/**
 * Refuses what would show the listener, before a port is opened.
 * @throws AivError `E_USAGE`
 */
export function requireSite({ site, accessTickets, tls }: ListenOptions): void {
  if (accessTickets === undefined) {
    throw new AivError('E_USAGE', 'htx+https needs access tickets: everybody else gets the web site', {
      hint: 'Make keys with `aiv htx ticket new --ticket-version 2` and pass --tickets.',
    })
  }
  if (site === undefined) {
    throw new AivError('E_USAGE', 'htx+https needs a web site to show', {
      hint: 'Pass --decoy with a folder of pages or the URL of a site.',
    })
  }
  if (tls === undefined)
    throw new AivError('E_USAGE', 'htx+https needs a certificate and its key', {
      hint: 'Pass --cert and --cert-key.',
    })
  if (site.ticketVersion === 1 && site.allowVersion1 !== true) {
    throw new AivError(
      'E_USAGE',
      'the ticket keys are of version 1, whose tickets are not tied to the connection',
      {
        hint: 'Make keys with `aiv htx ticket new --ticket-version 2`, or pass --ticket v1: whoever ends TLS could then use a ticket first.',
      },
    )
  }
}

/** @throws AivError of `listenCamouflaged` */
export async function listenAsSite(options: ListenOptions, surroundings: Surroundings): Promise<Listener> {
  const { address, identity, verifier, clock, random, onLink } = surroundings
  const { observer } = options
  const { decoy, ticketSite, allowVersion1 = false } = options.site as SiteOptions
  return await listenCamouflaged({
    host: address.host,
    port: address.port,
    path: address.path as string,
    tls: options.tls as NonNullable<ListenOptions['tls']>,
    site: ticketSite,
    decoy,
    verifier,
    versions: allowVersion1 ? [1, 2] : [2],
    binding(exportKeyingMaterial) {
      const ekm =
        exportKeyingMaterial === undefined ? undefined : outerBinding(address, { exportKeyingMaterial })
      const binding = accessTicketBinding(identity.staticKey.publicKey, ekm)
      erase(ekm)
      return binding
    },
    clock,
    random,
    onLink,
    ...(observer === undefined ? {} : { onTicket: (outcome) => observer.accessTicket(outcome) }),
    ...(options.fd === undefined ? {} : { fd: options.fd }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onError === undefined ? {} : { onError: options.onError }),
  })
}
