import { describe, expect, it } from 'vitest'
import { AivError, ManualClock, SeededRandom } from '../../../../src/lib/core/index.ts'
import {
  type CalibrationPage,
  Calibrator,
  type ObservedServer,
  type PageRequest,
} from '../../../../src/lib/htx/camouflage/origin/index.ts'

const ORIGIN = 'https://front.example/'
const ADDRESS = '198.51.100.7'
const MINUTE = 60_000

/** An origin that shows what `show` says to the page load of that number. */
class Front {
  readonly clock = new ManualClock()
  readonly requests: PageRequest[] = []
  open = 0
  readonly calibrator: Calibrator

  constructor(show: (request: PageRequest, load: number) => Partial<ObservedServer> = () => ({})) {
    this.calibrator = new Calibrator({
      clock: this.clock,
      random: new SeededRandom(1),
      fetchPage: async (request): Promise<CalibrationPage> => {
        this.requests.push(request)
        const observation = { ...page(request.address ?? ADDRESS), ...show(request, this.requests.length) }
        this.open++
        return { observation, close: () => void this.open-- }
      },
    })
  }

  get loads(): number {
    return this.requests.length
  }

  inspect(seen: Partial<ObservedServer> = {}, origin = ORIGIN): Promise<void> {
    return this.calibrator.inspector({ origin })({ ...webSocket(), ...seen })
  }
}

function page(remoteAddress: string): ObservedServer {
  return {
    remoteAddress,
    cipherSuite: 'TLS_AES_128_GCM_SHA256',
    group: 0x11ec,
    alpn: 'h2',
    wasRetried: false,
    settings: [[4, 65_536]],
    windowUpdate: 1_000,
    headers: { server: 'nginx' },
  }
}

const webSocket = (): ObservedServer => {
  const { settings: _settings, windowUpdate: _window, headers: _headers, ...early } = page(ADDRESS)
  return { ...early, alpn: 'http/1.1' }
}

const FAILS = (text: RegExp) =>
  expect.objectContaining({ code: 'E_CALIBRATION', message: expect.stringMatching(text) })

