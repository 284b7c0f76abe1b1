/** Where the forwards of the opening side get their streams from. */
import type { CborMap } from '../../../../core/index.ts'
import type { HtxSession } from '../../../endpoint/htx-session.ts'
import { openRawService } from '../../open-service.ts'
import type { RawStream } from '../../relay.ts'

/**
 * Opens a stream to a service of the peer whose bytes are raw once it is there.
 * @throws AivError `E_SERVICE_REFUSED` when the peer says no
 */
export type OpenStream = (
  service: string,
  params: CborMap,
  options: { readonly signal?: AbortSignal },
) => Promise<RawStream>

/** Streams of one session; they end with it. */
export function streamsOf(session: HtxSession): OpenStream {
  return async (service, params, options) => await openRawService(session, service, params, options)
}
