import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type AivError, SeededRandom } from '../../../../src/lib/core/index.ts'
import {
  acceptService,
  echoService,
  type HtxSession,
  type HtxStream,
  openContinued,
  refusal,
  type Service,
} from '../../../../src/lib/htx/index.ts'
import { LIVE_CLOCK, startListener, until } from '../../endpoint/endpoints.ts'
import { continuing, cut, readAll, readSome, writeAll } from './continuing.ts'

describe('a continued service', () => {
  it('carries bytes both ways and ends as a plain one does', async () => {
    const running = await continuing({ echo: echoService })
    const stream = await running.open(running.connector())
    stream.end('hello')
    expect(String(Buffer.from(await readAll(stream)))).toBe('hello')
    await until(() => running.acceptor.size === 0, 'the end of the service')
  })

  it('goes on over a new session where a cut left it', async () => {
    const running = await continuing({ echo: echoService })
    const connector = running.connector()
    const stream = await running.open(connector)
    for (let i = 0; i < 5; i++) {
      stream.write(`round ${i}`)
      expect(await readSome(stream, 7)).toBe(`round ${i}`)
      cut(running.sessions)
    }
    stream.end()
    expect(await readAll(stream)).toHaveLength(0)
    expect(running.sessions.length).toBeGreaterThan(4)
  })

  it('loses and doubles nothing of a bulk transfer that is cut again and again', async () => {
    const running = await continuing({ echo: echoService })
    const stream = await running.open(running.connector())
    const bytes = new SeededRandom(7).bytes(24 * 1024 * 1024)
    let cuts = 0
    const timer = setInterval(() => {
      cuts++
      cut(running.sessions.splice(0))
    }, 30)
    const reading = readAll(stream)
    await writeAll(stream, bytes)
    stream.end()
    const echoed = await reading
    clearInterval(timer)
    expect(Buffer.compare(echoed, bytes)).toBe(0)
    expect(cuts).toBeGreaterThan(3)
  })

  it.each([
    ['at once', (session: HtxSession) => session.abort()],
    ['behind the exchange of counts', (session: HtxSession) => void setTimeout(() => session.abort(), 20)],
  ])('is given up when each session that takes it over is cut %s', async (_when, end) => {
    const running = await continuing({ echo: echoService })
    const connector = running.connector({ retries: 3, onReconnected: end })
    const stream = await running.open(connector)
    const failed = once(stream, 'error').then(([error]) => (error as AivError).code)
    cut(running.sessions)
    expect(await failed).toBe('E_LINK_LOST')
    expect(running.sessions.length).toBeLessThanOrEqual(5)
  })

  it('hands on the refusal of the service inside', async () => {
    const refusing: Service = async () => {
      throw refusal('not today')
    }
    const running = await continuing({ echo: refusing })
    await expect(running.open(running.connector())).rejects.toMatchObject({
      code: 'E_SERVICE_REFUSED',
      message: 'the peer refused service echo: not today',
    })
    await until(() => running.acceptor.size === 0, 'the end of the refused service')
  })

  it('tells the peer that the application gave up', async () => {
    let theirs: HtxStream | undefined
    const running = await continuing({
      hold: async ({ accept, reader, stream }) => {
        accept()
        reader.release()
        theirs = stream.resume()
        await once(stream, 'close')
      },
    })
    const ours = await running.open(running.connector(), 'hold')
    const failed = once(theirs as HtxStream, 'error')
    ours.destroy()
    expect(await failed).toMatchObject([{ code: 'E_STREAM_RESET' }])
    await until(() => running.acceptor.size === 0, 'the end of the service')
  })

  it('lets a service stop reading: what is still written is dropped, and nothing fails', async () => {
    const running = await continuing({
      five: async ({ accept, reader, stream }) => {
        accept()
        await reader.exactly(5)
        reader.release()
        stream.end('enough')
        stream.stopReading()
        await once(stream, 'close')
      },
    })
    const stream = await running.open(running.connector(), 'five')
    const errors: Error[] = []
    stream.on('error', (error) => errors.push(error))
    const stopped = once(stream, 'stopped')
    stream.write(new Uint8Array(8 * 1024 * 1024))
    expect(await readSome(stream, 6)).toBe('enough')
    stream.resume()
    await stopped
    stream.end()
    await once(stream, 'close')
    expect(errors).toEqual([])
  })

  it('is a plain service with a peer that cannot continue it', async () => {
    const plain = await startListener({
      clock: LIVE_CLOCK,
      onStream: (stream, session) =>
        void acceptService(stream, session, { clock: LIVE_CLOCK, services: { echo: echoService } }),
    })
    const running = await continuing({ echo: echoService })
    const connector = running.connector({}, [plain.listener.address])
    const { stream, isContinued } = await openContinued(connector, 'echo')
    expect(isContinued).toBe(false)
    stream.end('plain')
    expect(String(Buffer.from(await readAll(stream)))).toBe('plain')
  })
})
