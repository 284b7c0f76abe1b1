/** The one carrier of a ticket in one attempt (HTX section 9.3). */
import type { RandomSource } from '../../../core/index.ts'
import { drawCarrier, encodeBase64Url, type TicketCarrier, type TicketGrant } from '../../ticket/index.ts'

/** Of the query and of the form. */
const TICKET_FIELD = 'bn1'
/** What every answer to a form sets (section 10.2). */
const FORM_COOKIE = '__Host-s'
const FORM_COOKIE_VALUE = /^[A-Za-z0-9_-]{43}$/

export interface CarriedTicket {
  readonly carrier: TicketCarrier
  /** Of the upgrade, with the query. */
  readonly path: string
  /** Of the upgrade, `NAME=VALUE`. */
  readonly cookie?: string
  /** What is to be sent first, and answered. */
  readonly form?: { readonly path: string; readonly body: string }
}

/** @param path of the upgrade */
export function carryTicket(
  grant: TicketGrant,
  payload: Uint8Array,
  path: string,
  random: RandomSource,
): CarriedTicket {
  const carrier = drawCarrier(grant.policy, random)
  const text = encodeBase64Url(payload)
  const field = `${TICKET_FIELD}=${text}`
  if (carrier === 'cookie') return { carrier, path, cookie: `${grant.cookieName}=${text}` }
  if (carrier === 'query') return { carrier, path: `${path}${path.includes('?') ? '&' : '?'}${field}` }
  return { carrier, path, form: { path: grant.path, body: field } }
}

/**
 * The cookie that the answer to a form sets.
 * @param setCookies values of Set-Cookie
 * @returns `NAME=VALUE`, or undefined where it is not of the form that such sites have
 */
export function formCookie(setCookies: readonly string[]): string | undefined {
  const values = setCookies.flatMap((each) => {
    const pair = each.split(';', 1)[0]?.trim() ?? ''
    return pair.startsWith(`${FORM_COOKIE}=`) ? [pair.slice(FORM_COOKIE.length + 1)] : []
  })
  const [value = ''] = values
  return values.length === 1 && FORM_COOKIE_VALUE.test(value) ? `${FORM_COOKIE}=${value}` : undefined
}
