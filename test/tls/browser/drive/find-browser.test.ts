import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ManualClock, systemClock } from '../../../../src/lib/core/index.ts'
import { findBrowser } from '../../../../src/lib/tls/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { fakeBrowser } from './fake-browser.ts'

const OPTIONS = { clock: systemClock, withinMs: 20_000 }

describe('a browser', () => {
  it.each([
    [
      'Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)',
      'chrome',
      'Chromium',
      '156.0.8078.79',
      156,
    ],
    ['Google Chrome 154.0.7700.1 ', 'chrome', 'Google Chrome', '154.0.7700.1', 154],
    ['Mozilla Firefox 153.7.0esr', 'firefox', 'Mozilla Firefox', '153.7.0esr', 153],
    ['Mozilla Firefox 150.0b3', 'firefox', 'Mozilla Firefox', '150.0b3', 150],
  ])('is known by what it says: %s', async (says, browser, product, version, major) => {
    const path = join(fakeBrowser('', says), 'chromium')
    expect(await findBrowser(path, OPTIONS)).toEqual({ browser, path, product, version, major })
  })

  it.each(['Brave Browser 150.1.2', 'Microsoft Edge 150.0.1', 'Chromium', 'ChromiumFork 12.1', ''])(
    'is none that sends the same hellos when it says: %s',
    async (says) => {
      await expect(findBrowser(join(fakeBrowser('', says), 'chromium'), OPTIONS)).rejects.toMatchObject({
        code: 'E_UNSUPPORTED',
      })
    },
  )

  it('that is not there is a missing dependency', async () => {
    for (const name of ['no-such-browser', '/no/such/browser', temporaryFolder()])
      await expect(findBrowser(`${name}/x`, OPTIONS)).rejects.toMatchObject({
        code: 'E_DEPENDENCY_MISSING',
        hint: expect.stringContaining('chromium'),
      })
  })

  it('that does not answer is not waited for', async () => {
    const path = join(temporaryFolder(), 'chromium')
    writeFileSync(path, '#!/bin/sh\nsleep 1000 & sleep 1000\n')
    chmodSync(path, 0o755)
    const clock = new ManualClock()
    const found = findBrowser(path, { clock, withinMs: 1_000 })
    const refused = expect(found).rejects.toMatchObject({ code: 'E_TIMEOUT' })
    while (clock.nextTimerAt() === undefined) await new Promise(setImmediate)
    clock.advance(1_000)
    await refused
  })

  it('is not waited for when the command is interrupted', async () => {
    const path = join(temporaryFolder(), 'chromium')
    writeFileSync(path, '#!/bin/sh\nsleep 1000\n')
    chmodSync(path, 0o755)
    const reason = new Error('interrupted')
    await expect(findBrowser(path, { ...OPTIONS, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
