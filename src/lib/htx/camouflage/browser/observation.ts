/** What a browser sees of a server, for comparing it with what its origin shows. */
import type { TlsConnection } from '../../../tls/index.ts'
import type { ServerOpening, ServerSettings } from './http2/server-opening.ts'

export interface ServerObservation {
  /** IP address that was dialled; the proxy's where there is one. */
  readonly remoteAddress: string
  readonly cipherSuite: string
  /** Of the key agreement, as TLS numbers them. */
  readonly group: number
  readonly alpn: string
  readonly wasRetried: boolean
  readonly wasResumed: boolean
  /** Of HTTP/2, in the order received. */
  readonly settings?: ServerSettings
  /** Of HTTP/2: by how much the server opened the window of the connection. */
  readonly windowUpdate?: number
  readonly altSvc?: string
  /** Of the page, names in lower case; several of one name are joined. */
  readonly headers?: Readonly<Record<string, string>>
}

export function observationOf({ remoteIp, negotiated }: TlsConnection): ServerObservation {
  const { cipherSuite, group, alpn, wasRetried, wasResumed } = negotiated
  return { remoteAddress: remoteIp, cipherSuite, group, alpn, wasRetried, wasResumed }
}

/** @param headers of the page that was fetched */
export function withPage(
  seen: ServerObservation,
  headers: Readonly<Record<string, string>>,
  opening?: ServerOpening,
): ServerObservation {
  const { settings, windowUpdate, altSvc = headers['alt-svc'] } = opening ?? {}
  return {
    ...seen,
    ...(settings === undefined ? {} : { settings }),
    ...(windowUpdate === undefined ? {} : { windowUpdate }),
    ...(altSvc === undefined ? {} : { altSvc }),
    headers,
  }
}
