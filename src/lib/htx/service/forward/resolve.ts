/** From a target to the addresses that may be dialled: a name is resolved once, and what was checked is what is used. */
import { lookup } from 'node:dns/promises'
import { Turns } from '../turns.ts'
import type { AccessList, Purpose } from './access/access-list.ts'
import { type IpAddress, parseAddressText } from './access/addresses.ts'
import { ADDRESSES_MOST, LOOKUPS_AT_ONCE } from './constants.ts'
import { denied } from './reasons.ts'
import type { Target } from './target.ts'

/** All addresses of a name, the preferred first. */
export type Resolve = (name: string) => Promise<readonly string[]>

const turns = new Turns(LOOKUPS_AT_ONCE)

export const systemResolve: Resolve = async (name) =>
  (await lookup(name, { all: true, order: 'verbatim' })).map(({ address }) => address)

export interface Request {
  readonly access: AccessList
  readonly peer: string
  readonly target: Target
  readonly purpose: Purpose
  readonly resolve: Resolve
  readonly signal: AbortSignal
}

/**
 * @returns at least one address, at most four
 * @throws AivError `E_SERVICE_REFUSED` when none is permitted; what resolving throws
 */
export async function permittedAddresses(request: Request): Promise<readonly IpAddress[]> {
  const { access, peer, target, purpose } = request
  if (!access.mayPermit(peer, target, purpose)) throw denied()
  const literal = parseAddressText(target.host)
  const found = literal === undefined ? await addressesOf(request) : [literal]
  const permitted = found.filter(
    (address): address is IpAddress =>
      address !== undefined && access.permits(peer, target, address, purpose),
  )
  if (permitted.length === 0) throw denied()
  return permitted.slice(0, ADDRESSES_MOST)
}

/** A name server that does not answer keeps its turn, and not those who wait for it. */
async function addressesOf({
  target,
  resolve,
  signal,
}: Request): Promise<readonly (IpAddress | undefined)[]> {
  signal.throwIfAborted()
  const late = Promise.withResolvers<never>()
  const onAbort = (): void => late.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const resolving = turns.run(signal, async () => await resolve(target.host))
    return (await Promise.race([resolving, late.promise])).map(parseAddressText)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
