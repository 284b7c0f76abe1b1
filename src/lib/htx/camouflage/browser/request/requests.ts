/**
 * What Chrome asks for, field by field in its order. Measured with Chromium 156.0.8078.79 on Linux, with a window, over
 * HTTP/1.1 and HTTP/2; the page also with 150, and against published recordings of Chrome 124, 133, 136 and 150.
 */
import type { BrowserIdentity } from './browser-identity.ts'

export type HeaderField = readonly [name: string, value: string]

export interface BrowserRequest {
  readonly kind: 'page' | 'form' | 'websocket'
  /** Host, and port where it is not 443. */
  readonly authority: string
  /** With the query. */
  readonly path: string
  readonly body?: Uint8Array
  /** What stands between the fields of the connection and those of the body, in the order and letter case of HTTP/1.1. */
  readonly fields: readonly HeaderField[]
}

export interface RequestTarget {
  readonly identity: BrowserIdentity
  readonly authority: string
  readonly path: string
}

const ENCODINGS = 'gzip, deflate, br, zstd'

/** An address that was typed. */
export function pageRequest({ identity, authority, path }: RequestTarget): BrowserRequest {
  const fields: readonly HeaderField[] = [
    ...clientHints(identity),
    ['Upgrade-Insecure-Requests', '1'],
    ['User-Agent', identity.userAgent],
    ['Accept', identity.accept],
    ['Sec-Fetch-Site', 'none'],
    ['Sec-Fetch-Mode', 'navigate'],
    ['Sec-Fetch-User', '?1'],
    ['Sec-Fetch-Dest', 'document'],
    ['Accept-Encoding', ENCODINGS],
    ['Accept-Language', identity.acceptLanguage],
  ]
  return { kind: 'page', authority, path, fields }
}

/** A form that a page sent to its own address. */
export function formRequest({ identity, authority, path }: RequestTarget, body: Uint8Array): BrowserRequest {
  const origin = `https://${authority}`
  const fields: readonly HeaderField[] = [
    ['Content-Length', String(body.length)],
    ['Cache-Control', 'max-age=0'],
    ...clientHints(identity),
    ['Upgrade-Insecure-Requests', '1'],
    ['Content-Type', 'application/x-www-form-urlencoded'],
    ['User-Agent', identity.userAgent],
    ['Origin', origin],
    ['Accept', identity.accept],
    ['Sec-Fetch-Site', 'same-origin'],
    ['Sec-Fetch-Mode', 'navigate'],
    ['Sec-Fetch-Dest', 'document'],
    ['Referer', `${origin}${path}`],
    ['Accept-Encoding', ENCODINGS],
    ['Accept-Language', identity.acceptLanguage],
  ]
  return { kind: 'form', authority, path, fields, body }
}

/** @param cookie `NAME=VALUE`, when there is one */
export function webSocketRequest(
  { identity, authority, path }: RequestTarget,
  cookie?: string,
): BrowserRequest {
  const fields: readonly HeaderField[] = [
    ['Pragma', 'no-cache'],
    ['Cache-Control', 'no-cache'],
    ['User-Agent', identity.userAgent],
    ['Origin', `https://${authority}`],
    ['Sec-WebSocket-Version', '13'],
    ['Accept-Encoding', ENCODINGS],
    ['Accept-Language', identity.acceptLanguage],
    ...(cookie === undefined ? [] : ([['Cookie', cookie]] as const)),
    ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits'],
  ]
  return { kind: 'websocket', authority, path, fields }
}

function clientHints({ brands, platform }: BrowserIdentity): readonly HeaderField[] {
  return [
    ['sec-ch-ua', brands],
    ['sec-ch-ua-mobile', '?0'],
    ['sec-ch-ua-platform', `"${platform}"`],
  ]
}
