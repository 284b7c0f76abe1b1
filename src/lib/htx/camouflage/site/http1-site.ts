/** The site over HTTP/1.1, on connections that an ordinary server of Node reads. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { pipeline, Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { concat, type RandomSource } from '../../../core/index.ts'
import type { Link } from '../../../link/index.ts'
import { acceptKeyOf } from '../websocket/accept-key.ts'
import { MessageLink } from '../websocket/message-link.ts'
import { plainAnswer } from './decoy/plain-answer.ts'
import { isForm, readForm } from './form-body.ts'
import type { Gate } from './gate.ts'
import {
  type DecoySite,
  fieldsOf,
  type HeaderFields,
  type SiteAnswer,
  type SiteRequest,
  valuesOf,
} from './site-request.ts'
import { isWebSocketUpgrade, webSocketKeyOf } from './upgrade-request.ts'
import type { Visit } from './visit.ts'

export interface SiteParts {
  readonly gate: Gate
  readonly decoy: DecoySite
  readonly random: RandomSource
  readonly visitOf: (socket: TLSSocket) => Visit
  readonly onLink: (link: Link) => void
  readonly onError: (error: Error) => void
}

interface PreparedAnswer {
  readonly answer: SiteAnswer
  readonly leaving: AbortController
}

export class Http1Site {
  readonly #parts: SiteParts
  /** Has an ordinary server read a connection, from its next byte on. */
  readonly #read: (socket: TLSSocket) => void
  /** Answers that are known before the server reads their request for the second time. */
  readonly #prepared = new WeakMap<TLSSocket, PreparedAnswer>()

  constructor(parts: SiteParts, read: (socket: TLSSocket) => void) {
    this.#parts = parts
    this.#read = read
  }

  /**
   * Whether the server hands the connection to {@link upgrade}. All of them, so that nothing behind an upgrade that it
   * declines is lost; one with a body is none, and the server takes it for an ordinary request.
   */
  takesUpgrade({ rawHeaders }: IncomingMessage): boolean {
    const fields = fieldsOf(rawHeaders)
    return ['content-length', 'transfer-encoding'].every((name) => valuesOf(fields, name).length === 0)
  }

  request(request: IncomingMessage, response: ServerResponse): void {
    const socket = request.socket as TLSSocket
    const visit = this.#parts.visitOf(socket)
    visit.responses.add(response)
    response.once('close', () => visit.responses.delete(response))
    const prepared = this.#prepared.get(socket)
    const leaving = prepared?.leaving ?? visit.waitForAnswer()
    response.once('close', () => {
      visit.forget(leaving)
      leaving.abort()
    })
    if (prepared === undefined) {
      void this.#answer(request, response, visit, leaving)
      return
    }
    this.#prepared.delete(socket)
    writeAnswer(response, prepared.answer, leaving.signal)
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Uint8Array): void {
    const socket = stream as TLSSocket
    this.#judgeUpgrade(request, this.#parts.visitOf(socket), head).catch((error: Error) => {
      if (!socket.destroyed) this.#parts.onError(error)
      socket.destroy()
    })
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    visit: Visit,
    { signal }: AbortController,
  ): Promise<void> {
    const { gate, decoy, onError } = this.#parts
    const method = request.method ?? ''
    const target = request.url ?? ''
    const fields = fieldsOf(request.rawHeaders)
    try {
      const read = isForm(method, fields) ? await readForm(request) : { form: undefined, body: request }
      const knock = { method, target, fields, wantsWebSocket: false, form: read.form }
      const { extraFields } = await gate.judge(knock, visit)
      const answer = await decoy.answer({ method, target, fields, body: read.body, signal })
      writeAnswer(response, answer, signal, extraFields)
    } catch (error) {
      if (signal.aborted || response.destroyed || visit.socket.destroyed) return
      onError(error as Error)
      if (response.headersSent) response.destroy()
      else writeAnswer(response, plainAnswer(500), signal)
    }
  }

  async #judgeUpgrade(request: IncomingMessage, visit: Visit, head: Uint8Array): Promise<void> {
    const { gate, decoy } = this.#parts
    const { socket } = visit
    await allAnswered(visit)
    socket.setTimeout(0)
    const method = request.method ?? ''
    const target = request.url ?? ''
    const fields = fieldsOf(request.rawHeaders)
    if (!isWebSocketUpgrade(method, request.httpVersion, fields)) {
      this.#readAgain(request, visit, head)
      return
    }
    const knock = { method, target, fields, wantsWebSocket: true, form: undefined }
    const { admitted } = await gate.judge(knock, visit)
    if (socket.destroyed) return
    if (admitted) {
      this.#becomeLink(fields, visit, head)
      return
    }
    const leaving = visit.waitForAnswer()
    const site: SiteRequest = { method, target, fields, body: Readable.from([]), signal: leaving.signal }
    const outcome = await decoy.upgrade(site)
    if ('stream' in outcome) {
      visit.forget(leaving)
      socket.write(headOf('101 Switching Protocols', outcome.fields))
      socket.unshift(head)
      outcome.stream.unshift(outcome.head)
      join(socket, outcome.stream)
    } else if (socket.destroyed) release(outcome)
    else {
      this.#prepared.set(socket, { answer: outcome, leaving })
      this.#readAgain(request, visit, head)
    }
  }

  #becomeLink(fields: HeaderFields, visit: Visit, head: Uint8Array): void {
    const { random, onLink } = this.#parts
    const { socket, exporter, localAddress, remoteAddress } = visit
    const key = webSocketKeyOf(fields)
    if (exporter === undefined || key === undefined) return
    const accept = acceptKeyOf(key)
    socket.write(
      headOf('101 Switching Protocols', [
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade'],
        ['Sec-WebSocket-Accept', accept],
      ]),
    )
    visit.leave()
    onLink(
      new MessageLink({
        stream: socket,
        role: 'server',
        head,
        localAddress,
        remoteAddress,
        random,
        exportKeyingMaterial: exporter,
      }),
    )
  }

  /**
   * Gives the connection back to the server as if the request had just come, without `Upgrade`: the server then answers
   * it as it answers any other, and goes on with what follows.
   */
  #readAgain(request: IncomingMessage, { socket }: Visit, head: Uint8Array): void {
    const { method = '', url = '', httpVersion } = request
    const fields = fieldsOf(request.rawHeaders).filter(([name]) => name.toLowerCase() !== 'upgrade')
    socket.unshift(concat(headOf(`${method} ${url} HTTP/${httpVersion}`, fields, ''), head))
    this.#read(socket)
  }
}

