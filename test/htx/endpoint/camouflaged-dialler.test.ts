import { describe, expect, it } from 'vitest'
import { SeededRandom, systemClock } from '../../../src/lib/core/index.ts'
import { formatAddress } from '../../../src/lib/htx/address.ts'
import { type CamouflageOptions, connect } from '../../../src/lib/htx/endpoint/index.ts'
import { DEFAULT_SITE, grantOf, newTicketKey } from '../../../src/lib/htx/ticket/index.ts'
import { createIdentity } from '../../../src/lib/identity/index.ts'

const random = new SeededRandom(4)
const { peer, noise } = createIdentity(random, systemClock)
/** Port 1 of loopback: nobody listens there. */
const ADDRESS = formatAddress({
  scheme: 'htx+https',
  peer,
  host: '127.0.0.1',
  port: 1,
  path: '/feed',
  x: noise.publicKey,
  bind: undefined,
  suite: undefined,
})
const key = newTicketKey(random, systemClock)
const policyText = 'BN-Ticket: v2; carriers=cookie:1; len=24..64'
const accessGrant = grantOf({ ...DEFAULT_SITE, policyText, keys: [key] }, key)

async function failureOf(camouflage: CamouflageOptions): Promise<{ code?: unknown; hint?: unknown }> {
  return await connect(ADDRESS, { accessGrant, camouflage }).then(
    () => ({}),
    (error: unknown) => error as { code?: unknown; hint?: unknown },
  )
}

describe('a way to a camouflaged listener that is closed', () => {
  it('is not tried again by the same command without covers, which says how', async () => {
    const camouflage: CamouflageOptions = {}
    const first = await failureOf(camouflage)
    expect(first).toMatchObject({ code: 'E_UNREACHABLE', hint: expect.stringContaining('--no-cover') })
    const second = await failureOf(camouflage)
    expect(second).toMatchObject({ code: 'E_USAGE', hint: expect.stringContaining('--no-cover') })
    // Another command knows nothing of it.
    expect(await failureOf({})).toMatchObject({ code: 'E_UNREACHABLE' })
  })

  it('is tried twice more in a minute by a command that does without covers', async () => {
    const camouflage: CamouflageOptions = { cover: 'none' }
    const before = systemClock.now()
    expect(await failureOf(camouflage)).toMatchObject({ code: 'E_UNREACHABLE' })
    // Two retries, each 100 ms late at least.
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(200)
    const spent = systemClock.now()
    expect(await failureOf(camouflage)).toMatchObject({ code: 'E_UNREACHABLE' })
    expect(systemClock.now() - spent).toBeLessThan(1_000)
  }, 20_000)
})
