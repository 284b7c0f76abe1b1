/** What a listener lets its peers reach, from its flags. */
import { AccessList, parsePermit } from '../../htx/index.ts'

export interface PermitFlags {
  readonly permit?: readonly string[] | undefined
  readonly socks?: boolean
}

/**
 * The access list of the forwards; undefined when the flags ask for none.
 * @throws AivError `E_USAGE`
 */
export function accessListOf({ permit, socks }: PermitFlags): AccessList | undefined {
  if (permit === undefined && socks !== true) return undefined
  return new AccessList((permit ?? []).flatMap(parsePermit), { everythingPublic: socks === true })
}
