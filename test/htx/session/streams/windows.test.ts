import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import { type StreamLog, watch } from '../../../support/session-events.ts'
import { makePair } from '../../../support/session-pair.ts'
import { describeFrame, RawPeer, type RawPeerOptions } from '../../../support/session-peer.ts'

const read = (peer: RawPeer): string[] => peer.read().map(describeFrame)
const VIOLATION = expect.objectContaining({
  cause: 'closed',
  code: CODE.FLOW_CONTROL_VIOLATION,
  byPeer: false,
})
const NO_GROWTH = 0x07

/** Every stream the peer opens is kept by an application that consumes nothing by itself. */
function slow(options: RawPeerOptions): RawPeer {
  const peer = new RawPeer(options)
  peer.log.onStream = (stream) => {
    peer.log.logs.push(
      watch(stream, (log) => {
        log.consumes = false
      }),
    )
  }
  return peer
}

const dataOf = (frames: readonly string[]): number =>
  frames.reduce((sum, line) => sum + Number(/ data (\d+)/.exec(line)?.[1] ?? 0), 0)

describe('a peer', () => {
  it('may fill a stream window to the last byte and not beyond', () => {
    const peer = slow({ parameters: { streamWindow: 1_000, sessionWindow: 10_000 } })
    peer.stream(1, { open: 16 }, new Uint8Array(600))
    peer.stream(1, {}, new Uint8Array(400))
    peer.stream(1, {})
    expect(peer.session.isOpen).toBe(true)
    peer.stream(1, {}, new Uint8Array(1))
    expect([peer.log.ends, read(peer)]).toEqual([[VIOLATION], ['close 0005']])
    expect(peer.log.logs[0]?.bytes).toBe(1_000)
  })

  it('may fill the session window to the last byte and not beyond', () => {
    const peer = slow({ parameters: { streamWindow: 1_000, sessionWindow: 2_500 } })
    peer.stream(1, { open: 16 }, new Uint8Array(1_000))
    peer.stream(3, { open: 16 }, new Uint8Array(1_000))
    peer.stream(5, { open: 16 }, new Uint8Array(500))
    expect(peer.session.isOpen).toBe(true)
    peer.stream(5, {}, new Uint8Array(1))
    expect(peer.log.ends).toEqual([VIOLATION])
  })

  it('is held to the windows on a stream that we stopped reading', () => {
    const peer = slow({ parameters: { streamWindow: 1_000, sessionWindow: 10_000 } })
    peer.stream(1, { open: 16 }, new Uint8Array(600))
    peer.log.logs[0]?.stream.stop(CODE.CANCELLED)
    peer.stream(1, {}, new Uint8Array(400))
    expect(peer.session.isOpen).toBe(true)
    peer.stream(1, {}, new Uint8Array(1))
    expect(peer.log.ends).toEqual([VIOLATION])
  })

  it('that pushes a window past 2^62 ends the session, for a stream and for the session', () => {
    const credit = 2 ** 31 - 1
    const near = { streamWindow: 2 ** 62 - 2 ** 31, sessionWindow: 2 ** 62 - 2 ** 31 }
    for (const id of [0, 2]) {
      const peer = new RawPeer({ peer: { parameters: near } })
      watch(peer.session.openStream())
      read(peer)
      peer.credit(id, credit)
      expect(peer.session.isOpen).toBe(true)
      peer.credit(id, credit)
      expect(peer.log.ends).toEqual([VIOLATION])
    }
  })

  it('without a session window has none: it is not limited, and credit for it means nothing', () => {
    const peer = new RawPeer({ peer: { parameters: { sessionWindow: undefined, streamWindow: 16_777_216 } } })
    const log = watch(peer.session.openStream())
    for (let i = 0; i < 100; i++) log.stream.write(new Uint8Array(60_000))
    expect(dataOf(read(peer))).toBe(6_000_000)
    for (let i = 0; i < 20; i++) peer.credit(0, 2 ** 31 - 1)
    expect(peer.session.isOpen).toBe(true)
  })

  it('gets no credit for the session from a side that announced no session window', () => {
    const peer = new RawPeer({ parameters: { sessionWindow: undefined }, features: NO_GROWTH })
    for (let i = 0; i < 50; i++) peer.stream(1, i === 0 ? { open: 16 } : {}, new Uint8Array(65_000))
    expect(peer.session.isOpen).toBe(false)
    const patient = new RawPeer({ parameters: { sessionWindow: undefined }, features: NO_GROWTH })
    let said: string[] = []
    for (let i = 0; i < 50; i++) {
      patient.stream(1, i === 0 ? { open: 16 } : {}, new Uint8Array(65_000))
      said = [...said, ...read(patient)]
    }
    expect([patient.session.isOpen, said.some((line) => line.startsWith('window-update 0'))]).toEqual([
      true,
      false,
    ])
  })
})

