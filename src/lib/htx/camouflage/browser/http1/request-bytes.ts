/** A request of Chrome as HTTP/1.1 writes it: head and body at once. */
import { concat, EMPTY, utf8 } from '../../../../core/index.ts'
import type { BrowserRequest, HeaderField } from '../request/requests.ts'

const METHODS = { page: 'GET', form: 'POST', websocket: 'GET' } as const

/** Fields that Chrome puts somewhere else in an upgrade: behind which of the others. */
const UPGRADE_BEHIND = 'User-Agent'
const KEY_BEFORE = 'Sec-WebSocket-Extensions'

/** @param webSocketKey of an upgrade */
export function requestBytes(request: BrowserRequest, webSocketKey?: string): Uint8Array {
  const { kind, authority, path, body = EMPTY } = request
  const fields: readonly HeaderField[] = [
    ['Host', authority],
    ['Connection', kind === 'websocket' ? 'Upgrade' : 'keep-alive'],
    ...(webSocketKey === undefined ? request.fields : withUpgrade(request.fields, webSocketKey)),
  ]
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`)
  return concat(utf8(`${METHODS[kind]} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), body)
}

function withUpgrade(fields: readonly HeaderField[], key: string): readonly HeaderField[] {
  return fields.flatMap((field): readonly HeaderField[] => {
    if (field[0] === UPGRADE_BEHIND) return [field, ['Upgrade', 'websocket']]
    if (field[0] === KEY_BEFORE) return [['Sec-WebSocket-Key', key], field]
    return [field]
  })
}
