import { describe, expect, it } from 'vitest'
import { AivError, isAivError, ManualClock, SeededRandom } from '../../../../src/lib/core/index.ts'
import {
  type Attempt,
  type CoverRequest,
  Fallback,
  type FallbackOptions,
} from '../../../../src/lib/htx/camouflage/fallback/index.ts'
import { isWayFailure } from '../../../../src/lib/htx/index.ts'

const ORIGINS = ['https://a.example/', 'https://b.example/', 'https://c.example/', 'https://d.example/']
const LOST = new AivError('E_UNREACHABLE', 'nobody answers')

/** Callbacks of promises run between two looks at the clock. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

type Ending = 'works' | 'fails' | 'hangs' | 'refused'

/** A world in which attempts end as a list says, and everything that happens is written down with its time. */
class World {
  readonly clock = new ManualClock()
  readonly log: string[] = []
  readonly covers = new Set<string>()
  readonly discarded: string[] = []
  readonly requests: CoverRequest[] = []
  readonly #endings: Ending[]
  readonly #addresses: Readonly<Record<string, string>>
  coverEnding: Ending = 'works'
  attempts = 0

  constructor(endings: readonly Ending[], addresses: Readonly<Record<string, string>> = {}) {
    this.#endings = [...endings]
    this.#addresses = addresses
  }

  note(what: string): void {
    this.log.push(`${what} ${Math.round(this.clock.now())}`)
  }

  readonly attempt = async ({ signal, isFresh }: Attempt): Promise<string> => {
    const name = `session ${++this.attempts}`
    this.note(isFresh ? 'retry' : 'attempt')
    const ending = this.#endings.shift() ?? 'hangs'
    if (ending === 'fails') throw LOST
    if (ending === 'refused') throw new AivError('E_PEER_MISMATCH', 'somebody else')
    if (ending === 'works') return name
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    this.note('stopped')
    // It succeeded in the very moment in which it was given up.
    return name
  }

  readonly open = async (request: CoverRequest) => {
    this.requests.push(request)
    const { origin, signal } = request
    this.note(`open ${origin}`)
    if (this.coverEnding === 'fails') throw new AivError('E_UNREACHABLE', 'blocked')
    if (this.coverEnding === 'hangs')
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(LOST), { once: true }))
    this.covers.add(origin)
    return {
      close: () => {
        this.covers.delete(origin)
        this.note(`close ${origin}`)
      },
    }
  }

  fallback(options: Partial<FallbackOptions> = {}): Fallback {
    const resolve = async (host: string) => [this.#addresses[host] ?? `192.0.2.${host.charCodeAt(0)}`]
    return new Fallback({
      clock: this.clock,
      random: new SeededRandom(11),
      cover: { origins: ORIGINS, open: this.open, resolve },
      hosts: ['hidden.example'],
      ...options,
    })
  }

  start(fallback: Fallback, more: object = {}): { readonly settled: () => string | undefined } {
    let settled: string | undefined
    const discard = (late: string) => this.discarded.push(late)
    fallback.run({ attempt: this.attempt, discard, isWayFailure, ...more }).then(
      (value) => {
        settled = value
      },
      (error: unknown) => {
        settled = isAivError(error) ? `${error.code}: ${error.message}` : String(error)
      },
    )
    return { settled: () => settled }
  }

  async elapse(ms: number): Promise<void> {
    const target = this.clock.now() + ms
    await settle()
    for (;;) {
      const next = this.clock.nextTimerAt() ?? Number.POSITIVE_INFINITY
      if (next > target) break
      this.clock.advance(Math.max(0, next - this.clock.now()))
      await settle()
    }
    this.clock.advance(target - this.clock.now())
    await settle()
  }
}

const kinds = (log: readonly string[]) => log.map((line) => line.split(' ')[0])

