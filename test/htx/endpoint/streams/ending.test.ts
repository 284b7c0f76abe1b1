import { once } from 'node:events'
import { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import type { HtxStream } from '../../../../src/lib/htx/index.ts'
import { turns, until } from '../endpoints.ts'
import { bytesOf, errorOf, pair, quiet } from './pair.ts'

describe('destroying a stream', () => {
  it('is a reset for the peer, with the code', async () => {
    const { stream } = await pair()
    for (const [destroy, name] of [
      [(ours: HtxStream) => ours.destroy(), 'CANCELLED'],
      [(ours: HtxStream) => ours.abort(CODE.CONNECT_FAILED), 'CONNECT_FAILED'],
      [(ours: HtxStream) => ours.abort(0x1234), '0x1234'],
    ] as const) {
      const { ours, theirs } = await stream()
      const failed = errorOf(theirs)
      destroy(ours)
      expect(await failed).toMatchObject({ code: 'E_STREAM_RESET', message: expect.stringContaining(name) })
      expect([ours.destroyed, theirs.destroyed, ours.errored]).toEqual([true, true, null])
    }
  })

  it('with an error gives that error here, and a reset there', async () => {
    const { stream } = await pair()
    const { ours, theirs } = await stream()
    const failures = [errorOf(ours), errorOf(theirs)]
    const reason = new Error('mine')
    ours.destroy(reason)
    expect(await failures[0]).toBe(reason)
    expect(await failures[1]).toMatchObject({ code: 'E_STREAM_RESET' })
  })

  it('delivers nothing any more, and closes once', async () => {
    const { stream } = await pair()
    const { ours, theirs } = await stream()
    let data = 0
    let closes = 0
    theirs.on('close', () => closes++)
    theirs.on('data', () => {
      data++
      theirs.destroy()
    })
    for (let i = 0; i < 50; i++) ours.write(Buffer.alloc(30_000))
    await until(() => closes > 0, 'the close')
    await turns(20)
    expect([data, closes]).toEqual([1, 1])
  })

  it('before its first byte leaves the peer in peace', async () => {
    const accepted: HtxStream[] = []
    const { client, server } = await pair({ onStream: (stream) => accepted.push(quiet(stream)) })
    for (let i = 0; i < 20; i++) client.openStream().destroy()
    expect(await client.ping()).toBeGreaterThanOrEqual(0)
    expect([accepted.length, client.streamCount, server.streamCount]).toEqual([0, 0, 0])
  })

  it('returns its unread bytes to the session, so that others go on', async () => {
    const accepted: HtxStream[] = []
    const { client } = await pair({
      onStream: (stream) => accepted.push(quiet(stream)),
      parameters: { streamWindow: 100_000, sessionWindow: 200_000 },
    })
    // Two streams nobody reads use up the window of the whole session.
    for (let i = 0; i < 2; i++)
      client
        .openStream()
        .on('error', () => {})
        .write(Buffer.alloc(100_000))
    await until(() => accepted.length === 2, 'two streams')
    await turns(50)
    quiet(client.openStream()).write('hello')
    await until(() => accepted.length === 3, 'the third')
    let got = ''
    accepted[2]?.on('data', (chunk: Buffer) => {
      got += String(chunk)
    })
    await turns(50)
    expect(got).toBe('')
    accepted[0]?.destroy()
    await until(() => got === 'hello', 'the data of the third stream')
  })

  it('by a failing pipeline tells the peer', async () => {
    const { stream } = await pair()
    const { ours, theirs } = await stream()
    const failed = errorOf(theirs)
    const source = new Readable({ read() {} })
    const piping = pipeline(source, ours)
    source.push('some')
    await turns(5)
    source.destroy(new Error('source failed'))
    await expect(piping).rejects.toThrow('source failed')
    expect(await failed).toMatchObject({ code: 'E_STREAM_RESET' })
  })
})

describe('a peer that reads no more', () => {
  it('is told by an event, and what is still written goes nowhere without an error', async () => {
    const { stream } = await pair()
    const { ours, theirs } = await stream()
    const codes: number[] = []
    ours.on('stopped', (code: number) => codes.push(code))
    theirs.stopReading(CODE.CONNECT_FAILED)
    await until(() => codes.length > 0, 'the event')
    expect(codes).toEqual([CODE.CONNECT_FAILED])
    for (let i = 0; i < 20; i++)
      await new Promise<void>((resolve, reject) =>
        ours.write('x', (error) => (error ? reject(error) : resolve())),
      )
    const answer = bytesOf(ours)
    ours.end()
    theirs.end('still here')
    expect(String(await answer)).toBe('still here')
    await finished(ours)
    await finished(theirs)
    expect([ours.errored, theirs.errored]).toEqual([null, null])
  })

  it('fails the next write of who does not listen for it', async () => {
    const { stream } = await pair()
    const { ours, theirs } = await stream()
    theirs.stopReading()
    await turns(20)
    expect(ours.destroyed).toBe(false)
    const failed = errorOf(ours)
    ours.write('x')
    expect(await failed).toMatchObject({
      code: 'E_STREAM_RESET',
      message: expect.stringContaining('stopped reading'),
    })
  })

  it('fails a write that waits for credit', async () => {
    const { stream } = await pair({ parameters: { streamWindow: 10_000 } })
    const { ours, theirs } = await stream()
    const failed = errorOf(ours)
    ours.write(Buffer.alloc(4_000_000))
    await turns(20)
    theirs.stopReading()
    expect(await failed).toMatchObject({ code: 'E_STREAM_RESET' })
  })

  it('sees its own reading side end at once', async () => {
    const { stream } = await pair()
    const { ours, theirs } = await stream()
    ours.on('stopped', () => {})
    ours.write(Buffer.alloc(50_000))
    await turns(10)
    const ended = once(theirs, 'end')
    theirs.stopReading()
    theirs.stopReading()
    await ended
    theirs.resume()
    expect(theirs.writable).toBe(true)
  })
})
