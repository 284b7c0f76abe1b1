/** What a page load to an origin shows of it, and how a connection differs from that (section 10.1). */
import { AivError } from '../../../core/index.ts'
import { isSamePlace, type PointOfPresence, placeText, pointOfPresence } from './point-of-presence.ts'

/** What one connection has shown of its server so far. */
export interface ObservedServer {
  /** IP address. */
  readonly remoteAddress: string
  readonly cipherSuite: string
  /** Of the key agreement, as TLS numbers them. */
  readonly group: number
  /** Empty when none was chosen. */
  readonly alpn: string
  /** The server asked for another ClientHello. */
  readonly wasRetried: boolean
  /** HTTP/2 SETTINGS in the order received. */
  readonly settings?: readonly (readonly [id: number, value: number])[]
  /** HTTP/2: by how much the server opened the window of the connection. */
  readonly windowUpdate?: number
  readonly altSvc?: string
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface OriginProfile extends Omit<ObservedServer, 'altSvc' | 'headers' | 'remoteAddress'> {
  readonly place: PointOfPresence
  /** Versions of HTTP/3 that the origin offers, sorted. */
  readonly http3: string
  /** `server` and `via` without their names of machines. */
  readonly route: string
}

/** `ws`: a WebSocket's own connection, which shows TLS alone. `page`: HTTP/2, as far as it has come. */
export type RequestType = 'ws' | 'page'

export interface Deviation {
  readonly field: string
  readonly expected: string
  readonly seen: string
}

/** SETTINGS that are switches (RFC 9113 section 6.5.2, RFC 8441, RFC 9218): no tolerance makes an off an on. */
const SWITCHES = [0x02, 0x08, 0x09]

export function profileOf(seen: ObservedServer): OriginProfile {
  const { cipherSuite, group, alpn, wasRetried, settings, windowUpdate } = seen
  const place = pointOfPresence(seen.remoteAddress, seen.headers ?? {})
  return {
    cipherSuite,
    group,
    alpn,
    wasRetried,
    ...(settings === undefined ? {} : { settings }),
    ...(windowUpdate === undefined ? {} : { windowUpdate }),
    place,
    http3: http3Versions(seen),
    route: routeText(place),
  }
}

/**
 * Compares a connection with the profile of the origin that it pretends to go to.
 * @param tolerancePercent how far values of SETTINGS may be off, 0..100
 * @returns every field that deviates, none when it could be a connection to that origin
 * @throws AivError `E_USAGE` for a tolerance that is none
 */
export function compareObservations(
  profile: OriginProfile,
  seen: ObservedServer,
  { tolerancePercent, requestType }: { readonly tolerancePercent: number; readonly requestType: RequestType },
): readonly Deviation[] {
  requireTolerance(tolerancePercent)
  const deviations: Deviation[] = []
  const exact = (field: string, expected: unknown, actual: unknown): void => {
    if (expected !== actual) deviations.push({ field, expected: shown(expected), seen: shown(actual) })
  }
  const place = pointOfPresence(seen.remoteAddress, seen.headers)
  if (!isSamePlace(profile.place, place)) {
    deviations.push({ field: 'place', expected: placeText(profile.place), seen: placeText(place) })
  }
  exact('cipherSuite', profile.cipherSuite, seen.cipherSuite)
  exact('group', profile.group, seen.group)
  exact('wasRetried', profile.wasRetried, seen.wasRetried)
  exact('alpn', expectedAlpn(profile, requestType), seen.alpn)
  if (requestType === 'ws') return deviations
  deviations.push(...compareSettings(profile.settings, seen.settings, tolerancePercent))
  exact('windowUpdate', profile.windowUpdate, seen.windowUpdate)
  if (seen.headers === undefined) return deviations
  exact('http3', profile.http3, http3Versions(seen))
  exact('route', profile.route, routeText(place))
  return deviations
}

/** @throws AivError `E_USAGE` */
export function requireTolerance(percent: number): void {
  if (!(percent >= 0 && percent <= 100))
    throw new AivError('E_USAGE', `a tolerance of ${percent} is not within 0 to 100 percent`)
}

/** A server that chooses among protocols chooses the only one that a WebSocket offers. */
function expectedAlpn({ alpn }: OriginProfile, requestType: RequestType): string {
  return requestType === 'ws' && alpn !== '' ? 'http/1.1' : alpn
}

type Settings = NonNullable<ObservedServer['settings']>

function compareSettings(
  expected: Settings = [],
  actual: Settings = [],
  tolerancePercent: number,
): readonly Deviation[] {
  const [wanted, given] = [expected, actual].map((list) => list.map(([id]) => id).join(' '))
  if (wanted !== given) return [{ field: 'settings', expected: shown(wanted), seen: shown(given) }]
  return expected.flatMap(([id, value], i) => {
    const seen = (actual[i] as Settings[number])[1]
    const most = SWITCHES.includes(id) ? 0 : (value * tolerancePercent) / 100
    return Math.abs(seen - value) <= most
      ? []
      : [{ field: `settings.${id}`, expected: shown(value), seen: shown(seen) }]
  })
}

/** Protocols in `alt-svc` (RFC 7838) that are HTTP/3. */
function http3Versions({ altSvc, headers }: ObservedServer): string {
  const text = altSvc ?? headers?.['alt-svc'] ?? ''
  const versions = [...text.slice(0, 4_096).matchAll(/(?:^|,)\s*(h3(?:-\w+)?)=/g)].map(
    ([, version]) => version,
  )
  return [...new Set(versions)].toSorted().join(' ')
}

function routeText({ route }: PointOfPresence): string {
  return `server: ${route?.server ?? ''}; via: ${route?.via ?? ''}`
}

/** A value in a message: bounded, and without anything that a terminal would act on. */
function shown(value: unknown): string {
  return value === undefined || value === ''
    ? 'none'
    : String(value)
        .slice(0, 80)
        .replace(/[^\x20-\x7e]/g, '?')
}
