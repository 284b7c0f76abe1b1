/**
 * The camouflaged ways of one command. It lives as long as the command does: what an origin looks like is not looked up
 * for every connection, and how often an attempt was repeated is remembered across them (sections 10.1 and 11).
 */
import { isIP } from 'node:net'
import { AivError, isAivError, type RandomSource, type TimerClock } from '../../../core/index.ts'
import { erase, systemRandom } from '../../../crypto/index.ts'
import { type Link, socketError } from '../../../link/index.ts'
import { parseRoots, systemRoots, type TrustRoots } from '../../../tls/index.ts'
import { formatAddress, type HtxAddress } from '../../address.ts'
import { Calibrator, coverPages, dialCamouflaged, Fallback, pageLoads } from '../../camouflage/index.ts'
import { isWayFailure } from '../../reconnect/way-failure.ts'
import { systemResolve } from '../../service/forward/names/system-resolve.ts'
import { buildTicket, type TicketGrant } from '../../ticket/index.ts'
import { accessTicketBinding, outerBinding } from '../binding.ts'
import type { CamouflageOptions, ConnectOptions } from './connect-options.ts'
import { requireGrant } from './require-grant.ts'

/** Version 1 needs no key of the listener. */
const UNKNOWN_KEY = new Uint8Array(32)

type DialOptions = ConnectOptions & { readonly clock: TimerClock }

/** What is remembered of one address. */
interface Way {
  readonly calibrator: Calibrator | undefined
  readonly fallback: Fallback
}

const diallers = new WeakMap<CamouflageOptions, CamouflagedDialler>()

/** The one that belongs to these options; without any, one that nothing is remembered in. */
export function diallerOf(options: CamouflageOptions = {}): CamouflagedDialler {
  const known = diallers.get(options) ?? new CamouflagedDialler()
  diallers.set(options, known)
  return known
}

class CamouflagedDialler {
  readonly #ways = new Map<string, Way>()
  /** The user has been told once that there is no list of covers. */
  #wasTold = false

  /**
   * @param x key of the listener, where it is known
   * @throws AivError of `dialCamouflaged`; `E_CALIBRATION`; of `Fallback.run`
   */
  async dial(address: HtxAddress, x: Uint8Array | undefined, options: DialOptions): Promise<Link> {
    const grant = requireGrant(options, x)
    const { calibrator, fallback } = this.#wayTo(address, grant, options)
    try {
      return await fallback.run({
        attempt: ({ signal }) => attempt({ address, x, grant, options: { ...options, signal }, calibrator }),
        discard: (link) => link.abort(),
        isWayFailure,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      })
    } catch (error) {
      if (!isAivError(error, 'E_USAGE') || !isAivError(error.cause)) throw error
      // Why the peer was not reached comes first; only a caller who tries again is told that this is no use.
      const { code, message } = this.#wasTold ? error : error.cause
      this.#wasTold = true
      throw new AivError(code, message, {
        cause: error.cause,
        hint: 'Another attempt at once would stand out. Pass --cover with a list of ordinary sites to visit meanwhile, or --no-cover.',
      })
    }
  }

  #wayTo(address: HtxAddress, grant: TicketGrant, options: DialOptions): Way {
    const key = formatAddress(address)
    const known = this.#ways.get(key)
    if (known !== undefined) return known
    const { clock, random = systemRandom, camouflage = {} } = options
    const browser = browserOf(options)
    const { origin, tolerancePercent, cover } = camouflage
    const way = {
      calibrator:
        origin === undefined
          ? undefined
          : new Calibrator({
              clock,
              random,
              fetchPage: pageLoads({ ...browser, host: address.host, port: address.port }),
              ...(tolerancePercent === undefined ? {} : { tolerancePercent }),
            }),
      fallback: new Fallback({
        clock,
        random,
        cover: coverPolicy(cover, options),
        hosts: [address.host, grant.site, ...(origin === undefined ? [] : [new URL(origin).hostname])].filter(
          (host) => host !== '',
        ),
      }),
    }
    this.#ways.set(key, way)
    return way
  }
}

interface AttemptParts {
  readonly address: HtxAddress
  readonly x: Uint8Array | undefined
  readonly grant: TicketGrant
  readonly options: DialOptions
  readonly calibrator: Calibrator | undefined
}

async function attempt({ address, x, grant, options, calibrator }: AttemptParts): Promise<Link> {
  const { clock, camouflage = {}, signal } = options
  const random: RandomSource = options.random ?? systemRandom
  let isReached = false
  try {
    // Before, so that the connection itself does not wait for a page load in the midst of its handshakes.
    await calibrator?.calibrate({
      origin: camouflage.origin as string,
      ...(isIP(address.host) === 0 ? {} : { address: address.host }),
      signal,
    })
    return await dialCamouflaged({
      ...browserOf(options),
      host: address.host,
      port: address.port,
      path: address.path as string,
      // Browsers name no site when they visit a number.
      ...(isIP(address.host) !== 0 && grant.site !== '' ? { serverName: grant.site } : {}),
      mode: camouflage.mode ?? 'ws',
      ...(camouflage.ech === undefined ? {} : { ech: camouflage.ech }),
      random,
      grant,
      ...(calibrator === undefined
        ? {}
        : { inspect: calibrator.inspector({ origin: camouflage.origin as string, signal }) }),
      ticket(exportKeyingMaterial) {
        isReached = true
        const ekm = outerBinding(address, { exportKeyingMaterial })
        const binding = accessTicketBinding(x ?? UNKNOWN_KEY, ekm)
        erase(ekm)
        return buildTicket(grant, { clock, random, binding })
      },
    })
  } catch (error) {
    const failure = socketError(`cannot reach ${address.host}`, error)
    // Before the outer TLS stands, whoever ends it may be somebody in between.
    if (isReached || !isAivError(failure, 'E_HANDSHAKE')) throw failure
    throw new AivError('E_LINK_LOST', failure.message, { cause: failure })
  }
}

/** How the browser connects, whatever it visits. */
function browserOf({ clock, camouflage = {}, signal, dial = {} }: DialOptions) {
  const { major, acceptLanguage } = camouflage
  const { proxy, timeoutMs, pins } = dial
  return {
    clock,
    roots: rootsOf(dial.ca),
    ...(major === undefined ? {} : { major }),
    ...(acceptLanguage === undefined ? {} : { acceptLanguage }),
    ...(pins === undefined ? {} : { pins }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(signal === undefined ? {} : { signal }),
  }
}

function coverPolicy(
  cover: CamouflageOptions['cover'],
  options: DialOptions,
): ConstructorParameters<typeof Fallback>[0]['cover'] {
  if (cover === undefined || cover === 'none') return cover
  // Other sites have other certificates than the one that is pinned.
  const {
    pins: _pins,
    signal: _signal,
    ...browser
  } = { pins: undefined, signal: undefined, ...browserOf(options) }
  return {
    origins: cover,
    open: coverPages({ ...browser, roots: systemRoots() }),
    ...(options.dial?.proxy === undefined ? { resolve: systemResolve } : {}),
  }
}

/** As for wss: what is given stands instead of the roots of the system. */
function rootsOf(ca: string | readonly string[] | undefined): TrustRoots {
  if (ca === undefined) return systemRoots()
  return parseRoots(typeof ca === 'string' ? ca : ca.join('\n'))
}
