import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, ManualClock, SeededRandom, u16, u32, u64 } from '../../../src/lib/core/index.ts'
import type { MuxStream } from '../../../src/lib/htx/session/index.ts'
import { pickOne } from '../../support/session-mutation.ts'
import { HandPeer, pullAll, type Side, side } from '../../support/spec12-pair.ts'

interface Sent {
  readonly stream: MuxStream
  readonly bytes: Uint8Array[]
  gaveUp: boolean
  finished: boolean
}

interface Got {
  readonly bytes: Uint8Array[]
  finished: boolean
}

/** What each side wrote and heard, by stream id. */
interface Account {
  readonly side: Side
  readonly sent: Map<number, Sent>
  readonly got: Map<number, Got>
  attached: number
}

function account(made: Side): Account {
  return { side: made, sent: new Map(), got: new Map(), attached: 0 }
}

function hear(to: Account, stream: MuxStream): void {
  const got: Got = { bytes: [], finished: false }
  to.got.set(Number(stream.id), got)
  stream.attach({
    data: (chunks, length) => {
      for (const chunk of chunks) got.bytes.push(chunk.slice())
      stream.consumed(length)
    },
    finished: () => {
      got.finished = true
    },
    reset: () => {},
    stopped: () => {},
    writable: () => {},
    closed: () => {},
  })
}

function acceptAll(actor: Account): void {
  while (actor.attached < actor.side.streams.length) {
    const stream = actor.side.streams[actor.attached++] as MuxStream
    hear(actor, stream)
    actor.sent.set(Number(stream.id), { stream, bytes: [], gaveUp: false, finished: false })
  }
}

/** One step of an application that nobody planned. */
function step(random: SeededRandom, actor: Account): void {
  const { side: made, sent } = actor
  acceptAll(actor)
  if (random.chance(0.2) && sent.size < 12) {
    const stream = made.session.openStream()
    hear(actor, stream)
    sent.set(Number(stream.id), { stream, bytes: [], gaveUp: false, finished: false })
  }
  const known = [...sent.values()].filter(({ gaveUp, finished }) => !gaveUp && !finished)
  if (known.length === 0) return
  const one = pickOne(random, known)
  if (random.chance(0.1)) {
    one.gaveUp = true
    one.stream.abort(0x8101)
  } else if (random.chance(0.2)) {
    one.finished = true
    one.stream.finish()
  } else {
    const bytes = random.bytes(random.below(20_000))
    one.bytes.push(bytes.slice())
    one.stream.write(bytes)
  }
  if (random.chance(0.1)) made.session.ping()
}

function carry(random: SeededRandom, from: Side, to: Side): number {
  const bytes = pullAll(from)
  for (let at = 0; at < bytes.length; ) {
    const size = random.chance(0.2) ? 1 : 1 + random.below(5000)
    to.session.receive(bytes.slice(at, at + size))
    at += size
  }
  return bytes.length
}

function check(seed: number, from: Account, to: Account): void {
  for (const [id, { bytes, gaveUp, finished }] of from.sent) {
    const got = to.got.get(id)
    const given = to.sent.get(id)
    const wrote = Buffer.concat(bytes)
    const heard = Buffer.concat(got?.bytes ?? [])
    const name = `seed ${seed} stream ${id}`
    expect(wrote.subarray(0, heard.length).equals(heard), name).toBe(true)
    if (gaveUp || given?.gaveUp === true) continue
    expect([heard.length, got?.finished ?? false], name).toEqual([wrote.length, finished])
  }
}

describe('two 1.2 sessions', () => {
  it('deliver what was written, in order and once, whatever is opened, finished and given up', () => {
    for (let seed = 0; seed < 150; seed++) {
      const random = new SeededRandom(seed)
      const clock = new ManualClock()
      const rekey = { frames: 2 + random.below(30), bytes: 2 ** 40, ms: 2 ** 40 }
      const client = account(side('client', clock, rekey))
      const server = account(side('server', clock, rekey))
      for (let i = 0; i < 60; i++) {
        step(random, pickOne(random, [client, server]))
        if (random.chance(0.3)) carry(random, client.side, server.side)
        if (random.chance(0.3)) carry(random, server.side, client.side)
        // So slowly that no budget for frames runs out.
        clock.advance(100)
      }
      // Streams that nobody has taken hold the window of the session.
      let moved: number
      do {
        acceptAll(client)
        acceptAll(server)
        clock.advance(100)
        moved = carry(random, client.side, server.side) + carry(random, server.side, client.side)
      } while (moved > 0)
      expect([client.side.session.end, server.side.session.end], `seed ${seed}`).toEqual([
        undefined,
        undefined,
      ])
      check(seed, client, server)
      check(seed, server, client)
    }
  })
})

describe('a 1.2 session', () => {
  it('meets any frames that are sealed well with a typed end or none', () => {
    const offsets = fc.oneof(fc.bigInt(0n, 40n), fc.bigInt(0n, 2n ** 64n - 1n))
    const plaintext = fc.oneof(
      fc
        .tuple(fc.nat(2), offsets, fc.uint8Array({ maxLength: 40 }))
        .map(([flags, offset, data]) => concat(Uint8Array.of(flags), u64(offset), u16(data.length), data)),
      fc
        .tuple(fc.nat(2), fc.nat(0xffffffff))
        .map(([scope, credit]) => concat(Uint8Array.of(scope), u32(credit))),
      fc.uint8Array({ maxLength: 12 }),
      fc.constant(new Uint8Array(0)),
    )
    const frame = fc.record({ type: fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 0x20), id: fc.nat(6), plaintext })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), fc.constantFrom('client', 'server'), (frames, role) => {
        const { session } = side(role as 'client' | 'server', new ManualClock())
        const peer = new HandPeer(role === 'client' ? 's' : 'c')
        for (const { type, id, plaintext: body } of frames) {
          session.receive(peer.frame(type, id, body))
          if (type === 3 && id === 0 && body.length === 0) peer.keys.update()
          session.pull(1 << 20, [])
        }
        if (session.end !== undefined) expect(session.end.cause).toBe('closed')
      }),
      { numRuns: 5000 },
    )
  })
})
