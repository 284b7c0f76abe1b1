/** When the memory of what was written goes back. */
import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import { SessionDriver } from '../../../src/lib/htx/endpoint/session-driver.ts'
import { Session } from '../../../src/lib/htx/session/index.ts'
import type { Link } from '../../../src/lib/link/index.ts'
import { directionsFor } from '../../support/session-keys.ts'
import { ALL_FEATURES, PARAMETERS } from '../../support/session-pair.ts'

/** A link that takes what it is told to take. */
function slowLink(copies: boolean): Link & {
  queuedBytes: number
  takenBytes: number
  readonly written: Uint8Array[]
  take(bytes: number): void
} {
  const written: Uint8Array[] = []
  return {
    kind: 'tcp',
    copies,
    localAddress: 'here',
    remoteAddress: 'there',
    queuedBytes: 0,
    takenBytes: 0,
    take(bytes) {
      this.queuedBytes -= bytes
      this.takenBytes += bytes
    },
    lowWaterMark: 0,
    written,
    attach: () => {},
    pause: () => {},
    resume: () => {},
    end: () => {},
    close: () => {},
    abort: () => {},
    write(chunks) {
      for (const chunk of chunks) {
        written.push(chunk)
        this.queuedBytes += chunk.length
      }
    },
  }
}

/** Three large frames that the link has been given, each in its turn, and has not taken. */
function written(copies: boolean) {
  const clock = new ManualClock()
  const link = slowLink(copies)
  const driver = new SessionDriver(link, clock, () => {})
  const session = new Session(
    {
      role: 'client',
      clock,
      random: new SeededRandom(1),
      directions: directionsFor('client', 1),
      local: PARAMETERS,
      remote: PARAMETERS,
      features: ALL_FEATURES,
      initialPing: false,
    },
    { stream: () => {}, output: () => driver.wake(), end: () => {}, linkDone: () => driver.linkDone() },
  )
  driver.start(session, new Uint8Array(0))
  const stream = session.openStream()
  for (let i = 0; i < 3; i++) {
    stream.write(new Uint8Array(60_000).fill(7))
    driver.drain()
  }
  const ciphertext = link.written.filter(({ length }) => length >= 60_000)
  expect(ciphertext.length).toBe(3)
  return { link, driver, ciphertext }
}

describe('what a link has copied', () => {
  it('is freed once the link has taken all of a batch, and not before', () => {
    const { link, driver, ciphertext } = written(true)
    link.take(100)
    driver.drain()
    expect(ciphertext.every(({ length }) => length > 0)).toBe(true)
    link.take(link.queuedBytes - 1)
    driver.drain()
    expect(ciphertext.map(({ length }) => length > 0)).toEqual([false, false, true])
    link.take(1)
    driver.drain()
    expect(ciphertext.map(({ length }) => length)).toEqual([0, 0, 0])
  })

  it('is never freed on a link that hands its arrays on', () => {
    const { link, driver, ciphertext } = written(false)
    link.take(link.queuedBytes)
    driver.drain()
    expect(ciphertext.every(({ length }) => length > 0)).toBe(true)
  })

  it('is left alone when the link breaks: its queue is empty then, but nothing was taken', () => {
    const { link, driver, ciphertext } = written(true)
    link.queuedBytes = 0
    driver.drain()
    expect(ciphertext.every(({ length }) => length > 0)).toBe(true)
  })

  it('is left to the collector when the link ends before it took it', () => {
    const { link, driver, ciphertext } = written(true)
    driver.close()
    link.take(link.queuedBytes)
    driver.drain()
    expect(ciphertext.every(({ length }) => length > 0)).toBe(true)
  })
})
