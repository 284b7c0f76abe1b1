import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import {
  acceptService,
  type HtxSession,
  type HtxStream,
  openRawService,
  openService,
  refusal,
} from '../../../../src/lib/htx/index.ts'
import { connectTo, elapse, START_MS, startListener, until } from '../endpoints.ts'

function quiet(stream: HtxStream): HtxStream {
  return stream.on('error', () => {})
}

describe('services', () => {
  interface Serving {
    readonly client: HtxSession
    readonly server: HtxSession
    readonly clock: ManualClock
    /** What the operator was told. */
    readonly failed: string[]
  }

  async function serving(services: Parameters<typeof acceptService>[2]['services']): Promise<Serving> {
    const clock = new ManualClock(START_MS)
    const failed: string[] = []
    const running = await startListener({
      clock,
      onStream: (stream, session) =>
        void acceptService(stream, session, {
          clock,
          services,
          onError: (error, service) => failed.push(`${service}: ${error.message}`),
        }),
    })
    const client = await connectTo(running)
    await until(() => running.sessions.length === 1, 'the session')
    return { client, server: running.sessions[0] as HtxSession, clock, failed }
  }

  it('that are not offered are refused by name, and leave nothing behind', async () => {
    const { client, server } = await serving({})
    for (let i = 0; i < 300; i++)
      await expect(openService(client, 'nothing')).rejects.toMatchObject({
        code: 'E_SERVICE_REFUSED',
        message: expect.stringContaining('nothing is not offered'),
      })
    await until(() => client.streamCount === 0 && server.streamCount === 0, 'the ends')
  })

  it('are refused cleanly to a client that has already sent a lot', async () => {
    const { client, server } = await serving({})
    const stream = quiet(client.openStream())
    stream.on('stopped', () => {})
    stream.write(Buffer.from([7, ...Buffer.from('nothing'), 1, 0xa0]))
    stream.write(Buffer.alloc(3_000_000))
    stream.end()
    const answer: Buffer[] = []
    stream.on('data', (chunk: Buffer) => answer.push(chunk))
    await once(stream, 'end')
    expect(Buffer.concat(answer)[0]).toBe(1)
    await until(() => client.streamCount === 0 && server.streamCount === 0, 'the ends')
  })

  it('may refuse with a reason of their own, before they accept', async () => {
    const { client } = await serving({
      picky: async () => {
        throw refusal('not today')
      },
    })
    await expect(openRawService(client, 'picky')).rejects.toMatchObject({
      code: 'E_SERVICE_REFUSED',
      message: expect.stringContaining('not today'),
    })
  })

  it('that fail abort their stream and nothing else', async () => {
    const { client, failed } = await serving({
      broken: async ({ accept, stream }) => {
        accept()
        await once(stream, 'readable')
        throw new Error('a defect')
      },
    })
    const stream = await openRawService(client, 'broken')
    const ended = once(stream, 'error')
    stream.write('go')
    const [error] = (await ended) as [NodeJS.ErrnoException]
    expect(error).toMatchObject({
      code: 'E_STREAM_RESET',
      message: expect.stringContaining('INTERNAL_ERROR'),
    })
    expect(failed).toEqual(['broken: a defect'])
    expect(await client.ping()).toBeGreaterThanOrEqual(0)
  })

  it('wait 60 s for a header, not longer', async () => {
    const { client, clock, failed } = await serving({})
    const stream = quiet(client.openStream())
    stream.write(Buffer.from([7, 110]))
    await client.ping()
    await elapse(clock, 59_999)
    expect([stream.destroyed, failed]).toEqual([false, []])
    const ended = once(stream, 'error')
    clock.advance(1)
    const [error] = (await ended) as [NodeJS.ErrnoException]
    expect(error.message).toContain('IDLE')
  })

  it('reset a stream whose header is malformed, with DENIED', async () => {
    const { client } = await serving({})
    const headers: readonly number[][] = [
      [0],
      [33],
      [1, 65],
      [4, 46, 46, 47, 0],
      [1, 97, 0x50, 0x01],
      [1, 97, 0x40, 0x01],
      [1, 97, 1, 0x80],
      [1, 97, 1, 0xff],
      [1, 97, 2, 0xa1, 0x61],
      [1, 97, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ]
    for (const header of headers) {
      const stream = client.openStream()
      const ended = once(stream, 'error')
      stream.write(Buffer.from(header))
      const [error] = (await ended) as [NodeJS.ErrnoException]
      expect(error.message, header.join()).toContain('DENIED')
    }
    expect(await client.ping()).toBeGreaterThanOrEqual(0)
  })

  it('end a stream that ends before its header is whole', async () => {
    const { client } = await serving({})
    const stream = client.openStream()
    const ended = once(stream, 'error')
    stream.end(Buffer.from([7, 110]))
    const [error] = (await ended) as [NodeJS.ErrnoException]
    expect(error.message).toContain('DENIED')
  })

  it('cannot be reached by the names of other things', async () => {
    const { client } = await serving({})
    for (const name of ['constructor', 'toString', 'hasown', 'x'.repeat(32)])
      await expect(openService(client, name.toLowerCase())).rejects.toMatchObject({
        code: 'E_SERVICE_REFUSED',
      })
    await expect(openService(client, '__proto__')).rejects.toMatchObject({ code: 'E_INPUT' })
  })

  it('are given up by a signal', async () => {
    const { client } = await serving({ slow: async () => await new Promise<void>(() => {}) })
    const control = new AbortController()
    const opening = openService(client, 'slow', {}, { signal: control.signal })
    await client.ping()
    control.abort()
    await expect(opening).rejects.toMatchObject({ code: 'E_ABORTED' })
    await expect(openService(client, 'slow', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'E_ABORTED',
    })
    await until(() => client.streamCount === 0, 'the ends')
  })
})
