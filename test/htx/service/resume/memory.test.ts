/** What a peer can make a listener hold through services that outlive their sessions (section 14). */
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { concat, ManualClock, SeededRandom } from '../../../../src/lib/core/index.ts'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import { MemoryBudget } from '../../../../src/lib/htx/endpoint/memory-budget.ts'
import type { HtxStream, Service } from '../../../../src/lib/htx/index.ts'
import { ContinuedStream } from '../../../../src/lib/htx/service/resume/continued-stream.ts'
import { encodeAbort, encodeAck, encodeEnd } from '../../../../src/lib/htx/service/resume/records.ts'
import { failureOf } from '../../../support/file-exchange.ts'
import { identityOf, LIVE_CLOCK, turns, until } from '../../endpoint/endpoints.ts'
import { data, idOf, open, session } from './by-hand.ts'
import { continuing, cut, writeAll } from './continuing.ts'

const MIB = 1024 * 1024
const PIECE = data(new Uint8Array(65_536))

/** A service that takes nothing until it is let, and those that were begun. */
function holding(): { readonly hold: Service; readonly held: HtxStream[]; letGo(): void } {
  const held: HtxStream[] = []
  const go = Promise.withResolvers<void>()
  return {
    held,
    letGo: go.resolve,
    hold: async ({ accept, reader, stream }) => {
      accept()
      reader.release()
      held.push(stream.on('error', () => {}))
      await Promise.race([go.promise, once(stream, 'close')])
    },
  }
}

/** Everything that this process holds for peers, bytes. */
function heldBytes(): number {
  const budget = new MemoryBudget(new ManualClock(), 2 ** 40)
  return 0.75 * 2 ** 40 - budget.room
}

/** Writes DATA records until no more are taken. @returns bytes that were */
async function fill(stream: HtxStream, most: number): Promise<number> {
  let written = 0
  while (written < most) {
    written += 65_536
    if (stream.write(PIECE)) continue
    const drained = await Promise.race([once(stream, 'drain'), turns(300).then(() => undefined)])
    if (drained === undefined) break
  }
  return written
}

/** Reads to the end, and leaves the other direction alone. */
async function everything(stream: HtxStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'end')
  return Buffer.concat(chunks)
}

describe('what continued services hold', () => {
  it('stays within the memory of the listener, whoever does not read: the session pushes back', async () => {
    const { hold, held } = holding()
    const running = await continuing({ hold }, { maxBufferedBytes: 4 * MIB })
    const client = await session(running)
    const streams = []
    for (let i = 0; i < 12; i++) streams.push((await open(client, { id: idOf(i), service: 'hold' })).stream)
    for (const stream of streams) stream.resume()
    const written = await Promise.all(streams.map((stream) => fill(stream, 3 * MIB)))
    const outside = client.bufferedBytes
    expect(Math.max(...written)).toBeLessThan(3 * MIB)
    // Three quarters of it, and at each service one frame more.
    expect(heldBytes() - outside).toBeLessThan(4.5 * MIB)
    expect([running.acceptor.size, client.isOpen]).toEqual([12, true])

    const arrived = held.map(() => 0)
    for (const [index, stream] of held.entries())
      stream.on('data', (chunk: Buffer) => {
        arrived[index] = (arrived[index] ?? 0) + chunk.length
      })
    await until(() => arrived.every((bytes, index) => bytes === written[index]), 'everything to arrive')
  })

  it('ends well when one side writes everything before it reads, as it does over TCP', async () => {
    const bytes = new SeededRandom(3).bytes(9 * MIB)
    const writesFirst: Service = async ({ accept, reader, stream }) => {
      accept()
      reader.release()
      stream.pause()
      await writeAll(stream, bytes)
      stream.end()
      expect(Buffer.compare(await everything(stream), bytes)).toBe(0)
    }
    // Less than both directions may hold: it is held back, and hears of ACKs all the same.
    const running = await continuing({ writesFirst }, { limits: { heldPerPeer: 7 * MIB } })
    const stream = await running.open(running.connector(), 'writesFirst')
    const [theirs] = await Promise.all([everything(stream), writeAll(stream, bytes)])
    stream.end()
    expect(Buffer.compare(theirs, bytes)).toBe(0)
    await until(() => running.acceptor.size === 0, 'the end')
    expect(running.failed).toEqual([])
  })

  it('is refused to a peer that has used up its share, and to nobody else', async () => {
    const { hold } = holding()
    const running = await continuing({ hold }, { limits: { heldPerPeer: 100_000 } })
    const client = await session(running)
    const { stream } = await open(client, { service: 'hold' })
    stream.write(PIECE)
    await until(() => heldBytes() >= 65_536, 'the share to be used')
    const more = open(client, { id: idOf(1), service: 'hold' })
    expect(await failureOf(more)).toContain('too much is held for services that are being continued')
    expect((await open(await session(running, identityOf(7)), { id: idOf(2), service: 'hold' })).count).toBe(
      0n,
    )
  })

  it('counts while there is no session, and no longer when it is given up', async () => {
    const { hold, held } = holding()
    const running = await continuing({ hold }, {})
    const client = await session(running)
    await open(client, { service: 'hold' })
    held[0]?.write(new Uint8Array(300_000))
    await turns(20)
    cut(running.sessions)
    await until(() => !client.isOpen, 'the cut')
    expect(heldBytes()).toBeGreaterThanOrEqual(300_000)
    running.acceptor.close()
    await until(() => heldBytes() === 0, 'the memory to be free')
  })

  it('counts against its peer until it is let go, even when the peer has reset it behind its end', async () => {
    const { hold, letGo } = holding()
    const running = await continuing({ hold }, { limits: { perPeer: 1 } })
    const client = await session(running)
    const { stream } = await open(client, { service: 'hold' })
    stream.write(concat(PIECE, encodeEnd(), encodeAbort(CODE.CANCELLED)))
    await until(() => running.acceptor.size === 0, 'the end of the service')
    expect(heldBytes()).toBeGreaterThanOrEqual(65_536)
    expect(await failureOf(open(client, { id: idOf(1), service: 'hold' }))).toContain('too many services')
    letGo()
    await until(() => heldBytes() < 65_536, 'the memory to be free')
    expect((await open(client, { id: idOf(1), service: 'hold' })).count).toBe(0n)
  })

  it('makes room for other peers where one has the most and its services wait for it', async () => {
    const { hold } = holding()
    const running = await continuing({ hold }, { limits: { services: 4 } })
    const greedy = await session(running)
    for (let i = 0; i < 4; i++) await open(greedy, { id: idOf(i), service: 'hold' })
    const other = await session(running, identityOf(7))
    // As long as they are in use nobody loses one.
    expect(await failureOf(open(other, { service: 'hold' }))).toContain('too many services')
    greedy.abort()
    await until(() => running.sessions.filter(({ isOpen }) => isOpen).length === 1, 'the cut')
    expect((await open(other, { service: 'hold' })).count).toBe(0n)
    const again = await session(running)
    const failed = failureOf(open(again, { id: idOf(0), service: 'hold', received: 0 }))
    expect(await failed).toContain('no such service')
    expect((await open(again, { id: idOf(1), service: 'hold', received: 0 })).count).toBe(0n)
  })
})

