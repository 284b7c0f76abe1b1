/** Reassembly of TCP: what order, loss, repetition and hostility do to a stream. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCapture } from '../../../../src/lib/tls/index.ts'
import { heldBytes } from '../../../support/session-heap.ts'
import { ACK, ethernet, FIN, pcap, type Segment, SYN, tcpCapture, tcpIpv4 } from './capture-writer.ts'
import { oneChunk, type Recorded, record } from './recorded-sink.ts'

const ISN = 1_000

function text({ streams }: Recorded): string[] {
  return streams.map(({ bytes }) => Buffer.from(bytes).toString())
}

function reasons({ summary }: Recorded): (readonly [string, number, number])[] {
  return summary.skipped.map(({ reason, count, firstPacket }) => [reason, count, firstPacket] as const)
}

function syn(sequence = ISN): Segment {
  return { sequence, flags: SYN }
}

/** Payload at an offset of the stream that began with {@link ISN}. */
function data(offset: number, payload: string, isn = ISN): Segment {
  return { sequence: isn + 1 + offset, payload: Buffer.from(payload) }
}

function read(segments: readonly Segment[], options = {}): Promise<Recorded> {
  return record(oneChunk(tcpCapture(segments)), options)
}

describe('order and loss', () => {
  it('segments in any order, cut anywhere, repeated and overlapping give the stream', async () => {
    const cut = fc.record({ at: fc.nat({ max: 299 }), length: fc.integer({ min: 1, max: 60 }) })
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 300, maxLength: 300 }),
        fc.array(cut, { maxLength: 60 }),
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.infiniteStream(fc.nat()),
        async (stream, cuts, isn, draws) => {
          const regular = Array.from({ length: 10 }, (_, i) => ({ at: i * 30, length: 30 }))
          const pieces = [...cuts, ...regular].map(({ at, length }) => ({
            sequence: isn + 1 + at,
            payload: stream.subarray(at, at + length),
          }))
          const shuffled = pieces
            .map((piece) => ({ piece, order: draws.next().value as number }))
            .sort((a, b) => a.order - b.order)
            .map(({ piece }) => piece)
          const { streams, summary } = await read([syn(isn), ...shuffled])
          expect(streams.map(({ bytes }) => Buffer.from(bytes))).toEqual([Buffer.from(stream)])
          expect(summary.skipped).toEqual([])
        },
      ),
      { numRuns: 500 },
    )
  })

  it('a sequence number that wraps goes on', async () => {
    const isn = 0xffff_fffd
    const recorded = await read([syn(isn), data(2, 'cdef', isn), data(0, 'ab', isn)])
    expect(text(recorded)).toEqual(['abcdef'])
  })

  it('a capture begun in the middle begins with the first payload seen', async () => {
    const recorded = await read([data(500, 'first'), data(505, ' second'), data(400, 'earlier')])
    expect(text(recorded)).toEqual(['first second'])
    expect(reasons(recorded)).toEqual([['tcp-before-start', 1, 3]])
  })

  it('data that a SYN carries is the start of the stream', async () => {
    const recorded = await read([{ ...syn(), payload: Buffer.from('fast') }, data(4, ' open')])
    expect(text(recorded)).toEqual(['fast open'])
  })

  it('bytes beyond a hole are held back, and the end says so', async () => {
    const { streams } = await read([syn(), data(0, 'start'), data(50, 'beyond')])
    expect(streams.map(({ bytes, end }) => [Buffer.from(bytes).toString(), end])).toEqual([
      ['start', 'capture-end gap'],
    ])
  })

  it('a segment cut by the snapshot length gives what was captured of it, and the rest is a hole', async () => {
    const [whole, next] = [data(0, 'captured|lost'), data(13, 'after')].map((segment) =>
      ethernet('0800', tcpIpv4(segment)),
    ) as [Uint8Array, Uint8Array]
    const capture = pcap([
      { data: ethernet('0800', tcpIpv4(syn())) },
      { data: whole.subarray(0, -4), originalBytes: whole.length },
      { data: next },
    ])
    const recorded = await record(oneChunk(capture))
    expect(text(recorded)).toEqual(['captured|'])
    expect(recorded.streams.map(({ end }) => end)).toEqual(['capture-end gap'])
    expect(reasons(recorded)).toEqual([['snapshot-length', 1, 2]])
  })

  it('a FIN ends the stream when all before it is there, in whatever order', async () => {
    const { streams } = await read([syn(), { ...data(3, 'def'), flags: ACK | FIN }, data(0, 'abc')])
    expect(streams.map(({ end }) => end)).toEqual(['finished'])
  })

  it('a FIN in front of delivered bytes is not believed', async () => {
    const recorded = await read([
      syn(),
      data(0, 'abc'),
      { sequence: ISN + 2, flags: FIN },
      data(3, 'def'),
      data(6, 'ghi'),
    ])
    expect(text(recorded)).toEqual(['abcdefghi'])
    expect(recorded.streams.map(({ end }) => end)).toEqual(['capture-end'])
  })
})

describe('contradictions', () => {
  it('what came first stays, and another content for the same place is counted', async () => {
    const recorded = await read([syn(), data(0, 'genuine'), data(0, 'FORGERY more')])
    expect(text(recorded)).toEqual(['genuine more'])
    expect(reasons(recorded)).toEqual([['tcp-contradiction', 1, 3]])
  })

  it('that holds for bytes beyond a hole as well', async () => {
    const recorded = await read([syn(), data(4, 'genuine'), data(2, '..FORGERY!'), data(0, 'ab')])
    expect(text(recorded)).toEqual(['ab..genuine!'])
    expect(reasons(recorded)).toEqual([['tcp-contradiction', 1, 3]])
  })

  it('a repetition and a keep-alive contradict nothing', async () => {
    const recorded = await read([syn(), data(0, 'abcdef'), data(2, 'cdef'), data(5, '\0'), data(6, 'gh')])
    expect(text(recorded)).toEqual(['abcdefgh'])
    expect(reasons(recorded)).toEqual([])
  })
})

