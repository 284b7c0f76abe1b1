/** A WebSocket on a connection that stands, with a ticket in its carrier (HTX section 10.2). */
import { AivError, utf8 } from '../../../core/index.ts'
import { hostPort } from '../../../link/index.ts'
import { MessageLink } from '../websocket/message-link.ts'
import { type CarriedTicket, formCookie } from './carrier.ts'
import type { BrowserConnection } from './connect-browser.ts'
import { type CamouflagedDialOptions, exporterOf } from './dial-options.ts'
import { ByteQueue } from './http1/byte-queue.ts'
import { readHead, skipBody } from './http1/read-response.ts'
import { requestBytes } from './http1/request-bytes.ts'
import { ordinaryAnswer, requirePlain, requireUpgrade, WEBSOCKET_KEY_BYTES } from './http1/upgrade.ts'
import type { ChromeSession } from './http2/chrome-session.ts'
import { skipStream } from './page-visit.ts'
import type { BrowserIdentity } from './request/browser-identity.ts'
import { formRequest, type RequestTarget, webSocketRequest } from './request/requests.ts'
import { authorityOf } from './request/target.ts'

/** Of the answer to a form. Bytes. */
const FORM_ANSWER_MOST = 1024 * 1024

/** @throws AivError `E_HANDSHAKE`, `E_TOO_LARGE` */
export async function openOverHttp1(
  options: CamouflagedDialOptions,
  identity: BrowserIdentity,
  connection: BrowserConnection,
  { path, cookie, form }: CarriedTicket,
): Promise<MessageLink> {
  const { stream } = connection
  const target = targetOf(options, identity)
  const queue = new ByteQueue(stream)
  let given = cookie
  if (form !== undefined) {
    stream.write(requestBytes(formRequest({ ...target, path: form.path }, utf8(form.body))))
    const head = await readHead(queue)
    if (!(await skipBody(queue, head, FORM_ANSWER_MOST)))
      throw new AivError('E_HANDSHAKE', 'the site closes the connection after a form')
    given = requireFormCookie(head.fields.get('set-cookie') ?? [], head.status)
  }
  const key = Buffer.from(options.random.bytes(WEBSOCKET_KEY_BYTES)).toString('base64')
  stream.write(requestBytes(webSocketRequest({ ...target, path }, given), key))
  requireUpgrade(await readHead(queue), key)
  return linkOver(options, connection, { stream, head: queue.release() })
}

/** @throws AivError `E_HANDSHAKE`, `E_TOO_LARGE` */
export async function openOverHttp2(
  options: CamouflagedDialOptions,
  identity: BrowserIdentity,
  connection: BrowserConnection,
  session: ChromeSession,
  { path, cookie, form }: CarriedTicket,
): Promise<MessageLink> {
  const target = targetOf(options, identity)
  let given = cookie
  if (form !== undefined) {
    const answer = await session.request(formRequest({ ...target, path: form.path }, utf8(form.body)))
    await skipStream(answer)
    given = requireFormCookie(answer.headers['set-cookie'] ?? [], answer.status)
  }
  const { stream, status, headers } = await session.request(webSocketRequest({ ...target, path }, given))
  if (status !== 200 || stream.readableEnded) throw ordinaryAnswer(status)
  requirePlain(new Map(Object.entries(headers)))
  return linkOver(options, connection, {
    stream,
    head: new Uint8Array(0),
    onRelease: () => session.close(),
  })
}

function linkOver(
  { host, port, random, clock }: CamouflagedDialOptions,
  connection: BrowserConnection,
  carrying: Pick<ConstructorParameters<typeof MessageLink>[0], 'stream' | 'head' | 'onRelease'>,
): MessageLink {
  return new MessageLink({
    ...carrying,
    role: 'client',
    localAddress: connection.localAddress,
    remoteAddress: hostPort(host, port),
    random,
    clock,
    exportKeyingMaterial: exporterOf(connection),
  })
}

function targetOf(
  { host, port, serverName = host }: CamouflagedDialOptions,
  identity: BrowserIdentity,
): Omit<RequestTarget, 'path'> {
  return { identity, authority: authorityOf(serverName, port) }
}

function requireFormCookie(setCookies: readonly string[], status: number): string {
  const cookie = formCookie(setCookies)
  if (cookie === undefined) throw ordinaryAnswer(status)
  return cookie
}