describe('a fallback', () => {
  it('is not there while attempts work', async () => {
    const world = new World(['works', 'works'])
    const fallback = world.fallback()
    for (const name of ['session 1', 'session 2']) {
      const run = world.start(fallback)
      await world.elapse(0)
      expect(run.settled()).toBe(name)
    }
    expect([kinds(world.log), world.clock.nextTimerAt()]).toEqual([['attempt', 'attempt'], undefined])
  })

  it('retries after two cover connections have begun, and closes them later', async () => {
    const world = new World(['fails', 'works'])
    const fallback = world.fallback()
    const run = world.start(fallback)
    await world.elapse(1_700)
    expect(run.settled()).toBe('session 2')
    expect(kinds(world.log)).toEqual(['attempt', 'open', 'open', 'retry'])
    expect([world.covers.size, fallback.openCovers]).toEqual([2, 2])
    await world.elapse(15_000)
    expect(kinds(world.log)).toEqual(['attempt', 'open', 'open', 'retry', 'close', 'close'])
    expect([world.covers.size, fallback.openCovers, world.clock.nextTimerAt()]).toEqual([0, 0, undefined])
  })

  it('keeps a cover connection that carries traffic of the user until that has ended', async () => {
    const world = new World(['fails', 'works'])
    world.start(world.fallback())
    await world.elapse(1_700)
    world.requests[0]?.onTraffic(true)
    await world.elapse(60_000)
    expect(world.covers.size).toBe(1)
    world.requests[0]?.onTraffic(false)
    await world.elapse(0)
    expect(world.covers.size).toBe(0)
  })

  it('tries UDP first for 3 s at most, and discards what that brings later', async () => {
    const world = new World(['fails', 'hangs', 'works'])
    const run = world.start(world.fallback(), { udpAttempt: world.attempt })
    await world.elapse(6_000)
    expect(run.settled()).toBe('session 3')
    expect(kinds(world.log).slice(0, 6)).toEqual(['attempt', 'retry', 'stopped', 'open', 'open', 'retry'])
    expect(world.log[2]).toBe('stopped 3000')
    expect(world.discarded).toEqual(['session 2'])
  })

  it('gives a retry that hangs up, and retries once more', async () => {
    const world = new World(['fails', 'hangs', 'works'])
    const run = world.start(world.fallback({ retryMs: 5_000 }))
    await world.elapse(10_000)
    expect([run.settled(), world.discarded]).toEqual(['session 3', ['session 2']])
  })

  it('ends with what another attempt would not change', async () => {
    const world = new World(['refused'])
    const first = world.start(world.fallback())
    await world.elapse(60_000)
    expect([first.settled(), kinds(world.log)]).toEqual(['E_PEER_MISMATCH: somebody else', ['attempt']])
    const later = new World(['fails', 'refused'])
    const second = later.start(later.fallback())
    await later.elapse(60_000)
    expect(second.settled()).toBe('E_PEER_MISMATCH: somebody else')
    expect([later.covers.size, later.clock.nextTimerAt()]).toEqual([0, undefined])
  })

  it('remembers a failure over calls: the next call begins with a retry, and two a minute are all', async () => {
    const world = new World(['fails', 'fails', 'fails', 'fails', 'works'])
    const fallback = world.fallback()
    const first = world.start(fallback)
    await world.elapse(4_000)
    expect(first.settled()).toBe('E_UNREACHABLE: nobody answers')
    const second = world.start(fallback)
    await world.elapse(0)
    expect(second.settled()).toMatch(/^E_UNREACHABLE: nobody answers; the next retry is allowed in 5\d s$/)
    // The message does not grow with every call.
    expect(world.start(fallback)).toBeDefined()
    await world.elapse(62_000)
    expect(kinds(world.log).filter((kind) => kind === 'attempt' || kind === 'retry')).toEqual([
      'attempt',
      'retry',
      'retry',
    ])
    const third = world.start(fallback)
    await world.elapse(4_000)
    expect(third.settled()).toBe('session 5')
    expect(kinds(world.log).filter((kind) => kind === 'attempt')).toHaveLength(1)
  })
})

