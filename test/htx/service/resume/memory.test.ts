/** What a peer can make a listener hold through services that outlive their sessions (section 14). */
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { concat, ManualClock, SeededRandom } from '../../../../src/lib/core/index.ts'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import { MemoryBudget } from '../../../../src/lib/htx/endpoint/memory-budget.ts'
import { echoService, type HtxStream, type Service } from '../../../../src/lib/htx/index.ts'
import { ContinuedStream } from '../../../../src/lib/htx/service/resume/continued-stream.ts'
import { encodeAbort, encodeAck, encodeEnd } from '../../../../src/lib/htx/service/resume/records.ts'
import { failureOf } from '../../../support/file-exchange.ts'
import { elapse, identityOf, LIVE_CLOCK, START_MS, turns, until } from '../../endpoint/endpoints.ts'
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
  return 0.875 * 2 ** 40 - budget.room
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
  it.each([
    ['the share of its peer', 5 * MIB, { limits: { heldPerPeer: 4 * MIB } }],
    ['seven eighths of the memory of the process', 10 * MIB, { maxBufferedBytes: 10 * MIB }],
  ])('stays within %s: what has stood still for the longest time ends', async (_what, most, options) => {
    const { hold, held } = holding()
    const errors: string[] = []
    const onError = (error: Error): number => errors.push(error.message)
    const clock = new ManualClock(START_MS)
    const running = await continuing({ hold, echo: echoService }, { ...options, clock, onError })
    const client = await session(running)
    // At work all the while, and the first to have begun.
    const echoed = await open(client, { id: idOf(100), service: 'echo' })
    let answered = 0
    echoed.stream.on('data', (chunk: Uint8Array) => {
      answered += chunk.length
    })
    let asked = 0
    for (let i = 0; i < 14; i++) {
      const { stream } = await open(client, { id: idOf(i), service: 'hold' })
      stream.on('error', () => {}).resume()
      await fill(stream, MIB)
      echoed.stream.write(data(Uint8Array.of(i)))
      asked++
      await until(() => answered >= 3 * asked, 'the echo')
      clock.advance(30)
    }
    expect(heldBytes() - client.bufferedBytes).toBeLessThan(most)
    expect(held.map(({ destroyed }) => (destroyed ? 'ended' : 'open')).join(' ')).toMatch(
      /^(ended ){4,11}(open ?){3,10}$/,
    )
    expect(new Set(errors)).toEqual(
      new Set(['what it held was needed for others, and nothing had gone through it for long']),
    )
    expect([echoed.stream.destroyed, client.isOpen]).toEqual([false, true])
  })

  it('of one peer does not end what another has', async () => {
    const { hold, held } = holding()
    const running = await continuing({ hold }, { limits: { heldPerPeer: 2 * MIB } })
    const patient = await open(await session(running, identityOf(7)), { service: 'hold' })
    await fill(patient.stream, MIB)
    const greedy = await session(running)
    for (let i = 1; i < 5; i++) {
      const { stream } = await open(greedy, { id: idOf(i), service: 'hold' })
      stream.on('error', () => {})
      await fill(stream, MIB)
    }
    await until(() => held.filter(({ destroyed }) => destroyed).length >= 2, 'the end of some')
    expect(held[0]?.destroyed).toBe(false)
  })

  it('tells the peer why it was ended', async () => {
    const { hold } = holding()
    const running = await continuing({ hold }, { limits: { heldPerPeer: MIB } })
    const { stream } = await open(await session(running), { service: 'hold' })
    const said: Buffer[] = []
    stream.on('error', () => {}).on('data', (chunk: Buffer) => said.push(chunk))
    await fill(stream, 2 * MIB)
    await until(() => said.length > 0, 'the word')
    expect(Buffer.concat(said).subarray(-3)).toEqual(Buffer.from(encodeAbort(CODE.POLICY_REJECTED)))
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
    const running = await continuing({ writesFirst })
    const stream = await running.open(running.connector(), 'writesFirst')
    const [theirs] = await Promise.all([everything(stream), writeAll(stream, bytes)])
    stream.end()
    expect(Buffer.compare(theirs, bytes)).toBe(0)
    await until(() => running.acceptor.size === 0, 'the end')
    expect(running.failed).toEqual([])
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

  it.each([
    ['its stream was finished before the link was lost', [], true],
    ['it was reset behind its end', [encodeEnd(), encodeAbort(CODE.CANCELLED)], false],
  ])('is held for five minutes and no longer when %s', async (_what, last, ends) => {
    const { hold, held } = holding()
    const clock = new ManualClock(START_MS)
    const running = await continuing({ hold }, { clock, limits: { perPeer: 1 } })
    const client = await session(running)
    const { stream } = await open(client, { service: 'hold' })
    stream.on('error', () => {})
    for (let i = 0; i < 5; i++) stream.write(PIECE)
    for (const record of last) stream.write(record)
    if (ends) stream.end()
    await until(() => (held[0]?.readableLength ?? 0) > 0, 'the bytes')
    await turns(30)
    client.abort()
    await until(() => running.sessions.every(({ isOpen }) => !isOpen), 'the cut')
    await elapse(clock, 299_000, 10_000)
    expect(held[0]?.destroyed).toBe(false)
    await elapse(clock, 2_000)
    expect(held[0]?.destroyed).toBe(true)
    await until(() => heldBytes() === 0, 'the memory to be free')
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
  function service(): {
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
      onHeld: () => {},
      onProgress: () => {},
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
