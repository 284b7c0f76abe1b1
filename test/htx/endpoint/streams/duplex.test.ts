import { once } from 'node:events'
import { PassThrough, Readable, Transform } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom } from '../../../../src/lib/core/index.ts'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import type { HtxSession, HtxStream } from '../../../../src/lib/htx/index.ts'
import { connectTo, START_MS, startListener, turns, until } from '../endpoints.ts'

interface Pair {
  readonly client: HtxSession
  readonly server: HtxSession
  /** A stream of the client as both ends hold it; a byte has crossed, so that the peer knows it. */
  stream(): Promise<{ readonly ours: HtxStream; readonly theirs: HtxStream }>
}

async function pair(options: Parameters<typeof startListener>[0] = {}): Promise<Pair> {
  const waiting: ((stream: HtxStream) => void)[] = []
  const running = await startListener({
    clock: new ManualClock(START_MS),
    onStream: (stream) => waiting.shift()?.(quiet(stream)),
    ...options,
  })
  const client = await connectTo(running)
  await until(() => running.sessions.length === 1, 'the session')
  return {
    client,
    server: running.sessions[0] as HtxSession,
    async stream() {
      const accepted = Promise.withResolvers<HtxStream>()
      waiting.push(accepted.resolve)
      const ours = quiet(client.openStream())
      ours.write('!')
      const theirs = await accepted.promise
      await once(theirs, 'readable')
      expect(String(theirs.read(1))).toBe('!')
      return { ours, theirs }
    },
  }
}

/** The session is cut when its test is over; what becomes of its streams then is no failure. */
function quiet(stream: HtxStream): HtxStream {
  return stream.on('error', () => {})
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'end')
  return Buffer.concat(chunks)
}

/** The first error of a stream. */
async function errorOf(stream: HtxStream): Promise<NodeJS.ErrnoException> {
  const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException]
  return error
}

function randomBytes(length: number, seed = 1): Buffer {
  return Buffer.from(new SeededRandom(seed).bytes(length))
}

describe('a stream', () => {
  it('carries any amount of bytes through pipelines, both ways at once', async () => {
    const { stream } = await pair()
    const { ours, theirs } = await stream()
    const sent = randomBytes(3_000_000)
    const inverted = new Transform({
      transform: (chunk: Buffer, _encoding, done) =>
        done(
          null,
          chunk.map((byte) => byte ^ 0xff),
        ),
    })
    const answer = new PassThrough()
    const [received] = await Promise.all([
      bytesOf(answer),
      pipeline(Readable.from(chunked(sent)), ours, { end: true }),
      once(theirs.pipe(inverted).pipe(theirs), 'finish'),
      pipeline(ours, answer),
    ])
    expect(received.equals(sent.map((byte) => byte ^ 0xff))).toBe(true)
  })

  it('stays open for writing after it has been read to its end, and the other way round', async () => {
    const { stream } = await pair()
    for (const first of ['ours', 'theirs'] as const) {
      const ends = await stream()
      const second = first === 'ours' ? 'theirs' : 'ours'
      const early = bytesOf(ends[second])
      ends[first].end('one')
      expect(String(await early)).toBe('one')
      expect(ends[second].writable).toBe(true)
      ends[second].write('two ')
      await turns(5)
      const late = bytesOf(ends[first])
      ends[second].end('three')
      expect(String(await late)).toBe('two three')
      await Promise.all([finished(ends.ours), finished(ends.theirs)])
      expect([ends.ours.errored, ends.theirs.errored]).toEqual([null, null])
    }
  })

  it('ends well on both sides a thousand times, never by a reset', async () => {
    const { stream, client } = await pair()
    for (let i = 0; i < 250; i++) {
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          const { ours, theirs } = await stream()
          ours.resume()
          theirs.resume()
          const both = [finished(ours), finished(theirs)]
          ours.end()
          theirs.end('x')
          await Promise.all(both)
          expect([ours.errored, theirs.errored]).toEqual([null, null])
        }),
      )
    }
    await until(() => client.streamCount === 0, 'the ends')
  })

  it('gives an end to a peer that only ended it, without a byte', async () => {
    const accepted: HtxStream[] = []
    const { client } = await pair({ onStream: (stream) => accepted.push(quiet(stream)) })
    quiet(client.openStream()).end()
    await until(() => accepted.length === 1, 'the stream')
    expect((await bytesOf(accepted[0] as HtxStream)).length).toBe(0)
  })

  it('takes text, empty chunks and many small ones, corked or not', async () => {
    const { stream } = await pair()
    const { ours, theirs } = await stream()
    const text = bytesOf(theirs)
    ours.write('grüße ')
    ours.write(Buffer.alloc(0))
    ours.write('')
    ours.cork()
    for (let i = 0; i < 500; i++) ours.write(`${i},`)
    process.nextTick(() => ours.uncork())
    ours.write(Buffer.from('6869', 'hex'))
    ours.write('6869', 'hex')
    ours.end()
    expect(String(await text)).toBe(`grüße ${Array.from({ length: 500 }, (_, i) => `${i},`).join('')}hihi`)
  })

  it('honours setEncoding across chunks', async () => {
    const { stream } = await pair()
    const { ours, theirs } = await stream()
    theirs.setEncoding('utf8')
    const parts: string[] = []
    theirs.on('data', (part: string) => parts.push(part))
    for (const byte of Buffer.from('größe')) {
      ours.write(Buffer.of(byte))
      await turns(2)
    }
    ours.end()
    await once(theirs, 'end')
    expect(parts.join('')).toBe('größe')
  })

  it('refuses to be written to after its end', async () => {
    const { stream } = await pair()
    const { ours, theirs } = await stream()
    theirs.resume()
    ours.end()
    const failed = errorOf(ours)
    ours.write('x')
    expect(await failed).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' })
  })

  it('gives a buffer back with the callback of its write', async () => {
    const { stream } = await pair()
    const { ours, theirs } = await stream()
    const reading = bytesOf(theirs)
    const buffer = Buffer.alloc(100_000)
    for (let round = 0; round < 30; round++) {
      buffer.fill(round)
      await new Promise<void>((resolve, reject) =>
        ours.write(buffer, (error) => (error ? reject(error) : resolve())),
      )
      buffer.fill(0xee)
    }
    ours.end()
    const received = await reading
    expect(received.length).toBe(3_000_000)
    for (let round = 0; round < 30; round++)
      expect(new Set(received.subarray(round * 100_000, (round + 1) * 100_000))).toEqual(new Set([round]))
  })
})

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

function* chunked(bytes: Buffer): Generator<Buffer> {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 3) % 90_001) {
    size = Math.max(1, size)
    yield bytes.subarray(at, at + size)
  }
}