describe('cover connections', () => {
  it('are not done without: no list, no retry, until the user says so', async () => {
    const world = new World(['fails', 'works'])
    const fallback = world.fallback({ cover: undefined })
    for (let i = 0; i < 2; i++) {
      const run = world.start(fallback)
      await world.elapse(60_000)
      expect(run.settled()).toMatch(/^E_USAGE: nobody answers; to retry without cover connections/)
    }
    expect(kinds(world.log)).toEqual(['attempt'])
    const bare = new World(['fails', 'works'])
    const run = bare.start(bare.fallback({ cover: 'none' }))
    await bare.elapse(700)
    expect([run.settled(), kinds(bare.log)]).toEqual(['session 2', ['attempt', 'retry']])
  })

  it('that fail are replaced; when too few are left there is no retry', async () => {
    const world = new World(['fails', 'works'])
    world.coverEnding = 'fails'
    const run = world.start(world.fallback())
    await world.elapse(60_000)
    expect(run.settled()).toBe('E_UNREACHABLE: nobody answers; too few cover origins can be reached to retry')
    expect(world.log.filter((line) => line.startsWith('open')).length).toBe(4)
    expect(kinds(world.log)).not.toContain('retry')
  })

  it('need a list of four https sites that are not the origin that they draw attention from', () => {
    const world = new World([])
    const cover = (origins: readonly string[]) => ({ cover: { origins, open: world.open } })
    const wrong = expect.objectContaining({ code: 'E_USAGE', hint: expect.stringContaining('4 or more') })
    for (const origins of [
      [],
      ORIGINS.slice(1),
      [...ORIGINS.slice(1), 'https://b.example/other'],
      [...ORIGINS.slice(1), 'https://B.example.:8443/'],
      [...ORIGINS.slice(1), 'http://a.example/'],
      [...ORIGINS.slice(1), 'https://user:pass@a.example/'],
      [...ORIGINS.slice(1), 'a.example'],
      [...ORIGINS, 'https://HIDDEN.example./'],
    ])
      expect(() => world.fallback(cover(origins)), origins.join(' ')).toThrow(wrong)
    expect(() => world.fallback({ ...cover(ORIGINS), hosts: ['192.0.2.7', 'd.example'] })).toThrow(wrong)
    expect(() => world.fallback(cover(ORIGINS))).not.toThrow()
  })

  it('go to one page of each site', async () => {
    const world = new World(['fails', 'works'])
    world.coverEnding = 'fails'
    const origins = ORIGINS.flatMap((origin) => [origin, `${origin}more`])
    world.start(world.fallback({ cover: { origins, open: world.open } }))
    await world.elapse(60_000)
    expect(world.requests.map(({ origin }) => origin).toSorted()).toEqual(ORIGINS)
  })

  it('to a site on the address of the HTX origin end the fallback at once', async () => {
    const everywhere = Object.fromEntries(
      'abcd'.split('').map((name) => [`${name}.example`, '2001:DB8:0::7']),
    )
    const world = new World(['fails', 'works'], { ...everywhere, 'hidden.example': '2001:db8::7' })
    const run = world.start(world.fallback())
    await world.elapse(60_000)
    expect(run.settled()).toMatch(/^E_USAGE: a cover origin is useless: \w\.example shares an address/)
    expect([kinds(world.log), world.clock.nextTimerAt()]).toEqual([['attempt'], undefined])
  })

  it('go to the addresses that were compared', async () => {
    const world = new World(['fails', 'works'])
    world.start(world.fallback())
    await world.elapse(1_700)
    for (const { origin, addresses } of world.requests)
      expect(addresses).toEqual([`192.0.2.${new URL(origin).hostname.charCodeAt(0)}`])
  })
})

describe('giving up', () => {
  it('at any time leaves nothing running, nothing open and no timer', async () => {
    const random = new SeededRandom(5)
    const seen = new Set<string>()
    for (let seed = 0; seed < 300; seed++) {
      const world = new World(['fails', random.chance(0.5) ? 'hangs' : 'fails', 'hangs'])
      world.coverEnding = random.chance(0.2) ? 'hangs' : 'works'
      const giveUp = new AbortController()
      const byClose = random.chance(0.3)
      const fallback = world.fallback({ random: new SeededRandom(seed) })
      const run = world.start(fallback, {
        signal: giveUp.signal,
        ...(random.chance(0.4) ? { udpAttempt: world.attempt } : {}),
      })
      await world.elapse(random.below(6_000))
      seen.add(kinds(world.log).at(-1) as string)
      if (byClose) fallback.close()
      else giveUp.abort()
      await world.elapse(0)
      expect(run.settled()).toMatch(/^E_ABORTED/)
      expect([world.covers.size, fallback.openCovers, world.clock.nextTimerAt()]).toEqual([0, 0, undefined])
      const hung = kinds(world.log).filter((kind) => kind === 'stopped').length
      expect(world.discarded.length).toBe(hung)
      await world.elapse(100_000)
      expect(world.covers.size).toBe(0)
    }
    // The moments were of every kind.
    expect([...seen]).toEqual(expect.arrayContaining(['attempt', 'open', 'retry', 'stopped']))
  })

  it('during the first attempt leaves nothing of it, though it works in that moment', async () => {
    const world = new World(['hangs'])
    const fallback = world.fallback()
    const run = world.start(fallback)
    await world.elapse(1_000)
    fallback.close()
    await world.elapse(60_000)
    expect(run.settled()).toMatch(/^E_ABORTED/)
    expect([kinds(world.log), world.discarded]).toEqual([['attempt', 'stopped'], ['session 1']])
  })

  it('after a success closes the cover connections at once', async () => {
    const world = new World(['fails', 'works'])
    const fallback = world.fallback()
    world.start(fallback)
    await world.elapse(1_700)
    expect(world.covers.size).toBe(2)
    fallback.close()
    expect([world.covers.size, world.clock.nextTimerAt()]).toEqual([0, undefined])
    const late = world.start(fallback)
    await world.elapse(0)
    expect(late.settled()).toMatch(/^E_ABORTED/)
  })
})
