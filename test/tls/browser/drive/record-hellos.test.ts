import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ManualClock, systemClock } from '../../../../src/lib/core/index.ts'
import { unseenSizeChance } from '../../../../src/lib/tls/browser/drive/capture-template.ts'
import type { InstalledBrowser } from '../../../../src/lib/tls/browser/drive/find-browser.ts'
import { recordHellos } from '../../../../src/lib/tls/browser/drive/record-hellos.ts'
import { parseClientHello } from '../../../../src/lib/tls/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { fakeBrowser, isRunning } from './fake-browser.ts'

function browser(script: string): InstalledBrowser {
  const path = join(fakeBrowser(script), 'chromium')
  return { browser: 'chrome', path, product: 'Chromium', version: '156.0', major: 156 }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate)
}

/** Writes its own process id, that of a child, and its folder; then it does nothing. */
function idleBrowser(notes: string): InstalledBrowser {
  return browser(
    `sleep 1000 & printf '%s\\n' $$ $! "$HOME" > ${notes}.new; mv ${notes}.new ${notes}; sleep 1000`,
  )
}

function expectGone(notes: string): void {
  const [own = '', child = '', folder = ''] = readFileSync(notes, 'utf8').split('\n')
  for (const pid of [own, child]) expect(isRunning(Number(pid))).toBe(false)
  expect(folder).toMatch(/aiv-browser-/)
  expect(existsSync(folder)).toBe(false)
}

describe('a browser that is run for its hellos', () => {
  it('is gone with all that it started, and its folder, when it sends none in time', async () => {
    const notes = join(temporaryFolder(), 'notes')
    const clock = new ManualClock()
    const recorded = recordHellos(idleBrowser(notes), { clock, isRoot: false })
    const refused = expect(recorded).rejects.toMatchObject({
      code: 'E_TIMEOUT',
      message: 'the browser has not opened 61 of its connections',
    })
    await until(() => existsSync(notes))
    clock.advance(30_000)
    await refused
    expectGone(notes)
  })

  it('is gone when the command is interrupted', async () => {
    const notes = join(temporaryFolder(), 'notes')
    const controller = new AbortController()
    const { signal } = controller
    const recorded = recordHellos(idleBrowser(notes), { clock: systemClock, isRoot: false, signal })
    const reason = new Error('interrupted')
    const refused = expect(recorded).rejects.toBe(reason)
    await until(() => existsSync(notes))
    controller.abort(reason)
    await refused
    expectGone(notes)
  })

  it('may end by itself, which is an error with its last words', async () => {
    const failing = browser('echo first >&2; echo "no usable sandbox" >&2; exit 1')
    await expect(recordHellos(failing, { clock: systemClock, isRoot: false })).rejects.toMatchObject({
      code: 'E_IO',
      message: 'the browser ended by itself: no usable sandbox',
    })
  })

  it('may not start at all', async () => {
    const missing = { ...browser(''), path: '/no/such/browser' }
    await expect(recordHellos(missing, { clock: systemClock, isRoot: false })).rejects.toMatchObject({
      code: 'E_IO',
    })
  })

  it.each([true, false])('has its sandbox unless it runs as root: %s', async (isRoot) => {
    const telling = browser(
      'for word in "$@"; do case $word in --no-sandbox) echo without >&2; exit;; esac; done; echo with >&2',
    )
    await expect(recordHellos(telling, { clock: systemClock, isRoot })).rejects.toMatchObject({
      message: `the browser ended by itself: ${isRoot ? 'without' : 'with'}`,
    })
  })
})

describe.runIf(conformancePath('utls') !== undefined)('sizes of ECH', () => {
  const hellos = Array.from({ length: 8 }, (_, index) => {
    const path = conformancePath('utls', `chromium-156.0.8078.79-clienthello-${index + 1}.bin`) as string
    return parseClientHello(new Uint8Array(readFileSync(path)).subarray(9))
  })

  it('may be unseen after a few hellos, and hardly after many', () => {
    // These show two: one of three, as likely as the others, stays unseen with this probability.
    expect(unseenSizeChance(hellos)).toBeCloseTo(3 * (2 / 3) ** 8)
    expect(
      unseenSizeChance(Array.from({ length: 40 }, (_, n) => hellos[n % 8] as (typeof hellos)[0])),
    ).toBeLessThan(0.001)
    expect(unseenSizeChance([])).toBe(0)
  })
})
