/** Whose memory frames lie in, and when it goes back. */
import { describe, expect, it } from 'vitest'
import { concat, ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import { type Frame, FrameOpener, FrameSealer } from '../../../src/lib/htx/frames/index.ts'
import { directionsFor } from '../../support/session-keys.ts'

const MAX_FRAME = 65_535
const STREAM = 0

/** Sealed STREAM frames with these data, each in an array of its own. */
function sealed(...data: readonly Uint8Array[]): Uint8Array[] {
  const sealer = new FrameSealer(directionsFor('client', 5).send, new ManualClock())
  return data.map((bytes) => {
    const out: Uint8Array[] = []
    sealer.seal(STREAM, 1, [Uint8Array.of(0), bytes], bytes.length + 1, out)
    return concat(...out)
  })
}

function opener(ownsChunks: boolean): FrameOpener {
  return new FrameOpener(directionsFor('server', 5).receive, MAX_FRAME, ownsChunks)
}

function dataOf(frame: Frame | undefined): Uint8Array {
  if (frame?.kind !== 'stream') throw new Error('not a STREAM frame')
  return concat(...frame.data)
}

const random = new SeededRandom(8)

describe('data of a frame', () => {
  it('fills a buffer of its own when it is large, so that whoever takes it can free that', () => {
    const bytes = random.bytes(60_000)
    const open = opener(false)
    for (const chunk of sealed(bytes)) open.push(chunk)
    const frame = open.next()
    if (frame?.kind !== 'stream') throw new Error('not a STREAM frame')
    expect(frame.data.map((part) => [part.length, part.buffer.byteLength])).toEqual([[60_000, 60_000]])
    expect(frame.data[0]).toEqual(bytes)
  })

  it.each([1, 4095, 4096, 8190, 8191, 8192, 8193, 65_534])('of %d bytes arrives whole', (length) => {
    const bytes = random.bytes(length)
    const open = opener(true)
    for (const chunk of sealed(bytes)) open.push(chunk)
    expect(dataOf(open.next())).toEqual(bytes)
  })
})

describe('what was received', () => {
  it('is freed once its frames are open, when it belongs to the session', () => {
    const open = opener(true)
    const chunks = sealed(random.bytes(20_000), random.bytes(20_000))
    const [first, second] = chunks as [Uint8Array, Uint8Array]
    open.push(first)
    open.push(second)
    open.next()
    expect([first.length, second.length > 0]).toEqual([0, true])
    open.next()
    expect(second.length).toBe(0)
  })

  it('is kept while a part of it waits', () => {
    const data = [random.bytes(20_000), random.bytes(20_000), random.bytes(20_000)]
    const wire = concat(...sealed(...data))
    const open = opener(true)
    // The borders of the chunks are not those of the frames.
    const chunks = [wire.slice(0, 30_000), wire.slice(30_000, 45_000), wire.slice(45_000)]
    const received: Uint8Array[] = []
    for (const chunk of chunks) {
      open.push(chunk)
      for (let frame = open.next(); frame !== undefined; frame = open.next()) received.push(dataOf(frame))
    }
    expect(received).toEqual(data)
    expect(chunks.map(({ length }) => length)).toEqual([0, 0, 0])
  })

  it('is left alone when others may still read it', () => {
    const open = opener(false)
    const [chunk] = sealed(random.bytes(20_000)) as [Uint8Array]
    const before = chunk.slice()
    open.push(chunk)
    open.next()
    expect(chunk).toEqual(before)
  })
})
