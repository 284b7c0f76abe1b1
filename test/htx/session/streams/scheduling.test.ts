import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom } from '../../../../src/lib/core/index.ts'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import { FRAME, type Frame, type StreamFrame } from '../../../../src/lib/htx/frames/index.ts'
import { SimulatedEndpoint } from '../../../support/session-endpoint.ts'
import { type StreamLog, watch } from '../../../support/session-events.ts'
import { directionsFor } from '../../../support/session-keys.ts'
import { ALL_FEATURES, PARAMETERS } from '../../../support/session-pair.ts'
import { describeFrame, RawPeer } from '../../../support/session-peer.ts'
import { PERFECT_PIPE } from '../../../support/session-pipe.ts'

const UNLIMITED = { parameters: { sessionWindow: undefined, streamWindow: 2 ** 40, maxStreams: 1_000 } }

/** A stream that always has data waiting. */
function bulk(peer: RawPeer, weight: number, chunk = 65_536): StreamLog {
  const data = new Uint8Array(chunk)
  const fill = (log: StreamLog): void => {
    while (log.stream.write(data)) {
      /* until told to wait */
    }
  }
  return watch(peer.session.openStream(weight), (log) => {
    log.onWritable = fill
    fill(log)
  })
}

/** Data bytes of each stream in what is sent until `bytes` have gone out. */
function shares(peer: RawPeer, bytes: number): Map<number, number> {
  const sums = new Map<number, number>()
  for (let sent = 0; sent < bytes; ) {
    for (const frame of peer.read(65_536)) {
      if (frame.kind !== 'stream') continue
      sums.set(Number(frame.id), (sums.get(Number(frame.id)) ?? 0) + frame.dataLength)
      sent += frame.dataLength
    }
  }
  return sums
}

describe('what goes first', () => {
  it('is control before data: key updates, PINGs, records, RESETs and credit', () => {
    const peer = new RawPeer({
      features: 7,
      peer: UNLIMITED,
      rekey: { frames: 1, bytes: 2 ** 40, ms: 2 ** 40 },
    })
    peer.stream(1, { open: 16 }, new Uint8Array(60_000))
    for (let i = 0; i < 3; i++) peer.stream(1, {}, new Uint8Array(60_000))
    bulk(peer, 16)
    peer.send(FRAME.PING, undefined, new Uint8Array(9))
    peer.session.setMaxStreams(5)
    peer.log.logs[0]?.stream.reset(CODE.CANCELLED)
    const kinds: string[] = []
    for (let i = 0; i < 10; i++)
      kinds.push(...peer.read(1).map((frame) => describeFrame(frame).split(' ')[0] as string))
    expect(kinds.filter((kind) => kind !== 'key-update').slice(0, 5)).toEqual([
      'ping',
      'max-streams',
      'stream',
      'window-update',
      'stream',
    ])
    expect(kinds.filter((_, index) => index % 2 === 1)).toEqual(Array(5).fill('key-update'))
  })

  it('is a full frame of 65,531 bytes at full speed', () => {
    const peer = new RawPeer({ peer: UNLIMITED })
    bulk(peer, 16)
    const sizes = peer.read(500_000).map((frame: Frame) => (frame as StreamFrame).dataLength)
    expect(sizes.slice(0, 3)).toEqual([65_531, 65_531, 65_531])
  })
})

