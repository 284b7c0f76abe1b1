import { PassThrough, Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PumpPeer, StdioPump } from '../../src/lib/cli/index.ts'
import { AivError } from '../../src/lib/core/index.ts'

/** A remote side that records what it was asked to do. */
class RecordingPeer implements PumpPeer {
  readonly received: Uint8Array[] = []
  finishes = 0
  aborts = 0
  consumedBytes = 0
  accepts = true

  write(chunk: Uint8Array): boolean {
    this.received.push(chunk)
    return this.accepts
  }

  finish(): void {
    this.finishes++
  }

  consumed(bytes: number): void {
    this.consumedBytes += bytes
  }

  abort(): void {
    this.aborts++
  }
}

/** stdout whose reader takes a chunk only when told to. */
class SlowReader extends Writable {
  readonly taken: Uint8Array[] = []
  #next: (() => void) | undefined

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.taken.push(chunk)
    this.#next = done
  }

  async takeAll(): Promise<void> {
    while (this.#next !== undefined) {
      const next = this.#next
      this.#next = undefined
      next()
      await new Promise(setImmediate)
    }
  }
}

function setUp(options: { readonly isTTY?: boolean; readonly signal?: AbortSignal } = {}) {
  const peer = new RecordingPeer()
  const stdin = Object.assign(new PassThrough(), options.isTTY === undefined ? {} : { isTTY: options.isTTY })
  const stdout = new SlowReader()
  const signal = options.signal === undefined ? {} : { signal: options.signal }
  return { peer, stdin, stdout, pump: new StdioPump(peer, { stdin, stdout, ...signal }) }
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('joining stdio to a stream', () => {
  it('ends the sending direction at the end of stdin and goes on receiving', async () => {
    const { peer, stdin, stdout, pump } = setUp()
    stdin.end('question')
    await tick()
    expect(Buffer.concat(peer.received).toString()).toBe('question')
    expect(peer.finishes).toBe(1)
    pump.data([Buffer.from('ans'), Buffer.from('wer')], 6)
    pump.finished()
    await stdout.takeAll()
    expect(await pump.done).toEqual({ sentBytes: 8, receivedBytes: 6 })
    expect(Buffer.concat(stdout.taken).toString()).toBe('answer')
  })

  it('is not over before stdout has taken the last byte', async () => {
    const { stdin, stdout, pump } = setUp()
    stdin.end()
    pump.data([Buffer.from('late')], 4)
    pump.finished()
    let over = false
    void pump.done.then(() => {
      over = true
    })
    await tick()
    expect(over).toBe(false)
    await stdout.takeAll()
    await pump.done
  })

  it('gives credit back only for what stdout has taken, so that a slow reader slows the peer', async () => {
    const { peer, stdout, pump } = setUp()
    pump.data([Buffer.alloc(100)], 100)
    await tick()
    expect(peer.consumedBytes).toBe(0)
    await stdout.takeAll()
    expect(peer.consumedBytes).toBe(100)
  })

  it('stops reading stdin while the peer takes no more, and goes on when it does', async () => {
    const { peer, stdin, pump } = setUp()
    peer.accepts = false
    stdin.write('1')
    await tick()
    stdin.write('2')
    await tick()
    expect(peer.received).toHaveLength(1)
    peer.accepts = true
    pump.writable()
    await tick()
    expect(Buffer.concat(peer.received).toString()).toBe('12')
  })

  it('waits for stdin after the peer has finished, as half-close means', async () => {
    const { peer, stdin, pump } = setUp()
    pump.finished()
    await tick()
    expect(peer.finishes).toBe(0)
    stdin.end('more')
    expect(await pump.done).toEqual({ sentBytes: 4, receivedBytes: 0 })
  })

  it('does not wait for a terminal after the peer has finished', async () => {
    const { peer, pump } = setUp({ isTTY: true })
    pump.finished()
    await pump.done
    expect(peer.finishes).toBe(1)
  })

  it('leaves stdin alone once the peer reads no more', async () => {
    const { peer, stdin, pump } = setUp()
    pump.stopped()
    stdin.write('ignored')
    await tick()
    pump.finished()
    expect(await pump.done).toEqual({ sentBytes: 0, receivedBytes: 0 })
    expect(peer.received).toEqual([])
  })

  it('delivers what had come before the peer was lost, then fails', async () => {
    const { stdout, pump } = setUp()
    pump.data([Buffer.from('rest')], 4)
    pump.fail(new AivError('E_LINK_LOST', 'the link is lost'))
    const failed = expect(pump.done).rejects.toMatchObject({ code: 'E_LINK_LOST' })
    await stdout.takeAll()
    await failed
    expect(Buffer.concat(stdout.taken).toString()).toBe('rest')
  })

  it('drops the peer when it is interrupted, and fails with the reason', async () => {
    const controller = new AbortController()
    const { peer, pump } = setUp({ signal: controller.signal })
    controller.abort(new AivError('E_ABORTED', 'interrupted'))
    await expect(pump.done).rejects.toMatchObject({ code: 'E_ABORTED' })
    expect(peer.aborts).toBe(1)
  })

  it('drops the peer at once when it was interrupted before it began', async () => {
    const { peer, pump } = setUp({ signal: AbortSignal.abort(new AivError('E_ABORTED', 'interrupted')) })
    await expect(pump.done).rejects.toMatchObject({ code: 'E_ABORTED' })
    expect(peer.aborts).toBe(1)
  })

  it.each([
    ['EPIPE', 'E_ABORTED'],
    ['ENOSPC', 'E_IO'],
  ])('drops the peer when stdout fails with %s', async (code, expected) => {
    const { peer, stdout, pump } = setUp()
    stdout.destroy(Object.assign(new Error(code), { code }))
    await expect(pump.done).rejects.toMatchObject({ code: expected })
    expect(peer.aborts).toBe(1)
  })

  it('fails when the stream refuses what stdin brings', async () => {
    const { peer, stdin, pump } = setUp()
    peer.write = () => {
      throw new AivError('E_STREAM_RESET', 'the stream is no longer open for writing')
    }
    stdin.write('x')
    await expect(pump.done).rejects.toMatchObject({ code: 'E_STREAM_RESET' })
  })

  it('loses no byte in either direction, however the chunks fall', async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 64 }), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(chunks, chunks, async (sent, delivered) => {
        const { peer, stdin, stdout, pump } = setUp()
        for (const chunk of sent) stdin.write(chunk)
        stdin.end()
        for (const chunk of delivered) {
          pump.data([chunk], chunk.length)
          await stdout.takeAll()
        }
        pump.finished()
        await pump.done
        expect(Buffer.concat(peer.received)).toEqual(Buffer.concat(sent))
        expect(Buffer.concat(stdout.taken)).toEqual(Buffer.concat(delivered))
      }),
      { numRuns: 50 },
    )
  })
})
