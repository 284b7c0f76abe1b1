/** A page as Chrome loads it, on a connection that stays open for what comes next. */
import { AivError } from '../../../core/index.ts'
import {
  type BrowserConnection,
  type BrowserConnectOptions,
  connectBrowser,
  PAGE_PROTOCOLS,
} from './connect-browser.ts'
import { guarded } from './guarded.ts'
import { ByteQueue } from './http1/byte-queue.ts'
import { readHead, skipBody } from './http1/read-response.ts'
import { requestBytes } from './http1/request-bytes.ts'
import { ChromeSession, type Http2Answer } from './http2/chrome-session.ts'
import { observationOf, type ServerObservation, withPage } from './observation.ts'
import type { BrowserIdentity } from './request/browser-identity.ts'
import { pageRequest } from './request/requests.ts'
import { authorityOf } from './request/target.ts'

/** More of a page is not read. Bytes. */
const PAGE_MOST = 16 * 1024 * 1024

export interface PageVisit {
  readonly connection: BrowserConnection
  /** Where the server speaks HTTP/2. */
  readonly session?: ChromeSession
  readonly observation: ServerObservation
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  close(): void
}

/**
 * Loads the page and drops its content.
 * @param path of the page
 * @param signal fires with the reason to stop with
 * @throws AivError of `connectTls`; `E_HANDSHAKE`, `E_TOO_LARGE`
 */
export async function visitPage(
  options: BrowserConnectOptions,
  identity: BrowserIdentity,
  path: string,
  signal: AbortSignal,
): Promise<PageVisit> {
  const authority = authorityOf(options.serverName ?? options.host, options.port)
  const connection = await connectBrowser({ ...options, signal }, identity.major, PAGE_PROTOCOLS)
  return await guarded(connection, signal, async () => {
    const { stream, negotiated } = connection
    const request = pageRequest({ identity, authority, path })
    const seen = observationOf(connection)
    if (negotiated.alpn !== 'h2') {
      const { status, headers } = await overHttp1(connection, requestBytes(request))
      const observation = withPage(seen, headers)
      return { connection, observation, status, headers, close: () => void stream.destroy() }
    }
    const session = new ChromeSession(stream, authority)
    const answer = await session.request(request)
    await skipStream(answer)
    const headers = joinedHeaders(Object.entries(answer.headers))
    const observation = withPage(seen, headers, session.opening)
    const { status } = answer
    return { connection, session, observation, status, headers, close: () => session.close() }
  })
}

async function overHttp1(
  { stream }: BrowserConnection,
  request: Uint8Array,
): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string>> }> {
  const queue = new ByteQueue(stream)
  stream.write(request)
  const head = await readHead(queue)
  await skipBody(queue, head, PAGE_MOST)
  queue.release()
  // Nobody waits for it any more, and a server may close or break it whenever it likes.
  stream.on('error', () => {})
  stream.once('end', () => stream.destroy())
  stream.resume()
  return { status: head.status, headers: joinedHeaders([...head.fields]) }
}

/** Reads the answer to its end. */
export async function skipStream({ stream, ended }: Http2Answer): Promise<void> {
  const overflow = Promise.withResolvers<never>()
  let bytes = 0
  stream.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length
    if (bytes > PAGE_MOST)
      overflow.reject(new AivError('E_TOO_LARGE', `the site answered with more than ${PAGE_MOST} bytes`))
  })
  stream.resume()
  await Promise.race([overflow.promise, ended])
}

function joinedHeaders(
  fields: readonly (readonly [name: string, value: string | number | readonly string[] | undefined])[],
): Readonly<Record<string, string>> {
  const named = fields.filter(([name, value]) => !name.startsWith(':') && value !== undefined)
  return Object.fromEntries(
    named.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
  )
}