describe('deficit round robin (section 6.3)', () => {
  it('gives weights 255 and 1 their shares over the long run', () => {
    const peer = new RawPeer({ peer: { parameters: { ...UNLIMITED.parameters, maxFrame: 4_000 } } })
    const [heavy, light] = [bulk(peer, 255), bulk(peer, 1)]
    const sums = shares(peer, 60_000_000)
    const ratio =
      (sums.get(Number(heavy.stream.id)) as number) / (sums.get(Number(light.stream.id)) as number)
    expect(ratio).toBeGreaterThan(255 * 0.96)
    expect(ratio).toBeLessThan(255 * 1.04)
  })

  // A stream that ran out of credit after each frame was forgiven what it had overdrawn, and got four times its share.
  it('gives them also to a stream whose window holds one frame', () => {
    const parameters = { ...UNLIMITED.parameters, maxFrame: 4_004, streamWindow: 4_000 }
    const peer = new RawPeer({ peer: { parameters } })
    const [heavy, light] = [bulk(peer, 255), bulk(peer, 1)]
    peer.read(1)
    peer.credit(heavy.stream.id, 2 ** 31 - 1)
    let [heavyBytes, lightBytes, owed] = [0, 0, 0]
    while (heavyBytes < 40_000_000) {
      for (const frame of peer.read(1)) {
        if (frame.kind !== 'stream') continue
        if (frame.id === heavy.stream.id) heavyBytes += frame.dataLength
        else lightBytes += owed = frame.dataLength
        if (frame.id === heavy.stream.id && owed > 0) {
          peer.credit(light.stream.id, owed)
          owed = 0
        }
      }
    }
    expect(heavyBytes / lightBytes).toBeGreaterThan(240)
    expect(heavyBytes / lightBytes).toBeLessThan(270)
  })

  it('gives equal weights equal shares, whatever the size of the writes', () => {
    const peer = new RawPeer({ peer: UNLIMITED })
    const logs = [100, 1_000, 10_000, 65_536, 200_000].map((chunk) => bulk(peer, 16, chunk))
    const sums = shares(peer, 30_000_000)
    for (const { stream } of logs) {
      expect(sums.get(Number(stream.id))).toBeGreaterThan(6_000_000 * 0.97)
      expect(sums.get(Number(stream.id))).toBeLessThan(6_000_000 * 1.03)
    }
  })

  it('follows a change of weight by either side', () => {
    const peer = new RawPeer({ peer: UNLIMITED })
    const [first, second] = [bulk(peer, 16), bulk(peer, 16)]
    shares(peer, 1_000_000)
    peer.session.setWeight(first.stream, 64)
    const ours = shares(peer, 30_000_000)
    expect((ours.get(2) as number) / (ours.get(4) as number)).toBeCloseTo(4, 0)
    expect(peer.frames.some((frame) => frame.kind === 'control' && frame.control.record === 'priority')).toBe(
      true,
    )
    peer.send(FRAME.STREAM, 0, Uint8Array.of(3, Number(second.stream.id), 128))
    const theirs = shares(peer, 30_000_000)
    expect((theirs.get(4) as number) / (theirs.get(2) as number)).toBeCloseTo(2, 0)
  })

  it('opens streams in the order of their ids, or the peer would call them skipped', () => {
    const peer = new RawPeer({ peer: UNLIMITED })
    const random = new SeededRandom(4)
    bulk(peer, 255)
    const order: number[] = []
    for (let round = 0; round < 200; round++) {
      for (let i = random.below(4); i > 0; i--) {
        const log = watch(peer.session.openStream(1 + random.below(255)))
        log.stream.write(new Uint8Array(random.below(100_000)))
        if (random.chance(0.3)) log.stream.finish()
        if (random.chance(0.1)) log.stream.abort(CODE.CANCELLED)
      }
      for (const frame of peer.read(random.below(200_000))) {
        if (frame.kind === 'stream' && frame.weight !== undefined) order.push(Number(frame.id))
      }
    }
    expect(order.length).toBeGreaterThan(200)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  it('serves a bulk stream between a flood of streams that open and finish empty', () => {
    const peer = new RawPeer({ peer: UNLIMITED })
    const log = bulk(peer, 16)
    for (let i = 0; i < 500; i++) watch(peer.session.openStream()).stream.finish()
    const frames = peer.read(400_000).filter((frame) => frame.kind === 'stream')
    const opened = frames.findIndex((frame) => frame.dataLength > 0)
    expect(frames.slice(opened).filter((frame) => frame.id === log.stream.id).length).toBeGreaterThan(2)
  })
})

/** One bulk stream and 100 small ones over a link of this rate; waiting times of the small messages, sorted. */
function waitsBeside(bytesPerMs: number, ms: number): number[] {
  const clock = new ManualClock()
  const random = new SeededRandom(1)
  const waits: number[] = []
  const config = (role: 'client' | 'server') => ({
    role,
    clock,
    random: new SeededRandom(role === 'client' ? 1 : 2),
    directions: directionsFor(role, 1),
    local: PARAMETERS,
    remote: PARAMETERS,
    features: ALL_FEATURES,
  })
  const writtenAt = new Map<number, number[]>()
  const client = new SimulatedEndpoint(
    clock,
    config('client'),
    { stream: () => undefined, end: () => undefined },
    {},
  )
  const server = new SimulatedEndpoint(
    clock,
    config('server'),
    {
      stream: (stream) => {
        watch(stream, (log) => {
          const times = writtenAt.get(Number(stream.id))
          if (times === undefined) return
          let heard = 0
          log.onData = () => {
            for (; heard < Math.floor(log.bytes / 100); heard++)
              waits.push(clock.now() - (times[heard] as number))
          }
        })
      },
      end: () => undefined,
    },
    {},
  )
  const pipe = { ...PERFECT_PIPE, bytesPerMs }
  client.connect(server, new SeededRandom(3), pipe)
  server.connect(client, new SeededRandom(4), pipe)
  const data = new Uint8Array(65_536)
  watch(client.session.openStream(), (log) => {
    log.onWritable = () => {
      while (log.stream.write(data)) {
        /* until told to wait */
      }
    }
    log.onWritable(log)
  })
  clock.advance(200)
  for (let i = 0; i < 100; i++) {
    const { stream } = watch(client.session.openStream())
    const times: number[] = []
    writtenAt.set(Number(stream.id), times)
    const say = (): void => {
      times.push(clock.now())
      stream.write(new Uint8Array(100))
      clock.schedule(50 + random.below(100), say)
    }
    clock.schedule(random.below(100), say)
  }
  clock.advance(ms)
  expect(client.session.isOpen).toBe(true)
  return waits.toSorted((a, b) => a - b)
}

describe('a small message beside a bulk stream', () => {
  it.each([
    ['1 Gbit/s', 125_000, 500, 20],
    ['100 Mbit/s', 12_500, 3_000, 20],
    // A frame takes 10 ms here: one on the way, one sealed and two of the bulk stream's turn may go first.
    ['8 Mbit/s', 1_000, 10_000, 60],
  ] as const)('waits less than the limit in 99 of 100 cases at %s', (_what, bytesPerMs, ms, limit) => {
    const waits = waitsBeside(bytesPerMs, ms)
    expect(waits.length).toBeGreaterThan(ms / 2)
    expect(waits[Math.floor(waits.length * 0.99)]).toBeLessThan(limit)
  })
})
