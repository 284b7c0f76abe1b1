/** The opening handshake of a WebSocket on HTTP/1.1 (RFC 6455 section 4.1), which offers more than it accepts. */
import { AivError } from '../../../../core/index.ts'
import { acceptKeyOf } from '../../websocket/accept-key.ts'
import { listedIn, type ResponseHead } from './response-head.ts'

export const WEBSOCKET_KEY_BYTES = 16

/**
 * @param key that the request had
 * @throws AivError `E_HANDSHAKE` unless it accepts exactly a WebSocket without extensions
 */
export function requireUpgrade(head: ResponseHead, key: string): void {
  if (head.status !== 101) throw ordinaryAnswer(head.status)
  const accept = head.fields.get('sec-websocket-accept') ?? []
  const upgrade = listedIn(head, 'upgrade')
  const isRight =
    accept.length === 1 &&
    accept[0] === acceptKeyOf(key) &&
    upgrade.length === 1 &&
    upgrade[0] === 'websocket' &&
    listedIn(head, 'connection').includes('upgrade')
  if (!isRight) throw new AivError('E_HANDSHAKE', 'the site accepted a WebSocket that nobody asked for')
  requirePlain(head.fields)
}

/** @throws AivError `E_HANDSHAKE` for extensions or a subprotocol: HTX has neither */
export function requirePlain(fields: Pick<ReadonlyMap<string, unknown>, 'has'>): void {
  for (const name of ['sec-websocket-extensions', 'sec-websocket-protocol'])
    if (fields.has(name)) throw new AivError('E_HANDSHAKE', `the site answered with ${name}`)
}

/** The ticket did not open the door: this is what everybody sees. */
export function ordinaryAnswer(status: number): AivError {
  return new AivError('E_HANDSHAKE', `the site answered as a web site, with status ${status}`, {
    hint: 'Check that the grant is of this site and still valid, that the clock of this machine is right, and that the path is that of the address. A man in the middle with the certificate of the site looks the same.',
  })
}
