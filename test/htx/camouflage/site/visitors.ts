/** One visitor over either HTTP, and all that it sees of an answer. */
import { type ClientHttp2Session, connect as connectHttp2, sensitiveHeaders } from 'node:http2'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { GRANT_SITE, KEY, openTls, RawReader } from './site.ts'

export interface Ask {
  /** Default GET. */
  readonly method?: string
  readonly target: string
  /** Beside the host. */
  readonly fields?: readonly (readonly [string, string])[]
  readonly body?: string
  /** A request for a WebSocket in place of a page. */
  readonly isWebSocket?: boolean
}

export interface Visitor {
  readonly socket: TLSSocket
  /** Status, fields in their order and body; `date` and the value of the session cookie are masked. */
  see(ask: Ask): Promise<string>
  /** Sends a form with a ticket; the value of the session cookie. */
  form(text: string): Promise<string>
}

export type VisitorKind = 'HTTP/1.1' | 'HTTP/2'

export async function visit(
  kind: VisitorKind,
  port: number,
  options: ConnectionOptions = {},
): Promise<Visitor> {
  const { socket, ask } =
    kind === 'HTTP/1.1' ? await visitByHttp1(port, options) : await visitByHttp2(port, options)
  const form = async (text: string): Promise<string> => {
    const fields = [['Content-Type', 'application/x-www-form-urlencoded']] as const
    const answer = await ask({ method: 'POST', target: GRANT_SITE.path, fields, body: `bn1=${text}` })
    return /__Host-s=([A-Za-z0-9_-]{43});/.exec(answer)?.[1] ?? ''
  }
  return { socket, form, see: async (question) => masked(await ask(question)) }
}

interface Connection {
  readonly socket: TLSSocket
  readonly ask: (ask: Ask) => Promise<string>
}

async function visitByHttp1(port: number, options: ConnectionOptions): Promise<Connection> {
  const reader = new RawReader(await openTls(port, options))
  const see = async ({
    method = 'GET',
    target,
    fields = [],
    body,
    isWebSocket = false,
  }: Ask): Promise<string> => {
    const all = [
      ['Host', 'decoy.test'],
      ...(isWebSocket
        ? [
            ['Connection', 'Upgrade'],
            ['Upgrade', 'websocket'],
            ['Sec-WebSocket-Version', '13'],
          ]
        : []),
      ...fields,
      ...(isWebSocket && !fields.some(([name]) => name === 'Sec-WebSocket-Key')
        ? [['Sec-WebSocket-Key', KEY]]
        : []),
      ...(body === undefined ? [] : [['Content-Length', String(body.length)]]),
    ]
    const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const answer = await reader.ask(`${method} ${target} HTTP/1.1\r\n${lines}\r\n${body ?? ''}`)
    return `${answer.head}${answer.body}`
  }
  return { socket: reader.socket, ask: see }
}

async function visitByHttp2(port: number, options: ConnectionOptions): Promise<Connection> {
  const socket = await openTls(port, { ...options, ALPNProtocols: ['h2'] })
  const session = connectHttp2('https://decoy.test', { createConnection: () => socket })
  session.on('error', () => {})
  onTestFinished(() => session.destroy())
  // Whether an extended CONNECT is allowed.
  await new Promise<void>((resolve) => session.once('remoteSettings', () => resolve()))
  return { socket, ask: (ask) => askByHttp2(session, ask) }
}

function askByHttp2(session: ClientHttp2Session, ask: Ask): Promise<string> {
  const { method = 'GET', target, fields = [], body, isWebSocket = false } = ask
  const headers: Record<string | symbol, string | string[]> = {
    // Or a cookie that stands twice would be shorter the second time.
    [sensitiveHeaders]: ['cookie'],
    ':method': isWebSocket ? 'CONNECT' : method,
    ...(isWebSocket ? { ':protocol': 'websocket' } : {}),
    ':scheme': 'https',
    ':authority': 'decoy.test',
    ':path': target,
    ...(isWebSocket ? { 'sec-websocket-version': '13' } : {}),
  }
  for (const [name, value] of fields) {
    const lower = name.toLowerCase()
    headers[lower] = [...(headers[lower] ?? []), value]
  }
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined && !isWebSocket })
    let text = ''
    stream.on('response', (_headers, _flags, raw) => {
      for (let i = 0; i < raw.length; i += 2) text += `${raw[i]}: ${raw[i + 1]}\r\n`
      // The tunnel stands, and does not end of itself.
      if (isWebSocket && text.startsWith(':status: 200')) resolve(text)
    })
    stream.setEncoding('latin1')
    stream.on('data', (chunk: string) => {
      text += chunk
    })
    stream.on('end', () => resolve(text))
    stream.on('error', reject)
    if (body !== undefined) stream.end(body)
    else if (isWebSocket) stream.once('response', ({ ':status': status }) => status !== 200 && stream.end())
  })
}

function masked(text: string): string {
  return text.replace(/^date: .*$/im, 'DATE').replace(/(__Host-s=)[A-Za-z0-9_-]{43};/, '$1VALUE;')
}
