import { describe, expect, it } from 'vitest'
import {
  countTurns,
  formatReport,
  type MeasurementInfo,
  ratioResults,
  resultOf,
  selectByName,
  takeTurns,
} from '../../src/lib/bench/index.ts'
import { AivError } from '../../src/lib/core/index.ts'

const never = new AbortController().signal

function info(name: string, more: Partial<MeasurementInfo> = {}): MeasurementInfo {
  return { name, unit: 'MB/s', processes: 1, quote: 'p50', ...more }
}

describe('measurements in turns', () => {
  it('go forwards and backwards, and what says it all in one run has one', async () => {
    const order: string[] = []
    const measurements = [info('a'), info('b'), info('c', { once: true })]
    const { results } = await takeTurns({
      measurements,
      runs: 3,
      signal: never,
      start: async ({ name }) => {
        let run = 0
        return async () => {
          order.push(name)
          return { values: [++run] }
        }
      },
    })
    expect(order).toEqual(['a', 'b', 'c', 'b', 'a', 'a', 'b'])
    expect(countTurns(measurements, 3)).toBe(order.length)
    expect(results.map(({ name, perRun, value }) => [name, perRun, value])).toEqual([
      ['a', [1, 2, 3], 2],
      ['b', [1, 2, 3], 2],
      ['c', [1], 1],
    ])
  })

  it('pass over what lacks a dependency, and say why', async () => {
    const { results, skipped } = await takeTurns({
      measurements: [info('a'), info('b')],
      runs: 1,
      signal: never,
      start: async ({ name }) => {
        if (name === 'a') throw new AivError('E_DEPENDENCY_MISSING', 'it is not installed')
        return async () => ({ values: [1] })
      },
    })
    expect(results.map(({ name }) => name)).toEqual(['b'])
    expect(skipped).toEqual([{ name: 'a', reason: 'it is not installed' }])
  })

  it('name the one that failed', async () => {
    const failing = takeTurns({
      measurements: [info('a')],
      runs: 1,
      signal: never,
      start: async () => async () => {
        throw new AivError('E_INTERNAL', 'two packets are missing')
      },
    })
    await expect(failing).rejects.toMatchObject({ code: 'E_INTERNAL', message: 'a: two packets are missing' })
  })

  it('stop between two runs when they are interrupted', async () => {
    const controller = new AbortController()
    let runs = 0
    const stopped = takeTurns({
      measurements: [info('a')],
      runs: 5,
      signal: controller.signal,
      start: async () => async () => {
        if (++runs === 2) controller.abort(new Error('stop'))
        return { values: [1] }
      },
    })
    await expect(stopped).rejects.toThrow('stop')
    expect(runs).toBe(2)
  })
})

describe('a result', () => {
  it('is best where a rate is largest, and where a time or a weight is smallest', () => {
    const best = (unit: MeasurementInfo['unit']): number =>
      resultOf(info('a', { unit }), [{ values: [3] }, { values: [1] }, { values: [2] }]).best
    expect(['MB/s', 'hellos/s', '/s', 'ratio'].map((unit) => best(unit as 'MB/s'))).toEqual([3, 3, 3, 3])
    expect(['ms', 's', 'MB'].map((unit) => best(unit as 'ms'))).toEqual([1, 1, 1])
  })

  it('quotes the percentile that the measurement names, and adds the medians of other numbers', () => {
    const samples = [
      { values: [1, 2, 3], bytes: 10, fields: { heap: 5 } },
      { values: [4, 100], bytes: 20, fields: { heap: 7 } },
    ]
    expect(resultOf(info('a', { unit: 'ms', quote: 'p99' }), samples)).toMatchObject({
      value: 100,
      p50: 3,
      samples: 5,
      runs: 2,
      perRun: [2, 52],
      bytes: 30,
      heap: 6,
    })
  })
})

describe('a ratio', () => {
  const rates = (name: string, values: readonly number[], processes = 1) =>
    resultOf(
      info(name, { processes }),
      values.map((value) => ({ values: [value] })),
    )

  it('is made run by run', () => {
    const results = [rates('a', [10, 40, 90]), rates('b', [10, 20, 30], 2)]
    const [ratio] = ratioResults([{ name: 'ratio.b', of: 'a', over: 'b' }], results, () => ({ extra: 7 }))
    expect(ratio).toMatchObject({ perRun: [1, 2, 3], value: 2, unit: 'ratio', processes: 2, extra: 7 })
    expect(ratio).toMatchObject({ of: 'a', over: 'b', ratioOfBest: 3 })
  })

  it('does not exist without both of its parts', () => {
    expect(ratioResults([{ name: 'ratio.b', of: 'a', over: 'b' }], [rates('a', [1])])).toEqual([])
  })
})

describe('a choice by name', () => {
  const all = [info('a'), info('b'), info('c', { onlyByName: true })]
  const ratios = [{ name: 'ratio.b', of: 'a', over: 'b' }]
  const chosen = (...only: string[]): string[] => selectByName(only, all, ratios).map(({ name }) => name)

  it('takes all but what is taken by name alone', () => {
    expect([chosen(), chosen('c'), chosen('ratio.b')]).toEqual([['a', 'b'], ['c'], ['a', 'b']])
  })

  it('refuses a name that does not exist', () => {
    expect(() => chosen('d')).toThrow('there is no measurement d')
    expect(() => chosen('constructor')).toThrow('there is no measurement constructor')
  })
})

it('a report for people has a line for each result and each that was skipped', () => {
  const results = [
    resultOf(info('hello.build', { unit: 'ms' }), [{ values: [0.25] }]),
    resultOf(info('hellos', { unit: 'hellos/s' }), [{ values: [12_000] }]),
  ]
  const machine = { node: 'v26', cpu: 'a processor', cores: 2, load: 0.5, loadAfter: 1 }
  const skipped = [{ name: 'quic', reason: 'not installed' }]
  expect(formatReport({ ...machine, results, skipped }, ['of 100 MB']).split('\n')).toEqual([
    'Node v26, 2 x a processor, load 0.5 before and 1 after',
    'of 100 MB',
    'hello.build            0.25 ms        p50 0.25  p95 0.25  p99 0.25  runs 1',
    'hellos                12000 hellos/s  best 12000  runs 1',
    'quic               skipped: not installed',
  ])
})
