/** What sessions may hold together, and what happens at the limit (section 14). */
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import { countBuffered, MemoryBudget } from '../../../src/lib/htx/endpoint/memory-budget.ts'
import { connectTo, identityOf, START_MS, startListener, turns, until } from './endpoints.ts'
import { pair } from './streams/pair.ts'

describe('a memory budget', () => {
  const budget = (...held: number[]): MemoryBudget =>
    new MemoryBudget(
      new ManualClock(),
      1000,
      held.map((bufferedBytes) => ({ bufferedBytes })),
    )

  it('lets windows grow up to three quarters of it, and takes nobody new at the whole of it', () => {
    expect([budget(), budget(700, 50)].map(({ windowsMayGrow, isFull }) => [windowsMayGrow, isFull])).toEqual(
      [
        [true, false],
        [true, false],
      ],
    )
    expect([budget(700, 51).windowsMayGrow, budget(700, 299).isFull]).toEqual([false, false])
    expect(budget(700, 300).isFull).toBe(true)
  })

  it('counts again after ten milliseconds, not for every frame', () => {
    const clock = new ManualClock()
    const session = { bufferedBytes: 2000 }
    const counted = new MemoryBudget(clock, 1000, [session])
    expect(counted.isFull).toBe(true)
    session.bufferedBytes = 0
    expect(counted.isFull).toBe(true)
    clock.advance(10)
    expect(counted.isFull).toBe(false)
  })

  it('covers the sessions of the whole process until they are over', async () => {
    const over = Promise.withResolvers<void>()
    countBuffered({ bufferedBytes: 5000 }, over.promise)
    expect(new MemoryBudget(new ManualClock(), 5000).isFull).toBe(true)
    over.resolve()
    await turns(1)
    expect(new MemoryBudget(new ManualClock(), 5000).isFull).toBe(false)
  })
})

describe('a listener whose memory is used up', () => {
  it('refuses new streams and new sessions, keeps those it has, and takes new ones when it is free again', async () => {
    const clock = new ManualClock(START_MS)
    const running = await startListener({ clock, maxBufferedBytes: 50_000 })
    const client = await connectTo(running)
    const greedy = client.openStream().on('error', () => {})
    greedy.write(new Uint8Array(60_000))
    await until(() => (running.sessions[0]?.bufferedBytes ?? 0) >= 50_000, 'the memory to be used')
    clock.advance(10)

    const refused = client.openStream()
    const failed = once(refused, 'error')
    refused.write('let me in')
    const [error] = (await failed) as [Error]
    expect(error.message).toContain('STREAM_REFUSED')
    const stranger = await connectTo(running, { identity: identityOf(3) })
    expect(await stranger.closed).toMatchObject({ code: CODE.ENHANCE_CALM, byPeer: true })
    expect([client.isOpen, running.streams.length, running.outcomes]).toEqual([
      true,
      1,
      ['accepted', 'refused'],
    ])

    running.streams[0]?.resume()
    await until(() => running.sessions[0]?.bufferedBytes === 0, 'the memory to be free')
    clock.advance(10)
    const welcome = client.openStream().on('error', () => {})
    welcome.write('again')
    await until(() => running.streams.length === 2, 'the new stream')
  })
})

describe('what a session holds', () => {
  it('includes the piece that lies ready and has not been taken', async () => {
    const { stream, server } = await pair()
    const { ours, theirs } = await stream()
    ours.write(new Uint8Array(40_000))
    await once(theirs, 'readable')
    await turns(5)
    expect(server.bufferedBytes).toBe(40_000)
    expect((theirs.read() as Uint8Array).length).toBe(40_000)
    await until(() => server.bufferedBytes === 0, 'the piece to be taken')
  })

  it('includes it also behind the end, and nothing once it was taken, while our own half stays open', async () => {
    const { stream, server } = await pair()
    const { ours, theirs } = await stream()
    ours.end(new Uint8Array(40_000))
    await once(theirs, 'readable')
    await turns(5)
    expect(server.bufferedBytes).toBe(40_000)
    theirs.resume()
    await once(theirs, 'end')
    expect([server.bufferedBytes, theirs.writable]).toEqual([0, true])
  })

  it('lets a peer send no more than its window to a reader who takes nothing, however many pieces that is', async () => {
    const { stream, server, client } = await pair()
    const { ours, theirs } = await stream()
    theirs.on('readable', () => {})
    for (let i = 0; i < 40; i++) ours.write(new Uint8Array(30_000))
    await turns(50)
    expect(server.bufferedBytes).toBeLessThanOrEqual(262_144)
    expect(server.bufferedBytes).toBeGreaterThan(262_144 - 30_000)
    // The rest is held where it was written.
    expect(client.bufferedBytes + server.bufferedBytes).toBe(1_200_000)
  })
})