describe('a record', () => {
  /** A service that takes records, and what its application is given. */
  function service(room = MIB): {
    readonly core: ContinuedStream
    readonly given: Uint8Array[]
    readonly resets: number[]
  } {
    const given: Uint8Array[] = []
    const resets: number[] = []
    const core = new ContinuedStream({
      clock: LIVE_CLOCK,
      id: 1,
      byPeer: true,
      allowance: { room, held: () => {} },
      onOutput: () => {},
      onIdleAck: () => {},
      onOver: () => {},
    })
    core.attach({
      data: (chunks) => given.push(...chunks),
      reset: (code) => resets.push(code),
      finished: () => {},
      stopped: () => {},
      writable: () => {},
      closed: () => {},
    })
    core.resume(0)
    return { core, given, resets }
  }

  it('of a few bytes does not hold the frame that it came in', () => {
    const { core, given } = service()
    const frame = new Uint8Array(65_531)
    const small = data(Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff))
    frame.set(small)
    for (let at = small.length; at + 9 < frame.length; at += 9) frame.set(encodeAck(0), at)
    core.receive(frame.subarray(0, small.length + 9 * 7000))
    expect(given.map(({ length, buffer }) => [length, buffer.byteLength])).toEqual([[1000, 1000]])
    expect(given[0]?.[999]).toBe(999 & 0xff)
  })

  it('ends its service when there is no memory left and only an ACK behind it could make some', () => {
    const { core, resets } = service(0)
    core.write(new Uint8Array(100_000))
    core.next(MIB, [])
    core.receive(PIECE)
    expect([core.wantsInput, resets]).toEqual([true, []])
    core.receive(PIECE)
    expect([core.isAborting, resets]).toEqual([true, [CODE.POLICY_REJECTED]])
    expect(core.bufferedBytes).toBe(0)
  })

  it('that acknowledges everything frees the memory it was kept in', () => {
    const { core } = service()
    for (let i = 1; i <= 4; i++) {
      core.write(new Uint8Array(250_000))
      core.next(MIB, [])
    }
    expect(core.bufferedBytes).toBeGreaterThanOrEqual(1_000_000)
    core.receive(encodeAck(1_000_000))
    expect(core.bufferedBytes).toBe(0)
  })

  it('is left with the session while nothing is awaited', () => {
    const { core } = service(0)
    core.receive(PIECE)
    expect(core.wantsInput).toBe(false)
    core.consumed(40_000)
    expect(core.wantsInput).toBe(true)
  })

  it('that acknowledges nothing new costs the budget for abuse of its session', async () => {
    const { hold } = holding()
    const running = await continuing({ hold })
    const client = await session(running)
    const { stream } = await open(client, { service: 'hold' })
    stream.resume()
    // One may repeat what a link before it has lost.
    stream.write(encodeAck(1))
    for (let i = 0; i < 90; i++) stream.write(encodeAck(1))
    await turns(30)
    expect(client.isOpen).toBe(true)
    for (let i = 0; i < 50; i++) stream.write(encodeAck(1))
    expect(await client.closed).toMatchObject({ code: CODE.ENHANCE_CALM, byPeer: true })
  })
})