function headOf(startLine: string, fields: HeaderFields, version = 'HTTP/1.1 '): Uint8Array {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${version}${startLine}\r\n${lines.join('')}\r\n`, 'latin1')
}

function writeAnswer(
  response: ServerResponse,
  answer: SiteAnswer,
  leaving: AbortSignal,
  extraFields: HeaderFields = [],
): void {
  const { status, reason, fields, body } = answer
  if (response.destroyed || leaving.aborted) {
    release(answer)
    return
  }
  const all = [...fields, ...extraFields].flat()
  if (reason === undefined) response.writeHead(status, all)
  else response.writeHead(status, reason, all)
  if (body instanceof Uint8Array) response.end(body)
  else pipeline(body, response, (error) => error && response.destroy())
}

function release({ body }: SiteAnswer): void {
  if (!(body instanceof Uint8Array)) body.destroy()
}

/** Waits for the answers to what was asked before; the server no longer tells them when the connection drains. */
async function allAnswered({ socket, responses }: Visit): Promise<void> {
  const onDrain = (): void => {
    const [first] = responses
    first?.emit('drain')
  }
  socket.on('drain', onDrain)
  for (const response of responses)
    await new Promise<void>((resolve) => {
      if (response.closed) resolve()
      else response.once('close', () => resolve())
    })
  socket.off('drain', onDrain)
}

/** Both ways until both have ended; an error on one side ends the other. */
function join(a: Duplex, b: Duplex): void {
  const ended = (): void => {}
  pipeline(a, b, ended)
  pipeline(b, a, ended)
}
