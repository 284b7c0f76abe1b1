/** Requests for a WebSocket: the upgrade of HTTP/1.1 (RFC 6455 section 4.1), the extended CONNECT of HTTP/2 (RFC 8441). */
import type { HeaderFields } from './site-request.ts'
import { onlyValueOf, valuesOf } from './site-request.ts'

const KEY = /^[+/0-9A-Za-z]{22}==$/
const VERSION = '13'

/** True for a GET that only asks for an upgrade to a WebSocket, and asks correctly. */
export function isWebSocketUpgrade(method: string, httpVersion: string, fields: HeaderFields): boolean {
  return (
    method === 'GET' &&
    httpVersion === '1.1' &&
    onlyValueOf(fields, 'upgrade')?.toLowerCase() === 'websocket' &&
    namesUpgrade(fields) &&
    onlyValueOf(fields, 'sec-websocket-version') === VERSION &&
    webSocketKeyOf(fields) !== undefined &&
    valuesOf(fields, 'content-length').length === 0 &&
    valuesOf(fields, 'transfer-encoding').length === 0
  )
}

/** The `Sec-WebSocket-Key`, if there is exactly one and it has the form of 16 bytes in base64. */
export function webSocketKeyOf(fields: HeaderFields): string | undefined {
  const key = onlyValueOf(fields, 'sec-websocket-key')
  return key !== undefined && KEY.test(key) ? key : undefined
}

/** @param protocol the `:protocol` pseudo-header */
export function isWebSocketConnect(
  method: string,
  protocol: string | undefined,
  fields: HeaderFields,
): boolean {
  return (
    method === 'CONNECT' &&
    protocol === 'websocket' &&
    onlyValueOf(fields, 'sec-websocket-version') === VERSION
  )
}

function namesUpgrade(fields: HeaderFields): boolean {
  return valuesOf(fields, 'connection').some((value) =>
    value.split(',').some((option) => option.trim().toLowerCase() === 'upgrade'),
  )
}
