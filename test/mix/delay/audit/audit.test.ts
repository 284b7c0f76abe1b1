import { describe, expect, it } from 'vitest'
import { concat, readU32, SeededRandom, toHex } from '../../../../src/lib/core/index.ts'
import type { DelayAudit, MixAudit } from '../../../../src/lib/mix/delay/audit/audit.ts'
import {
  type AuditedRun,
  type Conduct,
  DISHONEST_MIXES,
  runDelayingMixes,
} from '../../../support/delaying-mix.ts'
import { auditRun } from '../../../support/mix-nightly/audit-simulation.ts'

const SLACK_US = 10_000

/** The run with the first document, and nothing else, changed. */
function withFirst(run: AuditedRun, change: (reveal: Uint8Array) => Uint8Array): AuditedRun {
  return { ...run, reveals: [change((run.reveals[0] as Uint8Array).slice())] }
}

async function auditFirst(run: AuditedRun, change: (reveal: Uint8Array) => Uint8Array): Promise<MixAudit> {
  return (await auditRun(withFirst(run, change))).mixes[0] as MixAudit
}

function faultsOf({ faults }: MixAudit): string[] {
  return faults.map(({ fault }) => fault)
}

function verdictsOf({ mixes }: DelayAudit): string[] {
  return mixes.map(({ verdict }) => verdict)
}

const HONEST = Array<string>(9).fill('honest')

describe('the audit of mixes', () => {
  it.each(['vrf', 'hybrid'] as const)('finds nothing against honest ones, mode %s', async (mode) => {
    const result = await auditRun(await runDelayingMixes({ modeOf: () => mode, loss: 0.03 }))
    expect(result.mixes.flatMap(faultsOf)).toEqual([])
    expect(verdictsOf(result)).toEqual(HONEST)
    expect(result.returned).toBeLessThan(result.loops)
    expect(result.measured).toBe(result.returned)
    expect(result.residual?.medianUs).toBeLessThan(SLACK_US)
  })

  it('blames no more honest mixes than it promises: at most one in a hundred', async () => {
    let blamed = 0
    for (let seed = 1; seed <= 8; seed++) {
      const result = await auditRun(await runDelayingMixes({ seed, loops: 200 }))
      blamed += result.mixes.filter(({ verdict }) => verdict !== 'honest').length
    }
    // Four or more of 72 have a chance of 0.6 % when each has one in a hundred.
    expect(blamed).toBeLessThan(4)
  })

  it.each(Object.entries(DISHONEST_MIXES))(
    'catches one that %s, and blames no other',
    async (_, { fault, conduct }) => {
      const [first, ...others] = (await auditRun(await runDelayingMixes({ conduct }))).mixes as [MixAudit]
      expect(first.verdict).toBe('dishonest')
      expect(faultsOf(first)).toContain(fault)
      expect(others.flatMap(faultsOf)).toEqual([])
      expect(others.map(({ verdict }) => verdict)).toEqual(HONEST.slice(1))
    },
  )

  it('does not take a loop that got lost for a line that was left out', async () => {
    const result = await auditRun(await runDelayingMixes({ loss: 0.2 }))
    expect(verdictsOf(result)).toEqual(HONEST)
  })

  it('measures loops also where some mixes let senders choose', async () => {
    const conduct = DISHONEST_MIXES['holds every packet 30 ms longer']?.conduct as Conduct
    const modeOf = (i: number) => (i % 3 === 1 ? 'sender' : 'vrf')
    const result = await auditRun(await runDelayingMixes({ modeOf, conduct }))
    expect(result.measured).toBe(result.returned)
    expect(verdictsOf(result)).toEqual(['dishonest', ...HONEST.slice(4)])
  })

  it('measures no loop through a mix that kept its seed to itself', async () => {
    const run = await runDelayingMixes()
    const result = await auditRun({ ...run, reveals: run.reveals.toSpliced(4, 1) })
    expect(result.measured).toBeLessThan(result.returned)
    expect(result.measured).toBeGreaterThan(0)
  })

  it('decides nothing on few loops', async () => {
    const run = await runDelayingMixes({ loops: 60 })
    expect(new Set(verdictsOf(await auditRun(run)))).toEqual(new Set(['undecided']))
    expect(new Set(verdictsOf(await auditRun({ ...run, loops: [] })))).toEqual(new Set(['undecided']))
  })

  it('refuses documents of mixes that draw nothing, of strangers, of other epochs, and twice the same', async () => {
    const run = await runDelayingMixes({ loops: 5 })
    const other = await runDelayingMixes({ loops: 5, seed: 2 })
    const later = run.mixes.map((mix) => ({ ...mix, epoch: mix.epoch + 1 }))
    const chosen = run.mixes.map((mix) => ({ ...mix, mode: 'sender' as const }))
    await expect(auditRun({ ...run, mixes: chosen })).rejects.toMatchObject({ code: 'E_UNSUPPORTED' })
    for (const changes of [
      { mixes: other.mixes },
      { mixes: later },
      { reveals: [run.reveals[0], run.reveals[0]] },
    ])
      await expect(auditRun({ ...run, ...changes })).rejects.toMatchObject({ code: 'E_INPUT' })
  })
})

