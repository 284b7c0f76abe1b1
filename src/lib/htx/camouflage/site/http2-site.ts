/** The site over HTTP/2. */
import {
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import { pipeline, Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { EMPTY } from '../../../core/index.ts'
import { MessageLink } from '../websocket/message-link.ts'
import { HTTP2_CONNECTION_WINDOW_BYTES, HTTP2_SETTINGS, KEEP_ALIVE_MS } from './constants.ts'
import { plainAnswer } from './decoy/plain-answer.ts'
import { isForm, readForm } from './form-body.ts'
import type { SiteParts } from './http1-site.ts'
import { fieldsOf, type HeaderFields, type SiteAnswer, type SiteTunnel } from './site-request.ts'
import { isWebSocketConnect } from './upgrade-request.ts'
import type { Visit } from './visit.ts'

export class Http2Site {
  readonly #parts: SiteParts

  constructor(parts: SiteParts) {
    this.#parts = parts
  }

  /** Speaks HTTP/2 on a connection that has agreed on it. */
  take(socket: TLSSocket): void {
    const visit = this.#parts.visitOf(socket)
    const session = performServerHandshake(socket, { settings: HTTP2_SETTINGS })
    session.on('error', () => {})
    session.once('connect', () => session.setLocalWindowSize(HTTP2_CONNECTION_WINDOW_BYTES))
    session.setTimeout(KEEP_ALIVE_MS)
    // Before Node drops its hold on the session and leaves the timer, which would keep it in memory until it fires.
    socket.prependListener('close', () => session.setTimeout(0))
    session.on('timeout', () => {
      // In order first; a visitor who does not let go then loses the connection.
      if (session.closed) session.destroy()
      else session.close()
      if (!session.destroyed) session.setTimeout(KEEP_ALIVE_MS)
    })
    session.on('stream', (stream, headers, _flags, rawHeaders) => {
      stream.on('error', () => {})
      void this.#answer(session, stream, { headers, fields: requestFields(headers, rawHeaders) }, visit)
    })
  }

  async #answer(
    session: ServerHttp2Session,
    stream: ServerHttp2Stream,
    { headers, fields }: { readonly headers: IncomingHttpHeaders; readonly fields: HeaderFields },
    visit: Visit,
  ): Promise<void> {
    const { gate, decoy, onError } = this.#parts
    const method = String(headers[':method'])
    const target = String(headers[':path'] ?? '')
    const isConnect = method === 'CONNECT'
    const wantsWebSocket = isWebSocketConnect(method, textOf(headers[':protocol']), fields)
    const leaving = new AbortController()
    stream.once('close', () => leaving.abort())
    try {
      const read = isForm(method, fields) ? await readForm(stream) : { form: undefined, body: stream }
      const knock = { method, target, fields, wantsWebSocket, form: read.form }
      const { admitted, extraFields } = await gate.judge(knock, visit)
      if (stream.closed) return
      if (admitted) {
        this.#becomeLink(session, stream, visit)
        return
      }
      // The body of a CONNECT is what would go through the tunnel.
      const body = isConnect ? Readable.from([]) : read.body
      const request = { method, target, fields, body, signal: leaving.signal }
      const outcome = isConnect ? await decoy.connect(request) : await decoy.answer(request)
      if ('stream' in outcome) tunnel(stream, outcome)
      else writeAnswer(stream, outcome, extraFields)
    } catch (error) {
      if (leaving.signal.aborted || stream.closed || visit.socket.destroyed) return
      onError(error as Error)
      if (stream.headersSent) stream.close()
      else writeAnswer(stream, plainAnswer(500), [])
    }
  }

  #becomeLink(session: ServerHttp2Session, stream: ServerHttp2Stream, visit: Visit): void {
    const { random, onLink } = this.#parts
    const { exporter, localAddress, remoteAddress } = visit
    if (exporter === undefined) return
    stream.respond({ ':status': 200 })
    visit.leave()
    session.setTimeout(0)
    onLink(
      new MessageLink({
        stream,
        role: 'server',
        head: EMPTY,
        localAddress,
        remoteAddress,
        random,
        exportKeyingMaterial: exporter,
        onRelease: () => {
          if (session.destroyed) return
          session.close()
          session.setTimeout(KEEP_ALIVE_MS)
        },
      }),
    )
  }
}

/** Without pseudo-headers; the authority as `host`, where HTTP/1.1 has it. */
function requestFields(headers: IncomingHttpHeaders, rawHeaders: readonly string[]): HeaderFields {
  const fields = fieldsOf(rawHeaders).filter(([name]) => !name.startsWith(':'))
  const authority = textOf(headers[':authority'])
  if (authority === undefined) return fields
  return [['host', authority], ...fields.filter(([name]) => name !== 'host')]
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function writeAnswer(stream: ServerHttp2Stream, answer: SiteAnswer, extraFields: HeaderFields): void {
  const { status, fields, body } = answer
  // Closed comes first, by a reset, and destroyed only when all that came has been read.
  if (stream.closed) {
    if (!(body instanceof Uint8Array)) body.destroy()
    return
  }
  // Reads on to the end of what the visitor sends, as a server of HTTP/1.1 does.
  stream.resume()
  stream.respond(outgoing(status, [...fields, ...extraFields]))
  if (body instanceof Uint8Array) stream.end(body)
  else pipeline(body, stream, (error) => error && stream.close())
}

function tunnel(stream: ServerHttp2Stream, { fields, stream: origin, head }: SiteTunnel): void {
  if (stream.closed) {
    origin.destroy()
    return
  }
  stream.respond(outgoing(200, fields))
  origin.unshift(head)
  const ended = (): void => {}
  pipeline(stream, origin, ended)
  pipeline(origin, stream, ended)
}

/** In order; a name that stands several times keeps its first place. */
function outgoing(status: number, fields: HeaderFields): OutgoingHttpHeaders {
  const headers: Record<string, number | string[]> = { ':status': status }
  for (const [name, value] of fields) {
    const lower = name.toLowerCase()
    const known = headers[lower]
    if (Array.isArray(known)) known.push(value)
    else headers[lower] = [value]
  }
  return headers
}