describe('a sender', () => {
  it('stops at the credit of the stream and goes on with every update', () => {
    const peer = new RawPeer({ peer: { parameters: { streamWindow: 700 } } })
    const log = watch(peer.session.openStream())
    log.stream.write(new Uint8Array(1_000))
    log.stream.finish()
    expect(read(peer)).toEqual(['stream 2 open 16 data 700'])
    peer.credit(2, 1)
    expect(read(peer)).toEqual(['stream 2 data 1'])
    expect(read(peer)).toEqual([])
    peer.credit(2, 10_000)
    expect(read(peer)).toEqual(['stream 2 data 299 fin'])
  })

  it('stops at the credit of the session, on all streams together', () => {
    const peer = new RawPeer({ peer: { parameters: { streamWindow: 700, sessionWindow: 1_000 } } })
    const logs = [watch(peer.session.openStream()), watch(peer.session.openStream())]
    for (const { stream } of logs) stream.write(new Uint8Array(700))
    expect(dataOf(read(peer))).toBe(1_000)
    peer.credit(0, 100)
    expect(dataOf(read(peer))).toBe(100)
    peer.credit(0, 5_000)
    expect(dataOf(read(peer))).toBe(300)
  })

  it('opens and finishes streams although both windows are empty', () => {
    const peer = new RawPeer({ peer: { parameters: { streamWindow: 0, sessionWindow: 0 } } })
    const log = watch(peer.session.openStream())
    log.stream.write(new Uint8Array(3))
    watch(peer.session.openStream()).stream.finish()
    expect(read(peer)).toEqual(['stream 2 open 16', 'stream 4 open 16 fin'])
    peer.credit(2, 3)
    expect(read(peer)).toEqual([])
    peer.credit(0, 3)
    expect(read(peer)).toEqual(['stream 2 data 3'])
  })

  it('never sends more than its credits, whatever the order of writes and updates', () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), stream: fc.nat(3), bytes: fc.nat(3_000) }),
      fc.record({
        kind: fc.constant('credit' as const),
        stream: fc.nat(4),
        bytes: fc.integer({ min: 1, max: 2_000 }),
      }),
      fc.record({ kind: fc.constant('read' as const), stream: fc.constant(0), bytes: fc.nat(4_000) }),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const peer = new RawPeer({ peer: { parameters: { streamWindow: 1_500, sessionWindow: 4_000 } } })
        const logs = [0, 1, 2, 3].map(() => watch(peer.session.openStream()))
        read(peer)
        const credits = [4_000, 1_500, 1_500, 1_500, 1_500]
        const sent = [0, 0, 0, 0, 0]
        const written = [0, 0, 0, 0, 0]
        const check = (): void => {
          for (const line of read(peer)) {
            const [, id, bytes] = /^stream (\d+) .*?data (\d+)/.exec(line) ?? []
            if (id === undefined) continue
            const index = Number(id) / 2
            sent[index] = (sent[index] as number) + Number(bytes)
            sent[0] = (sent[0] as number) + Number(bytes)
          }
          for (let i = 0; i < 5; i++) expect(sent[i]).toBeLessThanOrEqual(credits[i] as number)
        }
        for (const { kind, stream, bytes } of actions) {
          if (kind === 'write') {
            logs[stream]?.stream.write(new Uint8Array(bytes))
            written[stream + 1] = (written[stream + 1] as number) + bytes
          } else if (kind === 'credit') {
            peer.credit(stream * 2, bytes)
            credits[stream] = (credits[stream] as number) + bytes
          } else check()
        }
        check()
        // And it does not stop short: what both credits and the writers allow has been sent.
        const wanted = [1, 2, 3, 4].map((i) => Math.min(written[i] as number, credits[i] as number))
        const total = Math.min(
          credits[0] as number,
          wanted.reduce((a, b) => a + b, 0),
        )
        expect(sent[0]).toBe(total)
      }),
      { numRuns: 60 },
    )
  })
})

