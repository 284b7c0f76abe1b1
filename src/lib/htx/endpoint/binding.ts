/** Binding a session to its outer TLS connection (sections 2.2 and 4.1). */
import { AivError, EMPTY } from '../../core/index.ts'
import type { Link } from '../../link/index.ts'
import { bindModeOf, type HtxAddress } from '../address.ts'
import { bindData } from '../keys/schedule.ts'
import type { AccessTicketBinding } from '../ticket/index.ts'

const LABEL = 'htx inner v1'
const LENGTH = 64
const UNBOUND = new Uint8Array(32)

/**
 * The exporter value when the address asks for binding, else undefined. It is the caller's to erase.
 * @throws AivError `E_LINK` when the outer connection has no TLS 1.3 exporter
 */
export function outerBinding(
  address: HtxAddress,
  link: Pick<Link, 'exportKeyingMaterial'>,
): Uint8Array | undefined {
  if (bindModeOf(address) === 'none') return undefined
  const ekm = link.exportKeyingMaterial?.(LENGTH, LABEL, EMPTY)
  if (ekm !== undefined) return ekm
  throw new AivError('E_LINK', 'the session cannot be bound: the outer connection is not TLS 1.3', {
    hint: 'Use bind=none on both sides where a proxy ends TLS.',
  })
}

/**
 * What an access ticket of version 2 is tied to.
 * @param ekm as `outerBinding` gave it, before it is erased
 */
export function accessTicketBinding(
  serverStatic: Uint8Array,
  ekm: Uint8Array | undefined,
): AccessTicketBinding {
  return { serverStatic, bind32: ekm === undefined ? UNBOUND : bindData(ekm) }
}
