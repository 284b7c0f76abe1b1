/** A grant (section 9.1): what an operator hands to those who may come in. JSON, byte fields in base64url. */
import { AivError, fromUtf8 } from '../../core/index.ts'
import { X25519_BYTES } from '../../crypto/index.ts'
import { TICKET_KEY_ID_BYTES } from './constants.ts'
import { decodeBase64Url, encodeBase64Url } from './payload.ts'
import { parsePolicy, type TicketPolicy } from './policy.ts'

/** How tickets travel over htx+https. */
export interface TicketSite {
  /** Host name of the site, empty where there is none. */
  readonly site: string
  /** Absolute path. */
  readonly path: string
  readonly cookieName: string
}

export const DEFAULT_SITE: TicketSite = { site: '', path: '/', cookieName: '__Host-bn1' }

export interface TicketGrant extends TicketSite {
  readonly ticketPub: Uint8Array
  readonly ticketKeyId: Uint8Array
  readonly policyText: string
  readonly policy: TicketPolicy
  /** Unix seconds. */
  readonly notAfter: number
}

const GRANT_VERSION = 1
const FIELDS = ['v', 'ticketPub', 'ticketKeyID', 'policy', 'site', 'path', 'cookieName', 'notAfter'] as const
const SITE_MOST = 300
/** RFC 6265: a cookie's name is a token of RFC 9110. */
const COOKIE_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/
const PATH = /^\/[!-~]{0,255}$/
const SITE = /^[!-~]*$/

/** Largest grant file, bytes. */
export const GRANT_BYTES_MOST = 4096

/** The fields in the order of the specification. */
export function grantDocument(grant: TicketGrant): Readonly<Record<string, string | number>> {
  const { ticketPub, ticketKeyId, policyText, site, path, cookieName, notAfter } = grant
  return {
    v: GRANT_VERSION,
    ticketPub: encodeBase64Url(ticketPub),
    ticketKeyID: encodeBase64Url(ticketKeyId),
    policy: policyText,
    site,
    path,
    cookieName,
    notAfter,
  }
}

/**
 * Parses a grant file.
 * @throws AivError `E_MALFORMED` on anything but exactly these fields with usable values
 */
export function parseGrant(bytes: Uint8Array): TicketGrant {
  const fields = readFields(bytes)
  if (fields.v !== GRANT_VERSION) throw unusable('its version is unknown')
  const policyText = textOf(fields, 'policy')
  const notAfter = fields.notAfter
  if (typeof notAfter !== 'number' || !Number.isSafeInteger(notAfter) || notAfter < 0)
    throw unusable('notAfter is not a time')
  return {
    ticketPub: bytesOf(fields, 'ticketPub', X25519_BYTES),
    ticketKeyId: bytesOf(fields, 'ticketKeyID', TICKET_KEY_ID_BYTES),
    policyText,
    policy: parsePolicy(policyText),
    ...checkSite({
      site: textOf(fields, 'site'),
      path: textOf(fields, 'path'),
      cookieName: textOf(fields, 'cookieName'),
    }),
    notAfter,
  }
}

/** @throws AivError `E_MALFORMED` for what could not stand in a request */
export function checkSite(given: TicketSite): TicketSite {
  if (given.site.length > SITE_MOST || !SITE.test(given.site)) throw unusable('its site is not a host name')
  if (!PATH.test(given.path)) throw unusable('its path is not an absolute path')
  if (!COOKIE_NAME.test(given.cookieName)) throw unusable('its cookie name is not a token')
  return given
}

type Fields = Readonly<Record<string, unknown>>

function readFields(bytes: Uint8Array): Fields {
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(bytes))
  } catch {
    // Without the cause: the parser's message quotes the input, and a grant lets in whoever has it.
    throw unusable('it is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unusable('it is not an object')
  const names: readonly string[] = FIELDS
  const unknown = Object.keys(value).find((name) => !names.includes(name))
  if (unknown !== undefined) throw unusable('it has fields that this program does not know')
  return value as Fields
}

function textOf(fields: Fields, name: (typeof FIELDS)[number]): string {
  const value = fields[name]
  if (typeof value !== 'string') throw unusable(`${name} is missing or not a text`)
  return value
}

function bytesOf(fields: Fields, name: (typeof FIELDS)[number], length: number): Uint8Array {
  const value = decodeBase64Url(textOf(fields, name))
  if (value.length !== length) throw unusable(`${name} is not ${length} bytes`)
  return value
}

function unusable(why: string): AivError {
  return new AivError('E_MALFORMED', `the grant is unusable: ${why}`)
}
