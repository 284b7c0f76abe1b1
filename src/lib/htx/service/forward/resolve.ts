/** From a target to the addresses that may be dialled: a name is resolved once, and what was checked is what is used. */
import type { TimerClock } from '../../../core/index.ts'
import type { AccessList, Prospect, Purpose } from './access/access-list.ts'
import { type IpAddress, parseAddressText } from './access/addresses.ts'
import {
  ADDRESSES_MOST,
  LOOKUP_MS,
  LOOKUPS_AT_ONCE,
  LOOKUPS_PER_PEER,
  LOOKUPS_WAITING_PER_PEER,
} from './constants.ts'
import { FairTurns } from './names/fair-turns.ts'
import { endsInNumber, isLocalhost, type Resolve } from './names/system-resolve.ts'
import { denied, unknownName, unresolved } from './reasons.ts'
import type { Target } from './target.ts'

const turns = new FairTurns({
  atOnce: LOOKUPS_AT_ONCE,
  perPeer: LOOKUPS_PER_PEER,
  waitingPerPeer: LOOKUPS_WAITING_PER_PEER,
})

export interface Request {
  readonly access: AccessList
  readonly clock: TimerClock
  readonly peer: string
  readonly target: Target
  readonly purpose: Purpose
  readonly resolve: Resolve
  readonly signal: AbortSignal
}

/**
 * The refusal does not tell what only this machine's name servers know: it is the same for a name that does not exist
 * as for one that leads to where the peer may not go.
 * @returns at least one address, at most four
 * @throws AivError `E_SERVICE_REFUSED` when none is permitted or the name cannot be resolved; why the signal aborted
 */
export async function permittedAddresses(request: Request): Promise<readonly IpAddress[]> {
  const { access, peer, target, purpose, signal } = request
  const literal = parseAddressText(target.host)
  if (literal !== undefined) {
    if (!access.permits(peer, target, literal, purpose)) throw denied()
    return [literal]
  }
  const prospect = endsInNumber(target.host) ? 'none' : access.prospectOf(peer, target, purpose)
  if (prospect === 'none') throw denied()
  let found: readonly (IpAddress | undefined)[] = []
  try {
    found = (await addressesOf(request)).map(parseAddressText)
  } catch (error) {
    signal.throwIfAborted()
    throw prospect === 'networks' ? denied() : unresolved(error)
  }
  const permitted = found.filter(
    (address): address is IpAddress =>
      address !== undefined && access.permits(peer, target, address, purpose),
  )
  if (permitted.length === 0) throw leadsAstray(target, prospect)
  return permitted.slice(0, ADDRESSES_MOST)
}

/** Why no address that a name leads to may be used. Everybody knows where `localhost` leads. */
function leadsAstray({ host }: Target, prospect: Prospect): Error {
  return prospect === 'public' && !isLocalhost(host) ? unknownName() : denied()
}

/** A name that hangs loses its place after a while, whatever its name server does. */
async function addressesOf(request: Request): Promise<readonly string[]> {
  const { clock, peer, resolve, signal, target } = request
  return await turns.run(peer, signal, async () => {
    const over = new AbortController()
    const late = Promise.withResolvers<never>()
    const giveUp = (error: unknown): void => {
      late.reject(error)
      over.abort(error)
    }
    const onAbort = (): void => giveUp(signal.reason)
    const cancel = clock.schedule(LOOKUP_MS, () =>
      giveUp(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })),
    )
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([resolve(target.host, over.signal), late.promise])
    } finally {
      cancel()
      signal.removeEventListener('abort', onAbort)
    }
  })
}