describe('what a mix reveals', () => {
  it('is bound to the value that nobody could foresee: a seed of another value is caught', async () => {
    const run = await runDelayingMixes({ sharedRandomOfFirst: new Uint8Array(32), loops: 60 })
    expect((await auditRun(run)).mixes.map(faultsOf)).toEqual([['seed'], ...Array(8).fill([])])
  })

  it.each([
    ['identityKey', 'signature'],
    ['vrfKey', 'seed'],
    ['sharedRandom', 'seed'],
  ] as const)('is bound to the %s that the directory has', async (key, fault) => {
    const run = await runDelayingMixes({ loops: 60 })
    const mixes = run.mixes.map((mix) => ({
      ...mix,
      [key]: run.mixes[1]?.[key === 'sharedRandom' ? 'node' : key],
    }))
    expect(faultsOf(await auditFirst({ ...run, mixes } as AuditedRun, (reveal) => reveal))).toEqual([fault])
  })

  it('is judged with the mean that was promised', async () => {
    const run = await runDelayingMixes()
    const mixes = run.mixes.map((mix) => ({ ...mix, meanUs: 2 * mix.meanUs }))
    const first = await auditFirst({ ...run, mixes }, (reveal) => reveal)
    expect(faultsOf(first)).toEqual(expect.arrayContaining(['wrong_delay', 'law']))
  })

  it('cannot be changed: every flipped bit is a fault or no document at all', async () => {
    const run = await runDelayingMixes({ loops: 60 })
    const length = (run.reveals[0] as Uint8Array).length
    const random = new SeededRandom(3)
    const headerEnd = 4 + readU32(run.reveals[0] as Uint8Array, 0) + 64
    const places = [
      ...Array.from({ length: 110 }, () => random.below(headerEnd)),
      ...Array.from({ length: 40 }, () => headerEnd + random.below(length - headerEnd)),
    ]
    const unharmed: number[] = []
    for (const place of places) {
      try {
        const { verdict } = await auditFirst(run, (reveal) => {
          reveal[place] = (reveal[place] as number) ^ (1 << random.below(8))
          return reveal
        })
        if (verdict !== 'dishonest') unharmed.push(place)
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^E_(?:MALFORMED|TOO_LARGE|INPUT)$/) })
      }
    }
    expect(unharmed).toEqual([])
  })

  it('has its lines in order, each once, and all of them', async () => {
    const run = await runDelayingMixes({ loops: 60 })
    const at = 4 + readU32(run.reveals[0] as Uint8Array, 0) + 64
    const swapped = await auditFirst(run, (reveal) =>
      concat(
        reveal.subarray(0, at),
        reveal.subarray(at + 72, at + 144),
        reveal.subarray(at, at + 72),
        reveal.subarray(at + 144),
      ),
    )
    expect(faultsOf(swapped)).toEqual(['order', 'list'])
    expect(faultsOf(await auditFirst(run, (reveal) => reveal.subarray(0, -72)))).toEqual(['list'])
    await expect(auditFirst(run, (reveal) => reveal.subarray(0, -1))).rejects.toMatchObject({
      code: 'E_MALFORMED',
    })
  })

  it.each(['', '00', 'ffffffff', '00000401'])('is none when it begins with %j and ends', async (hex) => {
    const run = await runDelayingMixes({ loops: 5 })
    await expect(auditFirst(run, () => Buffer.from(hex, 'hex'))).rejects.toMatchObject({
      code: 'E_MALFORMED',
    })
  })

  it('is read the same in pieces of any size', async () => {
    const run = await runDelayingMixes({ loops: 60 })
    const whole = JSON.stringify(await auditRun(run), (_, value) =>
      value instanceof Uint8Array ? toHex(value) : value,
    )
    for (const size of [1, 71, 73, 1_000]) {
      const parts = JSON.stringify(await auditRun(run, size), (_, value) =>
        value instanceof Uint8Array ? toHex(value) : value,
      )
      expect(parts).toBe(whole)
    }
  })
})
