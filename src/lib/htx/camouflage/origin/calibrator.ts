/**
 * The calibration pre-flight (section 10.1): before a connection carries a ticket, what it has shown of its server is
 * compared with an ordinary page load to the same origin at the same place. Anything that deviates ends it: somebody in
 * between shows himself here, and so does a server that would stand out beside its origin.
 */
import { AivError, type RandomSource, type TimerClock, uniformReal } from '../../../core/index.ts'
import { addressPrefix } from '../../../link/index.ts'
import {
  CALIBRATIONS_MOST,
  PAGE_LIFE_MS,
  PROFILE_LIFE_MS,
  PROFILES_MOST,
  TOLERANCE_PERCENT,
} from './constants.ts'
import {
  compareObservations,
  type Deviation,
  type ObservedServer,
  type OriginProfile,
  profileOf,
  requireTolerance,
} from './origin-profile.ts'

export interface PageRequest {
  /** URL of the origin. */
  readonly origin: string
  /** IP address to go to, under the origin's name; the origin's own when undefined. */
  readonly address: string | undefined
  readonly signal: AbortSignal | undefined
}

/** What a page load brings; it leaves its connection open until `close`. */
export interface CalibrationPage {
  readonly observation: ObservedServer
  close(): void
}

export interface CalibratorOptions {
  readonly clock: TimerClock
  readonly random: RandomSource
  /** An ordinary page load of a browser. */
  readonly fetchPage: (request: PageRequest) => Promise<CalibrationPage>
  /** How far values of SETTINGS may be off, percent; default 15. */
  readonly tolerancePercent?: number
}

export interface CalibrationTarget {
  /** URL of the front origin. */
  readonly origin: string
  /** IP address of the connection that is to be compared; the origin's own when absent. */
  readonly address?: string | undefined
  readonly signal?: AbortSignal | undefined
}

interface Kept {
  readonly profile: OriginProfile
  readonly until: number
}

export class Calibrator {
  readonly #options: CalibratorOptions
  readonly #tolerancePercent: number
  /** By origin and prefix of the address; least recently used first. */
  readonly #profiles = new Map<string, Kept>()
  /** Connections of page loads, and how their end is called off. */
  readonly #pages = new Map<CalibrationPage, () => void>()
  #isClosed = false

  /** @throws AivError `E_USAGE` for a tolerance that is none */
  constructor(options: CalibratorOptions) {
    this.#options = options
    this.#tolerancePercent = options.tolerancePercent ?? TOLERANCE_PERCENT
    requireTolerance(this.#tolerancePercent)
  }

  /**
   * The profile of an origin, not older than 30 minutes.
   * @throws AivError `E_CALIBRATION` when the origin does not answer from the place that was asked for; what `fetchPage`
   *   throws
   */
  async calibrate(target: CalibrationTarget): Promise<OriginProfile> {
    return this.#known(target) ?? (await this.#load(target))
  }

  /**
   * What to call when a connection has shown its server, and before it says anything that no browser says. One without a
   * page is taken for that of a WebSocket, which shows TLS alone.
   * @returns a function that throws `E_CALIBRATION`, naming the fields, unless the server could be the origin
   */
  inspector(target: CalibrationTarget): (seen: ObservedServer) => Promise<void> {
    return async (seen) => {
      const near = { ...target, address: seen.remoteAddress }
      let profile = this.#known(near)
      // What is known may be out of date, and one address may lead to several places: a fresh page load decides.
      for (let loads = profile === undefined ? 0 : -1; ; loads++) {
        const current = profile ?? (await this.#load(near))
        const deviations = compareObservations(current, seen, {
          tolerancePercent: this.#tolerancePercent,
          requestType: seen.headers === undefined ? 'ws' : 'page',
        })
        if (deviations.length === 0) return
        const mayRepeat = loads < 0 || deviations.some(({ field }) => field === 'place')
        if (!mayRepeat || loads >= CALIBRATIONS_MOST - 1) throw deviating(target.origin, deviations)
        profile = undefined
      }
    }
  }

  /** Ends the connections of page loads. */
  close(): void {
    this.#isClosed = true
    for (const page of [...this.#pages.keys()]) this.#end(page)
  }

  #known({ origin, address }: CalibrationTarget): OriginProfile | undefined {
    if (address === undefined) return undefined
    const key = keyOf(origin, address)
    const kept = this.#profiles.get(key)
    if (kept === undefined) return undefined
    this.#profiles.delete(key)
    if (this.#options.clock.now() >= kept.until) return undefined
    this.#profiles.set(key, kept)
    return kept.profile
  }

  /** Loads pages until one comes from the prefix that was asked for. */
  async #load({ origin, address, signal }: CalibrationTarget): Promise<OriginProfile> {
    for (let loads = 0; loads < CALIBRATIONS_MOST; loads++) {
      const page = await this.#options.fetchPage({ origin, address, signal })
      this.#keepOpen(page)
      const profile = profileOf(page.observation)
      this.#keep(keyOf(origin, page.observation.remoteAddress), profile)
      if (address === undefined || profile.place.prefix === addressPrefix(address)) return profile
    }
    throw new AivError('E_CALIBRATION', `${origin} does not answer at the address of the connection`, {
      hint: 'Name as --origin the site that this address serves.',
    })
  }

  #keep(key: string, profile: OriginProfile): void {
    this.#profiles.delete(key)
    const oldest = this.#profiles.size >= PROFILES_MOST ? this.#profiles.keys().next() : undefined
    if (oldest?.done === false) this.#profiles.delete(oldest.value)
    this.#profiles.set(key, { profile, until: this.#options.clock.now() + PROFILE_LIFE_MS })
  }

  #keepOpen(page: CalibrationPage): void {
    const { clock, random } = this.#options
    if (this.#isClosed) {
      page.close()
      return
    }
    const lifeMs = uniformReal(random, PAGE_LIFE_MS.min, PAGE_LIFE_MS.max)
    this.#pages.set(
      page,
      clock.schedule(lifeMs, () => this.#end(page)),
    )
  }

  #end(page: CalibrationPage): void {
    this.#pages.get(page)?.()
    this.#pages.delete(page)
    page.close()
  }
}

/**
 * Every page load offers the same protocols, so that the one that was agreed on needs no place in the key: it is a part
 * of the profile.
 */
function keyOf(origin: string, address: string): string {
  const url = URL.parse(origin)
  if (url?.protocol !== 'https:') throw new AivError('E_USAGE', 'the front origin is not an https URL')
  return `${url.origin} ${addressPrefix(address)}`
}

function deviating(origin: string, deviations: readonly Deviation[]): AivError {
  const what = deviations
    .map(({ field, expected, seen }) => `${field} is ${seen}, not ${expected}`)
    .join('; ')
  return new AivError('E_CALIBRATION', `the server does not look like ${origin}: ${what}`, {
    hint: 'Somebody may be in between. Nothing that tells of HTX was sent. Check --origin, or try another network.',
  })
}
