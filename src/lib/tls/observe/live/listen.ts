/** The way in to live listeners. */
import type { LiveListener, LiveOptions } from './types.ts'

/**
 * Listens for TLS clients, tells each hello, completes the handshake and answers any HTTP request with `answer`.
 * @throws AivError `E_INPUT` for a certificate and key that cannot be used, `E_ADDRESS_IN_USE`, `E_PERMISSION`, `E_LINK`
 */
export async function listenForHellos(options: LiveOptions): Promise<LiveListener> {
  // Programs that only read captures do not load servers.
  const { openLiveListener } = await import('./listener.ts')
  return await openLiveListener(options)
}
