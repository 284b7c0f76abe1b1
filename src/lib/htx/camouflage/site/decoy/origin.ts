/** A real site as the decoy: every request goes to it, and every answer is its own. */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { AivError, type RandomSource } from '../../../../core/index.ts'
import {
  type DecoySite,
  fieldsOf,
  type HeaderFields,
  originForm,
  type SiteAnswer,
  type SiteRequest,
  type SiteTunnel,
  valuesOf,
} from '../site-request.ts'
import { endToEnd, towardsOrigin, towardsVisitor } from './hop-fields.ts'
import { plainAnswer } from './plain-answer.ts'

/** Milliseconds of silence after which the origin counts as down. */
const ORIGIN_TIMEOUT_MS = 60_000
/** Connections to the origin at once; further requests wait. */
const ORIGIN_CONNECTIONS = 256

const WEBSOCKET_KEY_BYTES = 16
/** What RFC 8441 section 4 leaves out of an extended CONNECT and of its answer. */
const HTTP1_WEBSOCKET_FIELDS: readonly string[] = ['sec-websocket-accept', 'connection', 'upgrade']

export interface OriginOptions {
  readonly random: RandomSource
  /** The origin could not be reached: the visitor gets 502. */
  readonly onError: (error: Error) => void
}

/** @throws AivError `E_INPUT` for anything but an http or https URL without path, query or user */
export function openOriginSite(url: string, options: OriginOptions): DecoySite {
  const parsed = URL.parse(url)
  if (
    parsed === null ||
    !['http:', 'https:'].includes(parsed.protocol) ||
    `${parsed.origin}/` !== parsed.href
  )
    throw new AivError('E_INPUT', `the decoy ${url} is no URL of a site`, {
      hint: 'Write https://HOST or https://HOST:PORT, without a path.',
    })
  return new OriginSite(parsed, options)
}

type Reply =
  | { readonly response: IncomingMessage }
  | { readonly response: IncomingMessage; readonly stream: Duplex; readonly head: Uint8Array }

class OriginSite implements DecoySite {
  readonly #url: URL
  readonly #options: OriginOptions
  readonly #agent: HttpAgent

  constructor(url: URL, options: OriginOptions) {
    this.#url = url
    this.#options = options
    const settings = { keepAlive: true, maxSockets: ORIGIN_CONNECTIONS, timeout: ORIGIN_TIMEOUT_MS }
    this.#agent = url.protocol === 'https:' ? new HttpsAgent(settings) : new HttpAgent(settings)
  }

  async answer(request: SiteRequest): Promise<SiteAnswer> {
    const reply = await this.#ask(request, towardsOrigin(request.fields, this.#url.host), false)
    if (reply === undefined) return plainAnswer(502)
    if (!('stream' in reply)) return this.#answerOf(reply.response)
    reply.stream.destroy()
    return plainAnswer(502)
  }

  async upgrade(request: SiteRequest): Promise<SiteAnswer | SiteTunnel> {
    const fields: HeaderFields = [
      ...towardsOrigin(request.fields, this.#url.host),
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
    ]
    const reply = await this.#ask(request, fields, true)
    if (reply === undefined) return plainAnswer(502)
    if (!('stream' in reply)) return this.#answerOf(reply.response)
    return { fields: fieldsOf(reply.response.rawHeaders), stream: reply.stream, head: reply.head }
  }

  async connect(request: SiteRequest): Promise<SiteAnswer | SiteTunnel> {
    const key = Buffer.from(this.#options.random.bytes(WEBSOCKET_KEY_BYTES)).toString('base64')
    const fields: HeaderFields = [...request.fields, ['Sec-WebSocket-Key', key]]
    const outcome = await this.upgrade({ ...request, method: 'GET', fields })
    if ('stream' in outcome) {
      const kept = endToEnd(outcome.fields).filter(
        ([name]) => !HTTP1_WEBSOCKET_FIELDS.includes(name.toLowerCase()),
      )
      return { ...outcome, fields: kept }
    }
    // To a CONNECT any 2xx says that the tunnel stands.
    if (outcome.status >= 300) return outcome
    if (!(outcome.body instanceof Uint8Array)) outcome.body.destroy()
    return plainAnswer(502)
  }

  close(): void {
    this.#agent.destroy()
  }

  #answerOf(response: IncomingMessage): SiteAnswer {
    const { statusCode = 502, statusMessage = '', rawHeaders } = response
    const fields = towardsVisitor(fieldsOf(rawHeaders), this.#url.origin)
    return { status: statusCode, reason: statusMessage, fields, body: response }
  }

  /** Undefined when there is no answer. */
  async #ask(request: SiteRequest, fields: HeaderFields, isUpgrade: boolean): Promise<Reply | undefined> {
    const hasBody = hasBodyFields(request)
    const framed = hasBody === 'chunked' ? [...fields, ['Transfer-Encoding', 'chunked'] as const] : fields
    for (let attempt = 0; ; attempt++) {
      const outgoing = this.#open(request, framed, isUpgrade)
      if (hasBody === 'none') outgoing.end()
      else request.body.pipe(outgoing)
      try {
        return await replyTo(outgoing)
      } catch (error) {
        if (request.signal.aborted) return undefined
        // The origin closed a kept connection while we took it: RFC 9112 section 9.3.1 has this tried again.
        if (attempt === 0 && outgoing.reusedSocket && hasBody === 'none') continue
        this.#options.onError(error as Error)
        return undefined
      }
    }
  }

  #open({ method, target, signal }: SiteRequest, fields: HeaderFields, isUpgrade: boolean): ClientRequest {
    const { protocol, hostname, port } = this.#url
    const send = protocol === 'https:' ? httpsRequest : httpRequest
    return send({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      ...(port === '' ? {} : { port: Number(port) }),
      method,
      // The host of a target in absolute form would count before our `Host`, and open other sites behind the origin.
      path: originForm(target),
      headers: fields.flat(),
      agent: isUpgrade ? false : this.#agent,
      timeout: ORIGIN_TIMEOUT_MS,
      signal,
    })
  }
}

function hasBodyFields({ method, fields }: SiteRequest): 'none' | 'sized' | 'chunked' {
  const length = valuesOf(fields, 'content-length')[0]
  if (length !== undefined) return Number(length) === 0 ? 'none' : 'sized'
  if (valuesOf(fields, 'transfer-encoding').length > 0) return 'chunked'
  // HTTP/2 ends a body without either.
  return ['POST', 'PUT', 'PATCH'].includes(method) ? 'chunked' : 'none'
}

function replyTo(request: ClientRequest): Promise<Reply> {
  return new Promise((resolve, reject) => {
    request.on('response', (response) => resolve({ response }))
    request.on('upgrade', (response, stream, head) =>
      resolve({ response, stream, head: new Uint8Array(head) }),
    )
    request.on('timeout', () => request.destroy(new AivError('E_TIMEOUT', 'the decoy site does not answer')))
    // Also after the answer, when the visitor has gone.
    request.on('error', reject)
  })
}
