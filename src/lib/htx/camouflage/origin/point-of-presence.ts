/**
 * Where a content network answered from. Two places of one network may be configured differently, so that only what came
 * from the same place can be compared.
 */
import { addressPrefix } from '../../../link/index.ts'

export interface PointOfPresence {
  /** /24 or /56 of the address. */
  readonly prefix: string
  /** What the network says of its place and its route, by header; undefined before a page has been seen. */
  readonly route: Readonly<Record<string, string>> | undefined
}

type Headers = Readonly<Record<string, string>>

/** The part of each header that names the place, and stays the same from one answer to the next. */
const ROUTE: Readonly<Record<string, (value: string) => string>> = {
  // <id of the request>-<place>
  'cf-ray': (value) => value.slice(value.lastIndexOf('-') + 1),
  // <place>-<cluster>
  'x-amz-cf-pop': (value) => value.replace(/-.*$/, ''),
  // cache-<place><machine>-<PLACE>, the nearest last
  'x-served-by': (value) => value.slice(value.lastIndexOf('-') + 1),
  via: viaText,
  server: (value) => value,
}
/** Characters of a header that are looked at. */
const VALUE_MOST = 1_000
/** Headers that name the place; the others say only how the answer came. */
const PLACES = ['cf-ray', 'x-amz-cf-pop', 'x-served-by']

/** `<protocol> <machine> (<software>), …` (RFC 9110 section 7.6.3) without the names of machines, which differ by request. */
function viaText(value: string): string {
  const hops = value.split(',').map((hop) => {
    const [protocol = '', by = ''] = hop.trim().split(/\s+/)
    return `${protocol} ${by.split('.').slice(-2).join('.')}`
  })
  return hops.join(', ')
}

/** @param remoteAddress IP address, with or without a port */
export function pointOfPresence(remoteAddress: string, headers: Headers | undefined): PointOfPresence {
  const prefix = addressPrefix(remoteAddress)
  if (headers === undefined) return { prefix, route: undefined }
  const named = Object.entries(ROUTE).flatMap(([name, placeOf]) => {
    const value = headers[name]
    return value === undefined ? [] : [[name, placeOf(value.slice(0, VALUE_MOST).trim())] as const]
  })
  return { prefix, route: Object.fromEntries(named) }
}

/** By what the network says where both sides have heard it, else by the addresses. */
export function isSamePlace(a: PointOfPresence, b: PointOfPresence): boolean {
  const places = PLACES.filter((name) => a.route?.[name] !== undefined && b.route?.[name] !== undefined)
  if (places.length > 0) return places.every((name) => a.route?.[name] === b.route?.[name])
  return a.prefix === b.prefix
}

/** Text for a message. */
export function placeText({ prefix, route }: PointOfPresence): string {
  const place = PLACES.map((name) => route?.[name]).find((text) => text !== undefined)
  return place === undefined ? prefix : `${place} (${prefix})`
}