describe('ports in use again', () => {
  it('a new SYN begins a new connection', async () => {
    const { streams, summary } = await read([
      syn(),
      data(0, 'old'),
      syn(90_000),
      data(0, 'new', 90_000),
      data(3, ' late'),
    ])
    expect(
      streams.map(({ bytes, end, connection }) => [Buffer.from(bytes).toString(), end, connection]),
    ).toEqual([
      ['old', 'restarted', 0],
      ['new', 'capture-end', 1],
    ])
    expect(summary.tcpConnections).toBe(2)
  })

  it('it begins the answering direction anew as well', async () => {
    const answer = { from: 443, to: 50_000 }
    const recorded = await read([
      syn(),
      { ...answer, sequence: 5, flags: SYN | ACK },
      { ...answer, sequence: 6, payload: Buffer.from('old') },
      syn(90_000),
      { ...answer, sequence: 800, payload: Buffer.from('new') },
    ])
    expect(text(recorded)).toEqual(['old', 'new'])
    expect(recorded.streams.map(({ connection }) => connection)).toEqual([0, 1])
  })

  it('a SYN that is sent again changes nothing', async () => {
    const recorded = await read([syn(), data(0, 'one'), syn(), data(3, ' two')])
    expect(text(recorded)).toEqual(['one two'])
  })
})

describe('bounds', () => {
  it('no more of a direction is delivered than the bound', async () => {
    const segments = Array.from({ length: 20 }, (_, i) => data(i * 100, 'x'.repeat(100)))
    const { streams } = await read([syn(), ...segments], { maxStreamBytes: 1_050 })
    expect(streams.map(({ bytes, end }) => [bytes.length, end])).toEqual([[1_050, 'full']])
  })

  it('nothing comes after the sink has enough, and no end', async () => {
    const capture = tcpCapture([syn(), data(0, 'hello'), data(5, ' world')])
    const recorded = await record(oneChunk(capture), {}, () => 'enough')
    expect(text(recorded)).toEqual(['hello'])
    expect(recorded.streams[0]?.end).toBeUndefined()
  })

  it('bytes too far ahead and too many pieces are counted', async () => {
    const scattered = Array.from({ length: 70 }, (_, i) => data(10 + 2 * i, 'x'))
    const recorded = await read([syn(), data(70_000, 'far'), ...scattered])
    expect(reasons(recorded)).toEqual([
      ['tcp-out-of-window', 1, 2],
      ['tcp-out-of-order', 6, 67],
    ])
  })

  it('the connection used least recently is forgotten first', async () => {
    const from = (port: number, segment: Segment): Segment => ({ ...segment, from: port })
    const recorded = await read(
      [
        from(50_001, data(0, 'one')),
        from(50_002, data(0, 'two')),
        from(50_001, data(3, ' more')),
        from(50_003, data(0, 'three')),
        from(50_001, data(8, ' still')),
      ],
      { maxConnections: 2 },
    )
    expect(text(recorded)).toEqual(['one more still', 'two', 'three'])
    expect(recorded.streams.map(({ end }) => end)).toEqual(['capture-end', 'evicted', 'capture-end'])
    expect(reasons(recorded)).toEqual([['connection-evicted', 1, 4]])
  })

  it('bytes held for all connections together are bounded', async () => {
    const held = 64 * 1_024
    const segments = Array.from({ length: 1_000 }, (_, i) => ({
      ...data(40, 'beyond a hole'),
      from: 10_000 + i,
    }))
    const starts = segments.map(({ from }) => ({ ...syn(), from }))
    const recorded = await read(
      starts.flatMap((start, i) => [start, segments[i] as Segment]),
      { maxHeldBytes: held },
    )
    const [evicted] = recorded.summary.skipped
    // The smallest piece of memory that a direction takes is 2 KiB.
    expect(evicted).toMatchObject({ reason: 'connection-evicted', count: 1_000 - held / 2_048 })
  })

  it('an endless capture of holes, restarts and unfinished streams holds no more memory than a short one', async () => {
    const limits = { maxConnections: 500, maxHeldBytes: 1_048_576 }
    const segment = Buffer.alloc(100, 7)
    const round = (number: number): Uint8Array =>
      tcpCapture(
        Array.from({ length: 500 }, (_, i) => {
          const from = 1_000 + ((number * 500 + i) % 60_000)
          return [
            { from, sequence: number, flags: SYN },
            { from, sequence: number + 1, payload: segment },
            { from, sequence: number + 1 + 30_000, payload: segment },
          ]
        }).flat(),
      ).subarray(24)
    const held: number[] = []
    async function* rounds(): AsyncGenerator<Uint8Array> {
      yield tcpCapture([])
      for (let number = 0; number < 150; number++) {
        yield round(number)
        if (number === 15 || number === 149) held.push(heldBytes())
      }
    }
    const summary = await readCapture(rounds(), { onStream: () => 'more', onDatagram: () => {} }, limits)
    expect(summary.packets).toBe(225_000)
    const [early, late] = held as [number, number]
    expect(late - early).toBeLessThan(limits.maxHeldBytes)
  })
})
