import { describe, expect, it } from 'vitest'
import { readU32, SeededRandom } from '../../../../src/lib/core/index.ts'
import { auditDelays, type DelayAudit } from '../../../../src/lib/mix/delay/audit/audit.ts'
import {
  type AuditedRun,
  DISHONEST_MIXES,
  MEAN_US,
  piecesOf,
  runDelayingMix,
} from '../../../support/delaying-mix.ts'

const SLACK_US = 10_000

async function audit(run: AuditedRun, changes: Partial<AuditedRun> = {}): Promise<DelayAudit> {
  const { vrf, mix, reveal, samples } = { ...run, ...changes }
  return await auditDelays(vrf, [mix], piecesOf(reveal), samples, SLACK_US)
}

function faultsOf({ faults }: DelayAudit): string[] {
  return faults.map(({ fault }) => fault)
}

describe('the audit of a mix', () => {
  it.each(['vrf', 'hybrid'] as const)('finds nothing against an honest one, mode %s', async (mode) => {
    const result = await audit(await runDelayingMix({ mode, loss: 0.05 }))
    expect(faultsOf(result)).toEqual([])
    expect(result.verdict).toBe('honest')
    expect(result.returned).toBeLessThan(result.samples)
    expect(result.judgement?.residual?.medianUs).toBeLessThan(SLACK_US)
  })

  it('blames no more honest mixes than it promises: at most one in a hundred', async () => {
    let blamed = 0
    for (let seed = 1; seed <= 60; seed++) {
      const result = await audit(await runDelayingMix({ seed, packets: 60 }))
      if (result.verdict !== 'honest') blamed++
    }
    // Three or more of sixty have a chance below 3 % when each has one in a hundred.
    expect(blamed).toBeLessThan(3)
  })

  it.each(Object.entries(DISHONEST_MIXES))('catches one that %s', async (_, { fault, conduct }) => {
    const result = await audit(await runDelayingMix({ conduct }))
    expect(result.verdict).toBe('dishonest')
    expect(faultsOf(result)).toContain(fault)
  })

  it('does not take a lost packet for one that was left out', async () => {
    const result = await audit(await runDelayingMix({ loss: 0.4 }))
    expect(result.verdict).toBe('honest')
  })

  it('decides nothing on few packets', async () => {
    expect((await audit(await runDelayingMix({ packets: 10 }))).verdict).toBe('undecided')
    expect((await audit(await runDelayingMix(), { samples: [] })).verdict).toBe('undecided')
  })

  it('refuses a mix that draws no delays', async () => {
    const run = await runDelayingMix({ packets: 5 })
    await expect(audit(run, { mix: { ...run.mix, mode: 'sender' } })).rejects.toMatchObject({
      code: 'E_UNSUPPORTED',
    })
  })
})

describe('the document of a mix', () => {
  it('is bound to the value that nobody could foresee: a seed of another value is caught', async () => {
    const run = await runDelayingMix({ sharedRandomOfMix: new Uint8Array(32) })
    expect(faultsOf(await audit(run))).toEqual(['seed'])
  })

  it('is bound to mix and epoch', async () => {
    const run = await runDelayingMix({ packets: 60 })
    const other = await runDelayingMix({ packets: 60, seed: 2 })
    for (const mix of [other.mix, { ...run.mix, epoch: run.mix.epoch + 1 }])
      await expect(audit(run, { mix })).rejects.toMatchObject({ code: 'E_INPUT' })
    expect(faultsOf(await audit(run, { mix: { ...run.mix, identityKey: other.mix.identityKey } }))).toEqual([
      'signature',
    ])
    expect(faultsOf(await audit(run, { mix: { ...run.mix, vrfKey: other.mix.vrfKey } }))).toEqual(['seed'])
  })

  it('is judged with the mean that was promised', async () => {
    const run = await runDelayingMix()
    const result = await audit(run, { mix: { ...run.mix, meanUs: 2 * MEAN_US } })
    expect(faultsOf(result)).toEqual(expect.arrayContaining(['wrong_delay', 'law']))
  })

  it('cannot be changed anywhere: every flipped byte is a fault or no document at all', async () => {
    const run = await runDelayingMix({ packets: 60 })
    const random = new SeededRandom(3)
    const headerEnd = 4 + readU32(run.reveal, 0) + 64
    const places = [
      ...Array.from({ length: headerEnd }, (_, i) => i),
      ...Array.from({ length: 60 }, () => headerEnd + random.below(run.reveal.length - headerEnd)),
    ]
    const unharmed: number[] = []
    for (const place of places) {
      const reveal = run.reveal.slice()
      reveal[place] = (reveal[place] as number) ^ (1 << random.below(8))
      try {
        if ((await audit(run, { reveal })).verdict !== 'dishonest') unharmed.push(place)
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^E_(?:MALFORMED|TOO_LARGE|INPUT)$/) })
      }
    }
    expect(unharmed).toEqual([])
  })

  it('has its lines in order, each once, and all of them', async () => {
    const run = await runDelayingMix({ packets: 60 })
    const headerEnd = 4 + readU32(run.reveal, 0) + 64
    const swapped = run.reveal.slice()
    swapped.set(run.reveal.subarray(headerEnd, headerEnd + 72), headerEnd + 72)
    swapped.set(run.reveal.subarray(headerEnd + 72, headerEnd + 144), headerEnd)
    expect(faultsOf(await audit(run, { reveal: swapped }))).toEqual(['order', 'list'])
    expect(faultsOf(await audit(run, { reveal: run.reveal.subarray(0, -72) }))).toEqual(['list'])
    await expect(audit(run, { reveal: run.reveal.subarray(0, -1) })).rejects.toMatchObject({
      code: 'E_MALFORMED',
    })
  })

  it.each(['', '00', 'ffffffff', '00000401'])('that begins with %j is none', async (hex) => {
    const run = await runDelayingMix({ packets: 5 })
    const reveal = Uint8Array.from([...hex.matchAll(/../g)].map(([byte]) => Number.parseInt(byte, 16)))
    await expect(audit(run, { reveal })).rejects.toMatchObject({ code: 'E_MALFORMED' })
  })

  it('is read the same in pieces of any size', async () => {
    const run = await runDelayingMix({ packets: 60 })
    for (const size of [1, 71, 73, 1_000]) {
      const result = await auditDelays(run.vrf, [run.mix], piecesOf(run.reveal, size), run.samples, SLACK_US)
      expect(result.verdict).toBe('honest')
    }
  })
})
