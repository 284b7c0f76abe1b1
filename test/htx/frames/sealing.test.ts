import { describe, expect, it } from 'vitest'
import { concat, ManualClock, u32, utf8 } from '../../../src/lib/core/index.ts'
import { ProtocolViolation } from '../../../src/lib/htx/codes.ts'
import { REKEY } from '../../../src/lib/htx/constants.ts'
import {
  FrameOpener,
  FrameSealer,
  type RekeyThresholds,
  UnauthenticatedFrame,
} from '../../../src/lib/htx/frames/index.ts'
import type { DirectionKeys } from '../../../src/lib/htx/keys/direction.ts'
import { directionsFor } from '../../support/session-keys.ts'

const NEVER: RekeyThresholds = {
  bytes: Number.POSITIVE_INFINITY,
  frames: Number.POSITIVE_INFINITY,
  ms: Number.POSITIVE_INFINITY,
}
const STREAM = 0
const KEY_UPDATE = 3

const sendKeys = (): DirectionKeys => directionsFor('client', 5).send
const receiveKeys = (): DirectionKeys => directionsFor('server', 5).receive

function seal(sealer: FrameSealer, text = 'data'): Uint8Array {
  const out: Uint8Array[] = []
  const plaintext = concat(Uint8Array.of(0), utf8(text))
  sealer.seal(STREAM, 1, [plaintext], plaintext.length, out)
  return concat(...out)
}

function rekey(sealer: FrameSealer): Uint8Array {
  const out: Uint8Array[] = []
  sealer.rekey(out)
  return concat(...out)
}

function opener(...frames: readonly Uint8Array[]): FrameOpener {
  const open = new FrameOpener(receiveKeys(), 65_535)
  for (const frame of frames) open.push(frame)
  return open
}

describe('a sender rekeys (section 4.3)', () => {
  it('after 8 GiB, 65,536 frames or an hour, whichever comes first', () => {
    expect(REKEY).toEqual({ bytes: 8 * 2 ** 30, frames: 2 ** 16, ms: 3_600_000 })
  })

  it('when the frames since the last key reach the threshold, and counts anew afterwards', () => {
    const sealer = new FrameSealer(sendKeys(), new ManualClock(), { ...NEVER, frames: 3 })
    for (let round = 0; round < 3; round++) {
      for (let frame = 0; frame < 3; frame++) {
        expect(sealer.rekeyDue).toBe(false)
        seal(sealer)
      }
      expect(sealer.rekeyDue).toBe(true)
      rekey(sealer)
    }
    expect(sealer.rekeys).toBe(3)
  })

  it('when the frame bytes since the last key reach the threshold: header, ciphertext and tag', () => {
    const frameBytes = 5 + 5 + 16
    const sealer = new FrameSealer(sendKeys(), new ManualClock(), { ...NEVER, bytes: 2 * frameBytes })
    seal(sealer)
    expect(sealer.rekeyDue).toBe(false)
    seal(sealer)
    expect(sealer.rekeyDue).toBe(true)
    rekey(sealer)
    expect(sealer.rekeyDue).toBe(false)
  })

  it('when the time since the last key reaches the threshold', () => {
    const clock = new ManualClock()
    const sealer = new FrameSealer(sendKeys(), clock, { ...NEVER, ms: 1_000 })
    clock.advance(999)
    expect(sealer.rekeyDue).toBe(false)
    clock.advance(1)
    expect(sealer.rekeyDue).toBe(true)
    rekey(sealer)
    clock.advance(999)
    expect(sealer.rekeyDue).toBe(false)
  })
})

describe('a receiver', () => {
  it('follows each KEY_UPDATE at once and in order', () => {
    const sealer = new FrameSealer(sendKeys(), new ManualClock(), NEVER)
    const wire: Uint8Array[] = []
    for (let round = 0; round < 5; round++) wire.push(seal(sealer), rekey(sealer), rekey(sealer))
    const open = opener(...wire, seal(sealer))
    const kinds = Array.from({ length: 16 }, () => open.next()?.kind)
    expect(kinds.filter((kind) => kind === 'key-update').length).toBe(10)
    expect(kinds.filter((kind) => kind === 'stream').length).toBe(6)
    expect(open.next()).toBeUndefined()
  })

  it('opens no frame under the old key after KEY_UPDATE', () => {
    const stale = new FrameSealer(sendKeys(), new ManualClock(), NEVER)
    const sealer = new FrameSealer(sendKeys(), new ManualClock(), NEVER)
    const update = rekey(sealer)
    seal(stale)
    const open = opener(update, seal(stale))
    expect(open.next()?.kind).toBe('key-update')
    expect(() => open.next()).toThrow(UnauthenticatedFrame)
  })

  it('refuses a KEY_UPDATE to any generation but the next', () => {
    for (const generation of [0, 2, 0xffffffff]) {
      const out: Uint8Array[] = []
      new FrameSealer(sendKeys(), new ManualClock(), NEVER).seal(
        KEY_UPDATE,
        undefined,
        [u32(generation)],
        4,
        out,
      )
      expect(() => opener(...out).next()).toThrow(expect.objectContaining({ closeCode: 7 }))
    }
  })

  it('opens nothing in which any one bit was flipped, in header, ciphertext or tag', () => {
    const wire = seal(new FrameSealer(sendKeys(), new ManualClock(), NEVER), 'some plaintext')
    const next = seal(new FrameSealer(sendKeys(), new ManualClock(), NEVER), 'the next frame')
    const outcomes = { unauthenticated: 0, malformed: 0, waiting: 0 }
    for (let bit = 0; bit < wire.length * 8; bit++) {
      const bad = wire.slice()
      bad[bit >>> 3] = (bad[bit >>> 3] as number) ^ (1 << (bit & 7))
      const open = opener(bad, next)
      try {
        expect(open.next()).toBeUndefined()
        outcomes.waiting++
      } catch (error) {
        if (error instanceof UnauthenticatedFrame) outcomes.unauthenticated++
        else {
          expect(error).toBeInstanceOf(ProtocolViolation)
          outcomes.malformed++
        }
      }
    }
    // Only a flip in the length or the stream id can make a receiver wait for more bytes.
    expect(outcomes.waiting).toBeLessThanOrEqual(24 + 8)
    expect(outcomes.unauthenticated).toBeGreaterThanOrEqual((wire.length - 5) * 8)
    expect(outcomes.malformed).toBeGreaterThan(0)
  })

  it('hands out nothing after a frame that did not authenticate', () => {
    const sealer = new FrameSealer(sendKeys(), new ManualClock(), NEVER)
    const bad = seal(sealer)
    bad[bad.length - 1] = (bad[bad.length - 1] as number) ^ 1
    const open = opener(bad, seal(sealer))
    expect(() => open.next()).toThrow(UnauthenticatedFrame)
    expect(open.next()).toBeUndefined()
  })
})
