/** Limits and fixed texts of the camouflaged site, with units. */

/** Largest form that is searched for a ticket; a longer body is passed on and has none. Bytes. */
export const FORM_BYTES_MOST = 8 * 1024

/** Name of a ticket in a query and in a form (HTX section 9.3). */
export const TICKET_FIELD = 'bn1'

/** The cookie that every form POST gets (HTX section 10.2), and how long one counts after a valid ticket. */
export const SESSION_COOKIE = '__Host-s'
export const SESSION_COOKIE_BYTES = 32
export const SESSION_COOKIE_ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax'
export const SESSION_LIFE_MS = 30_000

/** Connections that carry no link (yet), in all and of one /24 or /56. */
export const VISITOR_LIMITS = { total: 1024, perPrefix: 64 }

/** Milliseconds for a TLS handshake, for the head of a request, and for all of a request. */
export const HANDSHAKE_TIMEOUT_MS = 30_000
export const HEADERS_TIMEOUT_MS = 30_000
export const REQUEST_TIMEOUT_MS = 120_000

/** Milliseconds that an idle connection of a visitor stays, over HTTP/1.1 and over HTTP/2. */
export const KEEP_ALIVE_MS = 65_000

/**
 * What the site says in its SETTINGS, to everybody: values of a very large site, and ENABLE_CONNECT_PROTOCOL, without
 * which no browser would send an extended CONNECT (RFC 8441 section 3).
 */
export const HTTP2_SETTINGS = {
  maxConcurrentStreams: 100,
  initialWindowSize: 1024 * 1024,
  maxHeaderListSize: 64 * 1024,
  enableConnectProtocol: true,
}

/** Receive window of a whole HTTP/2 connection. Bytes. */
export const HTTP2_CONNECTION_WINDOW_BYTES = 1024 * 1024
