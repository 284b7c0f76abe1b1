import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import { HeldServices, type PeerShare } from '../../../../src/lib/htx/service/resume/held-services.ts'

const KIB = 1024
const PLENTY = { memoryRoom: 2 ** 40 }

/** A service that only holds. */
class Held {
  heldBytes = 0
  isEnded = false
  readonly #share: PeerShare

  constructor(share: PeerShare) {
    this.#share = share
    share.add(this)
  }

  grow(bytes: number, memory = PLENTY): void {
    this.heldBytes += bytes
    this.#share.held(bytes, memory)
  }

  pass(): void {
    this.#share.progressed(this)
  }

  end(): void {
    this.isEnded = true
    this.#share.held(-this.heldBytes, PLENTY)
    this.heldBytes = 0
  }
}

function services(share: PeerShare, count: number): readonly Held[] {
  return Array.from({ length: count }, () => new Held(share))
}

const ended = (all: readonly Held[]): readonly boolean[] => all.map(({ isEnded }) => isEnded)

describe('services that hold more than their peer may', () => {
  it('lose the one that nothing has gone through for the longest time, and of those that hold much', () => {
    const share = new HeldServices(new ManualClock(), 1000 * KIB).share()
    const all = services(share, 4)
    const [working, still, small, last] = all as [Held, Held, Held, Held]
    small.grow(100 * KIB)
    working.grow(400 * KIB)
    still.grow(400 * KIB)
    working.pass()
    last.grow(150 * KIB)
    expect(ended(all)).toEqual([false, true, false, false])
    last.grow(400 * KIB)
    expect(ended(all)).toEqual([false, true, false, true])
    expect(share.heldBytes).toBe(500 * KIB)
  })

  it('lose as many as it takes, and none that has gone already', () => {
    const share = new HeldServices(new ManualClock(), 1000 * KIB).share()
    const all = services(share, 4)
    for (const each of all.slice(0, 3)) each.grow(300 * KIB)
    share.remove(all[0] as Held)
    all[0]?.pass()
    all[3]?.grow(650 * KIB)
    expect(ended(all)).toEqual([false, true, true, false])
  })
})

describe('a process without memory', () => {
  it('takes it from the peer that has the most, once for each count', () => {
    const clock = new ManualClock()
    const held = new HeldServices(clock, 2 ** 40)
    const [large, small] = [held.share(), held.share()]
    const theirs = services(large, 4)
    const [own] = services(small, 1) as [Held]
    for (const each of theirs) each.grow(500 * KIB)
    own.grow(300 * KIB, { memoryRoom: -600 * KIB })
    expect([...ended(theirs), own.isEnded]).toEqual([true, true, false, false, false])
    own.grow(KIB, { memoryRoom: -600 * KIB })
    expect(ended(theirs)).toEqual([true, true, false, false])
    clock.advance(20)
    own.grow(KIB, { memoryRoom: 0 })
    expect(ended(theirs)).toEqual([true, true, true, false])
  })

  it('leaves alone whoever holds little, and peers that are gone', () => {
    const held = new HeldServices(new ManualClock(), 2 ** 40)
    const [gone, small] = [held.share(), held.share()]
    const [theirs] = services(gone, 1) as [Held]
    theirs.grow(900 * KIB)
    held.forget(gone)
    const [own] = services(small, 1) as [Held]
    own.grow(100 * KIB, { memoryRoom: -1 })
    expect([theirs.isEnded, own.isEnded]).toEqual([false, false])
  })
})