describe('a calibrator', () => {
  it('loads a page from the address of the connection, under the name of the origin', async () => {
    const front = new Front()
    await front.inspect()
    expect(front.requests).toMatchObject([{ origin: ORIGIN, address: ADDRESS }])
  })

  it('fails closed and names what deviates', async () => {
    const front = new Front()
    await expect(front.inspect({ group: 0x001d, wasRetried: true })).rejects.toEqual(
      FAILS(
        /^the server does not look like https:\/\/front\.example\/: group is 29, not 4588; wasRetried is true, not false$/,
      ),
    )
  })

  it('compares a connection of HTTP/2 in all that it shows', async () => {
    const front = new Front()
    const inspect = front.calibrator.inspector({ origin: ORIGIN })
    await inspect(page(ADDRESS))
    await expect(inspect({ ...page(ADDRESS), settings: [[4, 1_000]] })).rejects.toEqual(FAILS(/settings\.4/))
    const { settings: _settings, windowUpdate: _window, ...http1 } = { ...page(ADDRESS), alpn: 'http/1.1' }
    await expect(inspect(http1)).rejects.toEqual(FAILS(/alpn.*settings.*windowUpdate/))
  })

  it('reuses a profile for 30 minutes, and not longer', async () => {
    const front = new Front()
    await front.calibrator.calibrate({ origin: ORIGIN, address: ADDRESS })
    front.clock.advance(30 * MINUTE - 1)
    await front.inspect()
    await front.inspect({ remoteAddress: '198.51.100.200' })
    expect(front.loads).toBe(1)
    // Use does not prolong it.
    front.clock.advance(1)
    await front.inspect()
    expect(front.loads).toBe(2)
  })

  it('keeps origins and places apart', async () => {
    const front = new Front()
    await front.inspect()
    await front.inspect({}, 'https://other.example/')
    await front.inspect({ remoteAddress: '203.0.113.7' })
    await front.inspect({}, 'https://front.example/another/page')
    expect(front.loads).toBe(3)
  })

  it('keeps 64 profiles at most, those that are used', async () => {
    const front = new Front()
    const calibrate = (i: number) =>
      front.calibrator.calibrate({ origin: `https://${i}.example/`, address: ADDRESS })
    for (let i = 0; i < 64; i++) await calibrate(i)
    await calibrate(0)
    await calibrate(64)
    await calibrate(0)
    expect(front.loads).toBe(65)
    await calibrate(1)
    expect(front.loads).toBe(66)
  })

  it('looks again before it fails when what it knows may be out of date', async () => {
    const front = new Front((_request, load) => (load === 1 ? {} : { group: 0x001d }))
    await front.inspect()
    await front.inspect({ group: 0x001d })
    expect(front.loads).toBe(2)
    // A fresh page load that differs is the last word.
    await expect(front.inspect({ group: 0x0017 })).rejects.toEqual(FAILS(/group/))
    expect(front.loads).toBe(3)
  })

  it('repeats until the origin answers from the place of the connection', async () => {
    const front = new Front((_request, load) => (load < 3 ? { remoteAddress: `203.0.${load}.1` } : {}))
    await front.inspect()
    expect(front.loads).toBe(3)
    const never = new Front(() => ({ remoteAddress: '203.0.113.1' }))
    await expect(never.inspect()).rejects.toEqual(FAILS(/does not answer at the address/))
    expect(never.loads).toBe(4)
  })

  it('repeats when one address leads to several places, and gives up at some time', async () => {
    const place = (name: string) => ({ headers: { server: 'nginx', 'x-amz-cf-pop': `${name}-P1` } })
    const front = new Front((_request, load) => place(load < 3 ? 'AMS1' : 'FRA2'))
    const inspect = front.calibrator.inspector({ origin: ORIGIN })
    await inspect({ ...page(ADDRESS), ...place('FRA2') })
    expect(front.loads).toBe(3)
    const never = new Front(() => place('AMS1'))
    const vain = never.calibrator.inspector({ origin: ORIGIN })
    await expect(vain({ ...page(ADDRESS), ...place('FRA2') })).rejects.toEqual(FAILS(/place is FRA2/))
    expect(never.loads).toBe(4)
  })

  it('passes on that no page can be had: without a profile nothing is sent', async () => {
    const front = new Front(() => {
      throw new AivError('E_UNREACHABLE', 'nobody answers')
    })
    await expect(front.inspect()).rejects.toMatchObject({ code: 'E_UNREACHABLE' })
  })

  it('leaves the connection of a page load open for 3 to 15 s, or until it is closed', async () => {
    const front = new Front()
    await front.inspect()
    front.clock.advance(2_999)
    expect(front.open).toBe(1)
    front.clock.advance(12_001)
    expect([front.open, front.clock.nextTimerAt()]).toEqual([0, undefined])
    await front.inspect({ remoteAddress: '203.0.113.7' })
    front.calibrator.close()
    expect([front.open, front.clock.nextTimerAt()]).toEqual([0, undefined])
    await front.inspect({ remoteAddress: '203.0.114.7' })
    expect([front.open, front.clock.nextTimerAt()]).toEqual([0, undefined])
  })

  it('takes https origins and tolerances of 0 to 100 percent', async () => {
    const { clock } = new Front()
    const fetchPage = () => Promise.reject(new Error('not asked'))
    const wrong = expect.objectContaining({ code: 'E_USAGE' })
    expect(
      () => new Calibrator({ clock, random: new SeededRandom(1), fetchPage, tolerancePercent: 101 }),
    ).toThrow(wrong)
    await expect(new Front().inspect({}, 'http://front.example/')).rejects.toEqual(wrong)
  })
})
