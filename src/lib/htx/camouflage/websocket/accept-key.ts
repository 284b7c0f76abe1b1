/** What a server proves with that it read the request for a WebSocket (RFC 6455 section 4.2.2). */
import { utf8 } from '../../../core/index.ts'
import { sha1 } from '../../../crypto/index.ts'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`. */
export function acceptKeyOf(key: string): string {
  return Buffer.from(sha1(utf8(key + GUID))).toString('base64')
}
