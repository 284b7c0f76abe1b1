import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom } from '../../../../src/lib/core/index.ts'
import { buildWindowUpdate, FRAME } from '../../../../src/lib/htx/frames/index.ts'
import type { HtxSession, HtxStream } from '../../../../src/lib/htx/index.ts'
import { connectTo, type Running, START_MS, startListener, turns, until } from '../endpoints.ts'
import { HandClient } from '../hand-client.ts'

interface Joined extends Running {
  readonly client: HtxSession
  readonly server: HtxSession
}

async function join(options: Parameters<typeof startListener>[0] = {}): Promise<Joined> {
  const running = await startListener({ clock: new ManualClock(START_MS), ...options })
  const client = await connectTo(running)
  await until(() => running.sessions.length === 1, 'the session')
  return { ...running, client, server: running.sessions[0] as HtxSession }
}

function quiet(stream: HtxStream): HtxStream {
  return stream.on('error', () => {})
}

/** Bytes of a stream, hashed by a sum that depends on their order. */
function fingerprint(bytes: Uint8Array, state = 7): number {
  let sum = state
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) | 0
  return sum
}

describe('streams at once', () => {
  it('keep a hundred conversations apart, each byte in its place', async () => {
    const { client } = await join({
      onStream: (stream) => {
        quiet(stream)
        stream.on('data', (chunk: Buffer) => {
          if (!stream.write(chunk)) stream.pause()
        })
        stream.on('drain', () => stream.resume())
        stream.on('end', () => stream.end())
      },
    })
    const results = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const stream = client.openStream(1 + (index % 255))
        const random = new SeededRandom(index)
        let sent = 7
        let received = 7
        let bytes = 0
        stream.on('data', (chunk: Buffer) => {
          received = fingerprint(chunk, received)
          bytes += chunk.length
        })
        for (let i = 0; i < 10; i++) {
          const chunk = random.bytes(1 + random.below(20_000))
          sent = fingerprint(chunk, sent)
          if (!stream.write(chunk)) await once(stream, 'drain')
        }
        stream.end()
        await once(stream, 'end')
        return { same: sent === received, bytes }
      }),
    )
    expect(results.every(({ same, bytes }) => same && bytes > 10)).toBe(true)
    await until(() => client.streamCount === 0, 'the ends')
  })

  it('may be opened by the listener, under even ids', async () => {
    const opened: HtxStream[] = []
    const { client, server } = await join()
    client.onStream((stream) => opened.push(quiet(stream)))
    const theirs = [server.openStream(), server.openStream()].map(quiet)
    for (const stream of theirs) stream.write(`from ${stream.id}`)
    await until(() => opened.length === 2, 'the streams')
    expect(theirs.map(({ id, byPeer }) => [id, byPeer])).toEqual([
      [2, false],
      [4, false],
    ])
    expect(opened.map(({ id, byPeer }) => [id, byPeer])).toEqual([
      [2, true],
      [4, true],
    ])
    const [data] = (await once(opened[1] as HtxStream, 'data')) as [Buffer]
    expect(String(data)).toBe('from 4')
    expect(quiet(client.openStream()).id).toBe(1)
  })

  it('that came before anybody asked are handed over when somebody does', async () => {
    const running = await startListener({ clock: new ManualClock(START_MS) })
    const client = await connectTo(running)
    await until(() => running.sessions.length === 1, 'the session')
    const server = running.sessions[0] as HtxSession
    for (let i = 0; i < 5; i++) quiet(server.openStream()).write(`${i}`)
    await client.ping()
    const got: string[] = []
    client.onStream((stream) => {
      quiet(stream).on('data', (chunk: Buffer) => got.push(String(chunk)))
    })
    await until(() => got.length === 5, 'the data')
    expect(got).toEqual(['0', '1', '2', '3', '4'])
  })

  it('beyond the limit are refused here, and possible again when one has ended', async () => {
    const { client, streams } = await join({ parameters: { maxStreams: 3 } })
    const ours = [1, 2, 3].map(() => quiet(client.openStream()))
    expect(() => client.openStream()).toThrow(expect.objectContaining({ code: 'E_STREAM_LIMIT' }))
    for (const stream of ours) stream.write('x')
    await until(() => streams.length === 3, 'the streams')
    expect(() => client.openStream()).toThrow(expect.objectContaining({ code: 'E_STREAM_LIMIT' }))
    ours[1]?.destroy()
    await until(() => client.streamCount === 2, 'room')
    const again = quiet(client.openStream())
    again.write('y')
    await until(() => streams.length === 4, 'the new stream')
  })

  it('that nobody accepts are refused beyond a backlog of 128, and the session lives on', async () => {
    const running = await startListener({ clock: new ManualClock(START_MS) })
    const client = await connectTo(running)
    await until(() => running.sessions.length === 1, 'the session')
    const server = running.sessions[0] as HtxSession
    // The client never says who gets streams.
    const refused: string[] = []
    for (let i = 0; i < 160; i++) {
      const stream = server.openStream()
      stream.on('error', (error) => refused.push(error.message))
      stream.write('x')
    }
    await until(() => refused.length === 32, 'the refusals')
    await turns(20)
    expect(refused.length).toBe(32)
    expect(refused.every((message) => message.includes('STREAM_REFUSED'))).toBe(true)
    expect(await client.ping()).toBeGreaterThanOrEqual(0)
  })
})

