/** Streams that are reset soon after they were opened: a peer bears only so many. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import type { HtxStream } from '../../../src/lib/htx/index.ts'
import { StreamPair } from '../../support/stream-pair.ts'
import { turns, until } from './endpoints.ts'

function joined() {
  const clock = new ManualClock()
  const pair = new StreamPair({ clock })
  onTestFinished(() => pair.cut())
  const served: HtxStream[] = []
  const { client, server } = pair
  server.onStream((stream) => void served.push(stream.on('error', () => {}).resume()))
  /** A stream that the peer has. */
  const open = async (): Promise<HtxStream> => {
    const before = served.length
    const stream = client.openStream().on('error', () => {})
    stream.write('x')
    await until(() => served.length > before, 'the stream')
    return stream
  }
  return { clock, client, server, served, open }
}

describe('streams that are reset young', () => {
  it('never end the session, however many they are', async () => {
    const { clock, client, server, served, open } = joined()
    for (let i = 0; i < 500; i++) {
      const stream = await open()
      served.at(-1)?.write('answer')
      await turns(3)
      stream.destroy()
      clock.advance(5)
      await turns(3)
    }
    clock.advance(1_100)
    await until(() => server.streamCount === 0 && client.streamCount === 0, 'the resets')
    expect([client.isOpen, server.isOpen]).toEqual([true, true])
    expect(served.every(({ errored }) => errored !== null)).toBe(true)
  })

  it('are reset at once while they are few', async () => {
    const { server, open } = joined()
    for (let i = 0; i < 32; i++) {
      ;(await open()).destroy()
      await until(() => server.streamCount === 0, 'the reset')
    }
  })

  it('are reset without an answer in the end, and a second after one comes', async () => {
    const { clock, client, server, served, open } = joined()
    for (let i = 0; i < 32; i++) (await open()).destroy()
    const [answered, unanswered] = [await open(), await open()]
    answered.destroy()
    unanswered.destroy()
    await turns(10)
    clock.advance(100)
    served[32]?.write('late')
    await turns(10)
    expect([client.streamCount, server.streamCount]).toEqual([2, 2])
    clock.advance(1_100)
    await until(() => server.streamCount === 1, 'the reset')
    expect(served[32]?.errored).toMatchObject({ code: 'E_STREAM_RESET' })
    clock.advance(16_000)
    await until(() => server.streamCount === 0, 'the reset')
  })

  it('leave the window of the session to others until then', async () => {
    const { clock, client, server, served, open } = joined()
    for (let i = 0; i < 32; i++) (await open()).destroy()
    const late: HtxStream[] = []
    for (let i = 0; i < 20; i++) late.push(await open())
    const [unread, unsent] = [served.slice(32, 42), served.slice(42)]
    for (const stream of unread) stream.write(new Uint8Array(100_000))
    await turns(50)
    for (const stream of late) stream.destroy()
    for (const stream of unsent) stream.write(new Uint8Array(100_000))
    await turns(50)
    expect([client.streamCount, client.bufferedBytes]).toEqual([20, 0])
    const stream = await open()
    let bytes = 0
    stream.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length
    })
    served.at(-1)?.end(new Uint8Array(8_000_000))
    await until(() => bytes === 8_000_000, 'the bytes')
    stream.end()
    clock.advance(1_100)
    await until(() => server.streamCount === 0, 'the resets')
  })
})
