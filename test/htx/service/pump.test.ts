import { once } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { pump } from '../../../src/lib/htx/service/pump.ts'
import { turns } from '../../support/file-exchange.ts'

type Callback = (error?: Error | null) => void

/** A writer that says by hand when it is done with a piece, and what it read until then. */
function writer(): { readonly to: Writable; readonly pieces: Uint8Array[]; readonly callbacks: Callback[] } {
  const pieces: Uint8Array[] = []
  const callbacks: Callback[] = []
  const to = new Writable({
    highWaterMark: 1,
    write(piece: Uint8Array, _encoding, callback) {
      pieces.push(piece)
      callbacks.push(callback)
    },
  })
  to.on('error', () => {})
  return { to, pieces, callbacks }
}

const whole = (fill: number): Uint8Array => new Uint8Array(8192).fill(fill)

describe('one direction of a relay', () => {
  it('frees a piece when its own write has succeeded, and not before', async () => {
    const { to, pieces, callbacks } = writer()
    pump(Readable.from([whole(1), whole(2)], { objectMode: false }), to, true)
    await turns(5)
    expect(pieces.map(({ length }) => length)).toEqual([8192])
    callbacks[0]?.()
    await turns(5)
    expect(pieces.map(({ length }) => length)).toEqual([0, 8192])
    callbacks[1]?.()
    await once(to, 'finish')
    expect(pieces.map(({ length }) => length)).toEqual([0, 0])
  })

  it('leaves a piece whose write failed: the system may still read it', async () => {
    const { to, pieces, callbacks } = writer()
    pump(Readable.from([whole(1)], { objectMode: false }), to, true)
    await turns(5)
    callbacks[0]?.(new Error('broken'))
    await turns(5)
    expect(pieces.map(({ length }) => length)).toEqual([8192])
  })

  it('leaves what belongs to others, and parts of a larger piece', async () => {
    const { to, pieces, callbacks } = writer()
    pump(Readable.from([whole(1)], { objectMode: false }), to, false)
    await turns(5)
    callbacks[0]?.()
    const part = writer()
    const larger = new Uint8Array(16_384).fill(7)
    pump(Readable.from([larger.subarray(0, 8192)], { objectMode: false }), part.to, true)
    await turns(5)
    part.callbacks[0]?.()
    await turns(5)
    expect([pieces[0]?.length, larger.length, larger[9000]]).toEqual([8192, 16_384, 7])
  })

  it('waits for a slow writer, and leaves both alone once it is stopped', async () => {
    const { to, pieces, callbacks } = writer()
    const from = Readable.from([whole(1), whole(2), whole(3)], { objectMode: false })
    const stop = pump(from, to, false)
    await turns(5)
    expect(pieces).toHaveLength(1)
    stop()
    callbacks[0]?.()
    await turns(5)
    expect(pieces).toHaveLength(1)
    expect([from.destroyed, to.writableEnded]).toEqual([false, false])
  })

  it('carries an end that came before anybody moved bytes', async () => {
    const { to } = writer()
    const from = Readable.from([], { objectMode: false }).resume()
    await once(from, 'end')
    pump(from, to, false)
    expect(to.writableEnded).toBe(true)
  })
})
