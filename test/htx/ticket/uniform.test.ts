/** The check of a site that answers everybody: the same outcome as the plain check, and the same work for all. */
import { describe, expect, it } from 'vitest'
import { AivError, concat, ManualClock } from '../../../src/lib/core/index.ts'
import { REPLAY_SCHEMA } from '../../../src/lib/htx/ticket/index.ts'
import { openMemoryStore, type Store } from '../../../src/lib/storage/index.ts'
import { from, HOUR_MS, HOUR_START_MS, ticketOffice } from './tickets.ts'

/** A store that counts its round trips and what they wrote. */
async function countingStore(): Promise<{ store: Store; trips: () => number; writes: () => number }> {
  const store = await openMemoryStore(REPLAY_SCHEMA)
  let [trips, writes] = [0, 0]
  const batch: Store['batch'] = async (ops, conditions) => {
    trips++
    const done = await store.batch(ops, conditions)
    if (done) writes++
    return done
  }
  const counting = new Proxy(store, {
    get: (target, name) => {
      if (name === 'batch') return batch
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { store: counting, trips: () => trips, writes: () => writes }
}

describe('the uniform check', () => {
  it('accepts a ticket once, and says what is wrong with others', async () => {
    const { verifier, ticket } = await ticketOffice()
    const made = ticket()
    const check = (payload?: Uint8Array): Promise<string> => verifier.checkUniformly(payload, from('a'))
    expect(await check(made)).toBe('accepted')
    expect(await check(made)).toBe('replayed')
    expect(await check()).toBe('absent')
    expect(await check(made.subarray(0, 100))).toBe('malformed')
    expect(await check(ticket(-2 * HOUR_MS))).toBe('not-genuine')
    const stranger = concat(made.subarray(0, 33), new Uint8Array(8), made.subarray(41))
    expect(await check(stranger)).toBe('unknown-key')
    const smallOrder = concat(made.subarray(0, 1), new Uint8Array(32), made.subarray(33))
    expect(await check(smallOrder)).toBe('not-genuine')
    expect(await verifier.checkUniformly(ticket(), from('a', [2]))).toBe('malformed')
  })

  it('asks the store once whatever it is given, and writes for genuine new tickets only', async () => {
    const { store, trips, writes } = await countingStore()
    const { verifier, ticket } = await ticketOffice({ store })
    // The first of all brings the stand-in's own entry.
    await verifier.checkUniformly(undefined, from('a'))
    const [tripsBefore, writesBefore] = [trips(), writes()]
    expect(writesBefore).toBe(1)
    const made = ticket()
    const payloads = [undefined, new Uint8Array(3), ticket(-2 * HOUR_MS), made, made, undefined]
    for (const [index, payload] of payloads.entries()) {
      await verifier.checkUniformly(payload, from('a'))
      expect(trips() - tripsBefore, `payload ${index}`).toBe(index + 1)
    }
    expect(writes() - writesBefore).toBe(1)
  })

  it('keeps its entry alive through the hours and through a clock that is set', async () => {
    const { store, trips, writes } = await countingStore()
    const clock = new ManualClock(HOUR_START_MS)
    const { verifier } = await ticketOffice({ store, clock })
    const jumps = [0, 1, 1, 1, 1, 1, 1, 24, -24, -3, 1]
    for (const hours of jumps) {
      clock.jumpWall(hours * HOUR_MS)
      await verifier.checkUniformly(undefined, from('a'))
      const [tripsBefore, writesBefore] = [trips(), writes()]
      await verifier.checkUniformly(undefined, from('a'))
      expect([trips() - tripsBefore, writes() - writesBefore], `after ${hours} h`).toEqual([1, 0])
    }
  })

  it('takes nothing from the rates for those who bring no ticket', async () => {
    const one = { capacity: 1, refillPerSecond: 0 }
    const rates = { prefix: one, global: { capacity: 2, refillPerSecond: 0 }, prefixes: 10 }
    const { verifier, ticket } = await ticketOffice({ rates })
    const check = (payload: Uint8Array | undefined, prefix: string): Promise<string> =>
      verifier.checkUniformly(payload, from(prefix))
    for (let i = 0; i < 20; i++) expect(await check(undefined, 'a')).toBe('absent')
    expect(await check(ticket(), 'a')).toBe('accepted')
    expect(await check(ticket(), 'a')).toBe('rate-limited')
    expect(await check(ticket(), 'b')).toBe('accepted')
    expect(await check(ticket(), 'c')).toBe('rate-limited')
  })

  it('says so when the store fails, and works again afterwards', async () => {
    const store = await openMemoryStore(REPLAY_SCHEMA)
    let broken = true
    const failing = new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (name === 'batch' && broken)
          return async () => {
            throw new AivError('E_STORE', 'the disk is gone')
          }
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const { verifier, ticket } = await ticketOffice({ store: failing })
    await expect(verifier.checkUniformly(undefined, from('a'))).rejects.toThrow('the disk is gone')
    await expect(verifier.checkUniformly(ticket(), from('a'))).rejects.toThrow('the disk is gone')
    broken = false
    expect(await verifier.checkUniformly(undefined, from('a'))).toBe('absent')
    expect(await verifier.checkUniformly(ticket(), from('a'))).toBe('accepted')
  })
})
