/** Places for looking up names: bounded, and given to peers in turn. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairTurns } from '../../../../../src/lib/htx/service/forward/names/fair-turns.ts'
import { failureOf } from '../../../../support/file-exchange.ts'
import { turns } from '../../../endpoint/endpoints.ts'

/** Work that ends when it is told to, and the order in which it began. */
function works(limits: ConstructorParameters<typeof FairTurns>[0]) {
  const fair = new FairTurns(limits)
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const begin = (peer: string, name: string, signal = new AbortController().signal): Promise<void> =>
    fair.run(peer, signal, async () => {
      begun.push(name)
      await new Promise<void>((resolve) => ends.set(name, resolve))
    })
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.()
    await turns(3)
  }
  return { begin, begun, end }
}

describe('places', () => {
  it('are not all taken by one peer', async () => {
    const { begin, begun } = works({ atOnce: 3, perPeer: 2, waitingPerPeer: 9 })
    for (const name of ['a1', 'a2', 'a3']) void begin('a', name)
    void begin('b', 'b1')
    await turns(3)
    expect(begun).toEqual(['a1', 'a2', 'b1'])
  })

  it('go round among the peers that wait, however long their lines are', async () => {
    const { begin, begun, end } = works({ atOnce: 1, perPeer: 1, waitingPerPeer: 9 })
    for (const name of ['a1', 'a2', 'a3', 'a4']) void begin('a', name)
    for (const name of ['b1', 'b2']) void begin('b', name)
    void begin('c', 'c1')
    await turns(3)
    for (const name of ['a1', 'a2', 'b1', 'c1', 'a3', 'b2']) await end(name)
    expect(begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4'])
  })

  it('are refused to a peer that has too many waiting, and to nobody else', async () => {
    const { begin, begun } = works({ atOnce: 2, perPeer: 1, waitingPerPeer: 1 })
    void begin('a', 'a1')
    void begin('a', 'a2')
    expect(await failureOf(begin('a', 'a3'))).toMatch(/^E_SERVICE_REFUSED: too many/)
    void begin('b', 'b1')
    await turns(3)
    expect(begun).toEqual(['a1', 'b1'])
  })

  it('are not given to those who gave up', async () => {
    const { begin, begun, end } = works({ atOnce: 1, perPeer: 1, waitingPerPeer: 1 })
    const over = new AbortController()
    void begin('a', 'a1')
    const given = failureOf(begin('b', 'b1', over.signal))
    over.abort()
    expect(await given).toMatch(/^E_ABORTED/)
    expect(await failureOf(begin('b', 'b2', over.signal))).toMatch(/^E_ABORTED/)
    void begin('c', 'c1')
    await turns(3)
    await end('a1')
    expect(begun).toEqual(['a1', 'c1'])
  })

  it('are free again when the work fails', async () => {
    const fair = new FairTurns({ atOnce: 1, perPeer: 1, waitingPerPeer: 1 })
    const { signal } = new AbortController()
    await expect(fair.run('a', signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await fair.run('b', signal, async () => 1)).toBe(1)
  })

  it('are never more than there are, and everybody gets one in the end', async () => {
    const asks = fc.array(fc.record({ peer: fc.constantFrom('a', 'b', 'c', 'd'), givesUp: fc.boolean() }), {
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(
        asks,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        async (all, atOnce, perPeer) => {
          const fair = new FairTurns({ atOnce, perPeer, waitingPerPeer: 40 })
          const working = new Map<string, number>()
          let served = 0
          const results = all.map(async ({ peer, givesUp }) => {
            const over = new AbortController()
            const result = fair.run(peer, over.signal, async () => {
              working.set(peer, (working.get(peer) ?? 0) + 1)
              expect(working.get(peer)).toBeLessThanOrEqual(perPeer)
              expect([...working.values()].reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(atOnce)
              await turns(1)
              working.set(peer, (working.get(peer) as number) - 1)
              served++
            })
            if (givesUp) over.abort()
            await result.catch((error: unknown) => expect(String(error)).toContain('nobody waits'))
          })
          await Promise.all(results)
          expect(served).toBeGreaterThanOrEqual(all.filter(({ givesUp }) => !givesUp).length)
        },
      ),
      { numRuns: 50 },
    )
  })
})
