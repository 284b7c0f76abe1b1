/** A request of Chrome as the fields of HTTP/2. */
import type { BrowserRequest, HeaderField } from '../request/requests.ts'

/** Pages say how urgent they are. */
const PAGE_PRIORITY: HeaderField = ['priority', 'u=0, i']

export function requestBlock({ kind, authority, path, fields }: BrowserRequest): readonly HeaderField[] {
  const isWebSocket = kind === 'websocket'
  return [
    [':method', isWebSocket ? 'CONNECT' : kind === 'form' ? 'POST' : 'GET'],
    [':authority', authority],
    [':scheme', 'https'],
    [':path', path],
    ...(isWebSocket ? ([[':protocol', 'websocket']] as const) : []),
    ...fields.map(([name, value]): HeaderField => [name.toLowerCase(), value]),
    ...(isWebSocket ? [] : [PAGE_PRIORITY]),
  ]
}
