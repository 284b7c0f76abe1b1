import { once } from 'node:events'
import { PassThrough, Readable, Transform } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../../src/lib/core/index.ts'
import type { HtxStream } from '../../../../src/lib/htx/index.ts'
import { turns, until } from '../endpoints.ts'
import { bytesOf, errorOf, pair, quiet } from './pair.ts'

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

  it('takes small writes whatever limit of a stream the endpoint was given', async () => {
    const { stream } = await pair({ limits: { streamHighWater: 65_536 } })
    const { ours, theirs } = await stream()
    await new Promise((resolve) => theirs.write('one', resolve))
    await new Promise((resolve) => theirs.write('two', resolve))
    theirs.end()
    expect(String(await bytesOf(ours))).toBe('onetwo')
  })

  it('grants credit for what its reader gave away while it took it', async () => {
    const { stream } = await pair()
    const { ours, theirs } = await stream()
    let bytes = 0
    // As handing a piece to a worker thread does.
    theirs.on('data', ({ length, buffer }: Buffer<ArrayBuffer>) => {
      bytes += length
      if (buffer.byteLength === length) structuredClone(buffer, { transfer: [buffer] })
    })
    ours.end(randomBytes(3_000_000))
    await once(theirs, 'end')
    expect(bytes).toBe(3_000_000)
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

function* chunked(bytes: Buffer): Generator<Buffer> {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 3) % 90_001) {
    size = Math.max(1, size)
    yield bytes.subarray(at, at + size)
  }
}
