/** A request and its answer, whatever HTTP carried them: what the decoys see, and all that they see. */
import type { Duplex, Readable } from 'node:stream'

/** Names as they were sent, in order; one name may stand several times. */
export type HeaderFields = readonly (readonly [name: string, value: string])[]

export interface SiteRequest {
  readonly method: string
  /** Path and query, as they were sent. */
  readonly target: string
  /** `host` included over HTTP/2 too; no pseudo-header. */
  readonly fields: HeaderFields
  readonly body: Readable
  /** Fires when the visitor has gone. */
  readonly signal: AbortSignal
}

export interface SiteAnswer {
  readonly status: number
  /** Reason phrase, where the origin gave one. */
  readonly reason?: string
  /** Without those that belong to one connection. */
  readonly fields: HeaderFields
  readonly body: Readable | Uint8Array
}

/** The origin has taken an upgrade: its answer, and the bytes of both directions. */
export interface SiteTunnel {
  readonly fields: HeaderFields
  readonly stream: Duplex
  /** Bytes of the origin that came with its answer. */
  readonly head: Uint8Array
}

/** What answers everybody who has no valid ticket. */
export interface DecoySite {
  answer(request: SiteRequest): Promise<SiteAnswer>
  /** A request of HTTP/1.1 that asks for a WebSocket. */
  upgrade(request: SiteRequest): Promise<SiteAnswer | SiteTunnel>
  /** An extended CONNECT of HTTP/2 that asks for one. */
  connect(request: SiteRequest): Promise<SiteAnswer | SiteTunnel>
  close(): void
}

/** Values of a header, in order. @param name lower-case */
export function valuesOf(fields: HeaderFields, name: string): readonly string[] {
  const values: string[] = []
  for (const [each, value] of fields) if (each.toLowerCase() === name) values.push(value)
  return values
}

/** The value of a header that stands exactly once. @param name lower-case */
export function onlyValueOf(fields: HeaderFields, name: string): string | undefined {
  const [value, ...others] = valuesOf(fields, name)
  return others.length === 0 ? value : undefined
}

/** Node's list of names and values in turn. */
export function fieldsOf(rawHeaders: readonly string[]): HeaderFields {
  const fields: [string, string][] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    fields.push([rawHeaders[i] as string, rawHeaders[i + 1] as string])
  return fields
}

/** With a scheme and a host in front, as requests to proxies have it (RFC 9112 section 3.2.2). */
const ABSOLUTE_FORM = /^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i

/** The target without the host that it may name. */
export function originForm(target: string): string {
  if (!ABSOLUTE_FORM.test(target)) return target
  const rest = target.replace(ABSOLUTE_FORM, '')
  return rest.startsWith('/') ? rest : `/${rest}`
}

export function pathOf(target: string): string {
  const end = target.indexOf('?')
  return end < 0 ? target : target.slice(0, end)
}

export function queryOf(target: string): string {
  const start = target.indexOf('?')
  return start < 0 ? '' : target.slice(start + 1)
}
