import { describe, expect, it } from 'vitest'
import { concat, fromHex, ManualClock, toHex } from '../../../src/lib/core/index.ts'
import { ProtocolViolation } from '../../../src/lib/htx/codes.ts'
import { MAX_FRAME_DEFAULT } from '../../../src/lib/htx/constants.ts'
import {
  FrameOpener,
  FrameReader,
  FrameSealer,
  UnauthenticatedFrame,
} from '../../../src/lib/htx/frames/index.ts'
import { DirectionKeys } from '../../../src/lib/htx/keys/direction.ts'
import {
  htxVectors,
  type JudgedFrame,
  type RecordedFrame,
  type RecordedSession,
  recordedDirections,
} from '../../support/session-vectors.ts'

const sessions = htxVectors<RecordedSession>('sessions.json')
const judged = htxVectors<JudgedFrame>('malformed.json')?.filter(({ kind }) => kind === 'frame')

const KEY_UPDATE = 3

function of(vector: RecordedSession, direction: 'c' | 's'): readonly RecordedFrame[] {
  return vector.frames.filter((frame) => frame.direction === direction)
}

describe.skipIf(sessions === undefined)('recorded frames', () => {
  describe.each(sessions ?? [])('of $id', (vector) => {
    describe.each(['c', 's'] as const)('direction %s', (direction) => {
      const role = direction === 'c' ? 'client' : 'server'
      const other = direction === 'c' ? 'server' : 'client'

      it('are sealed byte for byte', () => {
        const sealer = new FrameSealer(recordedDirections(vector, role).send, new ManualClock())
        for (const frame of of(vector, direction)) {
          const header = fromHex(frame.header_aad)
          const out: Uint8Array[] = []
          if (header[3] === KEY_UPDATE) {
            sealer.rekey(out)
          } else {
            const plaintext = fromHex(frame.plaintext)
            sealer.seal(header[3] as number, streamIdOf(header), [plaintext], plaintext.length, out)
          }
          expect(toHex(concat(...out)), frame.what).toBe(frame.frame)
        }
      })

      it('are opened, however the link cuts them', () => {
        const wire = concat(...of(vector, direction).map(({ frame }) => fromHex(frame)))
        for (const size of [1, 2, 3, 7, 16, 1000, wire.length]) {
          const opener = new FrameOpener(recordedDirections(vector, other).receive, MAX_FRAME_DEFAULT)
          let opened = 0
          for (let at = 0; at < wire.length; at += size) {
            opener.push(wire.subarray(at, at + size))
            while (opener.next() !== undefined) opened++
          }
          expect(opened).toBe(of(vector, direction).length)
          expect(opener.incomplete).toBe(false)
        }
      })

      it('are not opened after one of them was dropped, repeated or moved', () => {
        const frames = of(vector, direction).map(({ frame }) => fromHex(frame))
        const failsAt = (sequence: readonly (Uint8Array | undefined)[]): number => {
          const opener = new FrameOpener(recordedDirections(vector, other).receive, MAX_FRAME_DEFAULT)
          for (const [index, frame] of sequence.entries()) {
            opener.push(frame as Uint8Array)
            try {
              opener.next()
            } catch (error) {
              expect(error).toBeInstanceOf(UnauthenticatedFrame)
              return index
            }
          }
          return -1
        }
        for (let index = 0; index + 1 < frames.length; index++) {
          expect(failsAt(frames.toSpliced(index, 1))).toBe(index)
          expect(failsAt(frames.toSpliced(index, 0, frames[index] as Uint8Array))).toBe(index + 1)
          expect(
            failsAt(frames.toSpliced(index, 2, frames[index + 1] as Uint8Array, frames[index] as Uint8Array)),
          ).toBe(index)
        }
      })
    })
  })
})

describe.skipIf(judged === undefined)('malformed.json, frame by frame', () => {
  it.each(judged ?? [])('$id: $why', (vector) => {
    const opener = new FrameOpener(keysOf(vector), MAX_FRAME_DEFAULT)
    opener.push(fromHex(vector.frame))
    // The outcomes that need the state of a session are judged in the session's own test.
    if (vector.outcome === 'accept' || vector.outcome === 'CLOSE 0x8005') expect(opener.next()).toBeDefined()
    else if (vector.outcome === 'close') expect(() => opener.next()).toThrow(UnauthenticatedFrame)
    else {
      const closeCode = Number(vector.outcome.replace('CLOSE ', ''))
      expect(() => opener.next()).toThrow(expect.objectContaining({ name: 'ProtocolViolation', closeCode }))
    }
  })

  const byHeader = judged?.filter((vector) => vector.before_decryption === true)
  it.each(byHeader ?? [])('$id is refused by its header alone', (vector) => {
    const header = fromHex(vector.frame)
    const reader = new FrameReader(MAX_FRAME_DEFAULT)
    for (const [at, byte] of header.entries()) {
      reader.push(Uint8Array.of(byte))
      if (at + 1 < header.length) expect(reader.next()).toBeUndefined()
    }
    expect(() => reader.next()).toThrow(ProtocolViolation)
  })

  const byPlaintext = judged?.filter((vector) => vector.before_decryption !== true)
  it.each(byPlaintext ?? [])('$id is decided only after its tag has verified', (vector) => {
    const wire = fromHex(vector.frame)
    wire[wire.length - 1] = (wire[wire.length - 1] as number) ^ 1
    const opener = new FrameOpener(keysOf(vector), MAX_FRAME_DEFAULT)
    opener.push(wire)
    expect(() => opener.next()).toThrow(UnauthenticatedFrame)
  })
})

function keysOf(vector: JudgedFrame): DirectionKeys {
  return DirectionKeys.recorded(
    vector.direction,
    fromHex(vector.key),
    fromHex(vector.nonce_salt),
    vector.counter,
  )
}

/** Straight from RFC 9000 section 16, not from our reader. */
function streamIdOf(header: Uint8Array): number | undefined {
  const bytes = header.subarray(4)
  if (bytes.length === 0) return undefined
  return bytes.reduce((value, byte, at) => value * 256 + (at === 0 ? byte & 0x3f : byte), 0)
}