describe('credit', () => {
  const setup = (): { readonly peer: RawPeer; readonly log: StreamLog } => {
    const peer = slow({ parameters: { streamWindow: 1_000, sessionWindow: 3_000 }, features: NO_GROWTH })
    peer.stream(1, { open: 16 }, new Uint8Array(900))
    return { peer, log: peer.log.logs[0] as StreamLog }
  }

  it('is not given for what has merely been received', () => {
    const { peer } = setup()
    expect(read(peer)).toEqual([])
  })

  it('is given once half of a window has been consumed, and is what was consumed', () => {
    const { peer, log } = setup()
    log.stream.consumed(499)
    expect(read(peer)).toEqual([])
    log.stream.consumed(1)
    expect(read(peer)).toEqual(['window-update 1 +500'])
    log.stream.consumed(400)
    expect(read(peer)).toEqual([])
  })

  it('is counted for the session apart', () => {
    const { peer, log } = setup()
    peer.stream(3, { open: 16 }, new Uint8Array(900))
    log.stream.consumed(900)
    expect(read(peer)).toEqual(['window-update 1 +900'])
    peer.log.logs[1]?.stream.consumed(599)
    expect(read(peer)).toEqual(['window-update 3 +599'])
    peer.log.logs[1]?.stream.consumed(1)
    expect(read(peer)).toEqual(['window-update 0 +1500'])
  })

  it('counts no byte twice, however often it is said to be consumed', () => {
    const { peer, log } = setup()
    for (const bytes of [5_000, 5_000, -400, Number.NaN]) log.stream.consumed(bytes)
    expect(read(peer)).toEqual(['window-update 1 +900'])
    expect(peer.session.bufferedBytes).toBe(0)
  })

  it('of a finished stream goes to the session only', () => {
    const { peer, log } = setup()
    peer.stream(1, { fin: true }, new Uint8Array(100))
    peer.stream(3, { open: 16, fin: true }, new Uint8Array(1_000))
    log.stream.consumed(1_000)
    peer.log.logs[1]?.stream.consumed(1_000)
    expect(read(peer)).toEqual(['window-update 0 +2000'])
  })

  it.each([
    ['RESET by the peer', (peer: RawPeer) => peer.stream(1, { reset: 1 })],
    ['STOP by us', (_peer: RawPeer, log: StreamLog) => log.stream.stop(1)],
    ['abort by us', (_peer: RawPeer, log: StreamLog) => log.stream.abort(1)],
  ] as const)('for everything unread goes back to the session at once on %s', (_what, act) => {
    const { peer, log } = setup()
    peer.stream(3, { open: 16 }, new Uint8Array(700))
    expect(peer.session.bufferedBytes).toBe(1_600)
    act(peer, log)
    expect(peer.session.bufferedBytes).toBe(700)
    peer.log.logs[1]?.stream.consumed(600)
    expect(read(peer).filter((line) => line.startsWith('window-update 0'))).toEqual(['window-update 0 +1500'])
  })

  it('keeps a session alive whose data nobody ever read on closed streams', () => {
    const peer = slow({ parameters: { streamWindow: 1_000, sessionWindow: 1_000 }, features: NO_GROWTH })
    peer.stream(1, { open: 16, fin: true })
    peer.log.logs[0]?.stream.finish()
    read(peer)
    let granted = 1_000
    for (let i = 0; i < 100; i++) {
      peer.stream(1, {}, new Uint8Array(300))
      granted -= 300
      for (const line of read(peer)) granted += Number(/^window-update 0 \+(\d+)$/.exec(line)?.[1] ?? 0)
      expect(granted).toBeGreaterThanOrEqual(300)
    }
    expect(peer.session.isOpen).toBe(true)
  })

  it('reaches a reader that stops now and then: a slow one does not stall the others', () => {
    const { client, server, pump } = makePair()
    server.log.onStream = (stream) => {
      server.log.logs.push(
        watch(stream, (log) => {
          log.consumes = stream.id !== 1
        }),
      )
    }
    const logs = [1, 2, 3].map(() => watch(client.session.openStream()))
    for (const { stream } of logs) {
      for (let i = 0; i < 64; i++) stream.write(new Uint8Array(65_536))
      stream.finish()
    }
    pump()
    expect(server.log.logs.map(({ bytes, finishedTimes }) => [bytes, finishedTimes])).toEqual([
      [262_144, 0],
      [4_194_304, 1],
      [4_194_304, 1],
    ])
    const stalled = server.log.logs[0] as StreamLog
    stalled.consumes = true
    stalled.stream.consumed(stalled.bytes)
    pump()
    expect([stalled.bytes, stalled.finishedTimes]).toEqual([4_194_304, 1])
  })
})
