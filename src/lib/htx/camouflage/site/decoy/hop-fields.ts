/** Header fields on their way through a proxy (RFC 9110 section 7.6.1). */
import { type HeaderFields, valuesOf } from '../site-request.ts'

const HOP_BY_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/**
 * Without the fields that belong to one connection, those that `Connection` names included. `Content-Length` stays
 * whatever it names: a body without it would be the visitor's own next request on a connection that others share.
 */
export function endToEnd(fields: HeaderFields): HeaderFields {
  const named = valuesOf(fields, 'connection').flatMap((value) =>
    value.split(',').map((option) => option.trim().toLowerCase()),
  )
  const dropped = new Set([...HOP_BY_HOP, ...named])
  dropped.delete('content-length')
  return fields.filter(([name]) => !dropped.has(name.toLowerCase()))
}

/**
 * What the origin gets: its own host name first, and each cookie field joined to one, which HTTP/2 may split
 * (RFC 9113 section 8.2.3). Node has answered an `Expect` itself.
 */
export function towardsOrigin(fields: HeaderFields, host: string): HeaderFields {
  const rest = endToEnd(fields).filter(([name]) => !['host', 'expect'].includes(name.toLowerCase()))
  const cookies = valuesOf(rest, 'cookie')
  let isCookieDone = false
  const joined = rest.filter(([name]) => {
    if (name.toLowerCase() !== 'cookie') return true
    const isFirst = !isCookieDone
    isCookieDone = true
    return isFirst
  })
  return [
    ['Host', host],
    ...joined.map(([name, value]): readonly [string, string] => [
      name,
      name.toLowerCase() === 'cookie' ? cookies.join('; ') : value,
    ]),
  ]
}

/** What the visitor gets: a redirect to the origin leads to the same place of this site. */
export function towardsVisitor(fields: HeaderFields, origin: string): HeaderFields {
  return endToEnd(fields).map(([name, value]) =>
    name.toLowerCase() === 'location' && (value === origin || value.startsWith(`${origin}/`))
      ? [name, value.slice(origin.length) || '/']
      : [name, value],
  )
}
