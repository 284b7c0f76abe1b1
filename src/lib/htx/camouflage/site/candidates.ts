/**
 * Where a request may carry an access ticket (HTX section 9.3): a cookie, the query, or a form. Exactly one of them,
 * exactly once; everything else is a request without a ticket.
 */
import { latin1 } from '../../../core/index.ts'
import { base64UrlOrUndefined, type TicketCarrier } from '../../ticket/index.ts'
import { SESSION_COOKIE, TICKET_FIELD } from './constants.ts'
import { type HeaderFields, queryOf, valuesOf } from './site-request.ts'

/** Of the length of a ticket. */
const STAND_IN = 'bn1'.repeat(66)

export interface CarrierSources {
  readonly target: string
  readonly fields: HeaderFields
  /** A whole form, if the request brought one. */
  readonly form: Uint8Array | undefined
  /** Of the grant. */
  readonly cookieName: string
}

export interface Candidates {
  /** The only text that can be a ticket, decoded; undefined for none, several, or another spelling. */
  readonly ticket: { readonly carrier: TicketCarrier; readonly payload: Uint8Array } | undefined
  /** Texts in the places of tickets. */
  readonly count: number
  /** The session cookie, where it stands exactly once. */
  readonly session: string | undefined
}

export function findCandidates({ target, fields, form, cookieName }: CarrierSources): Candidates {
  const cookies = cookiesOf(fields)
  const found: { readonly carrier: TicketCarrier; readonly text: string }[] = []
  for (const text of valuesNamed(cookies, cookieName)) found.push({ carrier: 'cookie', text })
  for (const text of valuesNamed(pairsOf(queryOf(target), '&'), TICKET_FIELD))
    found.push({ carrier: 'query', text })
  if (form !== undefined)
    for (const text of valuesNamed(pairsOf(latin1(form), '&'), TICKET_FIELD))
      found.push({ carrier: 'body', text })
  const [first] = found
  const sessions = valuesNamed(cookies, SESSION_COOKIE)
  // Something is decoded whatever was found, and only once.
  const payload = base64UrlOrUndefined(first?.text ?? STAND_IN)
  const isOne = found.length === 1 && first !== undefined && payload !== undefined
  return {
    ticket: isOne ? { carrier: first.carrier, payload } : undefined,
    count: found.length,
    session: sessions.length === 1 ? sessions[0] : undefined,
  }
}

type Pair = readonly [name: string, value: string]

/** RFC 6265 section 4.2.1; HTTP/2 may send each pair as a field of its own (RFC 9113 section 8.2.3). */
function cookiesOf(fields: HeaderFields): readonly Pair[] {
  return valuesOf(fields, 'cookie').flatMap((value) => pairsOf(value, ';'))
}

function pairsOf(text: string, separator: string): readonly Pair[] {
  return text.split(separator).map((part) => {
    const pair = separator === ';' ? part.trim() : part
    const equals = pair.indexOf('=')
    return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
  })
}

function valuesNamed(pairs: readonly Pair[], name: string): readonly string[] {
  return pairs.filter(([each]) => each === name).map(([, value]) => value)
}
