import { describe, expect, it } from 'vitest'
import { Newcomers } from '../../src/lib/link/socket/newcomers.ts'

function crowd(total: number, perPrefix: number) {
  const newcomers = new Newcomers({ total, perPrefix })
  const evicted: string[] = []
  return { evicted, enter: (address: string) => newcomers.enter(address, () => evicted.push(address)) }
}

describe('newcomers', () => {
  it('beyond the limit of their prefix push out its oldest, and nobody else', () => {
    const { enter, evicted } = crowd(100, 2)
    for (const address of ['198.51.100.1:1', '192.0.2.1:1', '192.0.2.2:2', '192.0.2.3:3', '192.0.2.4:4'])
      enter(address)
    expect(evicted).toEqual(['192.0.2.1:1', '192.0.2.2:2'])
  })

  it('beyond the limit of all push out the oldest of the fullest prefix', () => {
    const { enter, evicted } = crowd(4, 3)
    for (const address of [
      '198.51.100.1:1',
      '192.0.2.1:1',
      '192.0.2.2:2',
      '[2001:db8::1]:1',
      '203.0.113.1:1',
    ])
      enter(address)
    expect(evicted).toEqual(['192.0.2.1:1'])
  })

  it('leave their place to others, once', () => {
    const { enter, evicted } = crowd(2, 2)
    const leave = enter('192.0.2.1:1')
    enter('192.0.2.2:2')
    leave()
    leave()
    enter('192.0.2.3:3')
    expect(evicted).toEqual([])
    enter('192.0.2.4:4')
    expect(evicted).toEqual(['192.0.2.2:2'])
  })

  it('that were pushed out have left: leaving afterwards frees nothing', () => {
    const { enter, evicted } = crowd(1, 1)
    const leave = enter('192.0.2.1:1')
    enter('192.0.2.2:2')
    leave()
    enter('192.0.2.3:3')
    expect(evicted).toEqual(['192.0.2.1:1', '192.0.2.2:2'])
  })

  it('may leave while they are pushed out', () => {
    const newcomers = new Newcomers({ total: 1, perPrefix: 1 })
    let evictions = 0
    const leave: () => void = newcomers.enter('192.0.2.1:1', () => {
      evictions++
      leave()
    })
    newcomers.enter('192.0.2.2:2', () => evictions++)
    expect(evictions).toBe(1)
  })
})
