import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import { FinishedIds, type FinishedService } from '../../../../src/lib/htx/service/resume/finished-ids.ts'

function of(peer: string): FinishedService {
  return { peer, service: 'echo', sent: 1, received: 2 }
}

describe('finished services', () => {
  it('of one peer push out its own oldest and none of another', () => {
    const ids = new FinishedIds(new ManualClock(), 3, 100)
    ids.add('mine', of('me'))
    for (let i = 0; i < 5; i++) ids.add(`theirs ${i}`, of('them'))
    expect(ids.find('mine')).toMatchObject({ peer: 'me', sent: 1, received: 2 })
    expect([0, 1, 2, 3, 4].map((i) => ids.find(`theirs ${i}`) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ])
  })

  it('give way to a peer that has none when there are as many as may be', () => {
    const ids = new FinishedIds(new ManualClock(), 3, 4)
    for (const key of ['a', 'b', 'c']) ids.add(key, of('them'))
    ids.add('mine', of('me'))
    ids.add('new', of('somebody'))
    expect(['a', 'b', 'mine', 'new'].map((key) => ids.find(key)?.peer)).toEqual([
      undefined,
      'them',
      'me',
      'somebody',
    ])
    // Whoever has some makes room itself.
    ids.add('newer', of('somebody'))
    expect(['b', 'mine', 'new', 'newer'].map((key) => ids.find(key)?.peer)).toEqual([
      'them',
      'me',
      undefined,
      'somebody',
    ])
  })

  it('are forgotten after five minutes', () => {
    const clock = new ManualClock()
    const ids = new FinishedIds(clock)
    ids.add('mine', of('me'))
    clock.advance(299_999)
    expect(ids.find('mine')).toBeDefined()
    clock.advance(1)
    expect(ids.find('mine')).toBeUndefined()
  })
})
