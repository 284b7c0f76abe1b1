import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ownCertificate } from '../../../src/lib/cli/htx/camouflage/own-certificate.ts'
import { ManualClock } from '../../../src/lib/core/index.ts'

const DAY_MS = 86_400_000
const NAMES: readonly [string, ...string[]] = ['bread.example', 'localhost']

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aiv-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'data', 'https.json')
}

describe('the self-made certificate of a listener', () => {
  it('is kept for its owner alone, so that its pin outlives a restart', async () => {
    const path = place()
    const clock = new ManualClock()
    const first = await ownCertificate(path, NAMES, clock)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect((await ownCertificate(path, NAMES, clock)).cert).toBe(first.cert)
  })

  it('is made once by listeners that start together', async () => {
    const path = place()
    const clock = new ManualClock()
    const made = await Promise.all(Array.from({ length: 4 }, () => ownCertificate(path, NAMES, clock)))
    expect(new Set(made.map(({ cert }) => cert)).size).toBe(1)
  })

  it('is made anew for other names, and before it ends', async () => {
    const path = place()
    const clock = new ManualClock()
    const first = await ownCertificate(path, NAMES, clock)
    const other = await ownCertificate(path, ['cake.example'], clock)
    expect(other.cert).not.toBe(first.cert)
    clock.advance(70 * DAY_MS)
    expect((await ownCertificate(path, ['cake.example'], clock)).cert).toBe(other.cert)
    clock.advance(7 * DAY_MS)
    expect((await ownCertificate(path, ['cake.example'], clock)).cert).not.toBe(other.cert)
  })

  it.each(['', '{"type":"something else"}', 'not JSON', '[]', 'x'.repeat(20_000)])(
    'is not written over a file that holds something else (%.20s)',
    async (content) => {
      const path = place()
      const clock = new ManualClock()
      await ownCertificate(path, NAMES, clock)
      writeFileSync(path, content)
      await expect(ownCertificate(path, NAMES, clock)).rejects.toMatchObject({ code: 'E_KEY_FILE' })
      expect(readFileSync(path, 'utf8')).toBe(content)
    },
  )
})