describe('a slow reader', () => {
  it('stops its writer long before memory is full, and gets every byte in the end', async () => {
    const { client, server, streams } = await join()
    const ours = quiet(client.openStream())
    const MIB = 1024 * 1024
    let accepted = 0
    const chunk = Buffer.alloc(64 * 1024, 5)
    const TOTAL = 32 * MIB
    const writing = (async () => {
      for (; accepted < TOTAL; accepted += chunk.length) if (!ours.write(chunk)) await once(ours, 'drain')
      ours.end()
    })()
    await until(() => streams.length === 1, 'the stream')
    await turns(300)
    const whenStopped = accepted
    await turns(300)
    expect(accepted).toBe(whenStopped)
    // What was accepted lies in the receiver's window and in the writer's buffer; neither may grow unread.
    expect(accepted).toBeLessThan(2 * MIB)
    expect(server.bufferedBytes).toBeLessThan(2 * MIB)
    expect(client.bufferedBytes).toBeLessThan(2 * MIB)
    expect(ours.writableLength).toBeLessThan(MIB)
    let got = 0
    let largest = 0
    streams[0]?.on('data', (data: Buffer) => {
      got += data.length
      largest = Math.max(largest, server.bufferedBytes)
    })
    await writing
    await until(() => got === TOTAL, 'every byte')
    expect(largest).toBeLessThan(26 * MIB)
  })

  it('does not hold up the other streams of its session', async () => {
    const { client, streams } = await join()
    const slow = quiet(client.openStream())
    for (let i = 0; i < 40; i++) slow.write(Buffer.alloc(64 * 1024))
    await until(() => streams.length === 1, 'the stream')
    await turns(100)
    const fast = quiet(client.openStream())
    fast.write(Buffer.alloc(700_000))
    fast.end()
    await until(() => streams.length === 2, 'the second')
    let got = 0
    streams[1]?.on('data', (data: Buffer) => {
      got += data.length
    })
    await until(() => got === 700_000, 'every byte of the fast one')
  })
})

describe('a peer that takes nothing for a while', () => {
  it('still gets the clean end of a stream that is over here', async () => {
    const streams: HtxStream[] = []
    const running = await startListener({
      clock: new ManualClock(START_MS),
      onStream: (stream) => streams.push(quiet(stream)),
    })
    const hand = await HandClient.open(running.listener.address)
    await until(() => running.sessions.length === 1, 'the session')
    hand.probe.link.pause()
    hand.write(hand.stream(1, { open: 16, fin: true }, new Uint8Array(3)))
    await until(() => streams.length === 1, 'the stream')
    const over = streams[0] as HtxStream
    // Something larger fills the link first, so that nothing of what follows can leave.
    hand.write(hand.seal(FRAME.WINDOW_UPDATE, 0, buildWindowUpdate(16_000_000)))
    const bulk = quiet((running.sessions[0] as HtxSession).openStream())
    for (let i = 0; i < 100; i++) bulk.write(Buffer.alloc(64 * 1024))
    await turns(50)
    over.resume()
    over.end()
    await until(() => over.destroyed, 'its end here')
    hand.probe.link.resume()
    const end = await hand.frame('stream', ({ id, fin, reset }) => id === 1 && (fin || reset !== undefined))
    expect([end.fin, end.reset]).toEqual([true, undefined])
  })
})

describe('the end of a session', () => {
  it('leaves what arrived whole to be read, and ends the rest in error', async () => {
    const { client, streams } = await join()
    const whole = quiet(client.openStream())
    const half = quiet(client.openStream())
    whole.end('all of it')
    half.write('part of it')
    await until(() => streams.length === 2, 'the streams')
    await client.ping()
    client.abort()
    const [first, second] = streams as [HtxStream, HtxStream]
    const [error] = (await once(second, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('E_LINK_LOST')
    const text: string[] = []
    first.on('data', (chunk: Buffer) => text.push(String(chunk)))
    // Its own direction can no longer end well, and it says so once everything was read.
    const [late] = (await once(first, 'error')) as [NodeJS.ErrnoException]
    expect([text.join(''), late.code, first.readableEnded]).toEqual(['all of it', 'E_LINK_LOST', true])
  })

  it('is an error for a stream that only waits to write', async () => {
    const { client, streams } = await join()
    const ours = quiet(client.openStream())
    ours.end('request')
    await until(() => streams.length === 1, 'the stream')
    const theirs = streams[0] as HtxStream
    theirs.resume()
    await once(theirs, 'end')
    client.abort()
    const [error] = (await once(theirs, 'error')) as [NodeJS.ErrnoException]
    expect([error.code, theirs.destroyed]).toEqual(['E_LINK_LOST', true])
  })
})
