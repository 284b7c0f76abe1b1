import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type CborMap, ManualClock } from '../../../../src/lib/core/index.ts'
import { echoService, type HtxStream, RESUME_SERVICE, refusal } from '../../../../src/lib/htx/index.ts'
import { encodeAck } from '../../../../src/lib/htx/service/resume/records.ts'
import { failureOf } from '../../../support/file-exchange.ts'
import { elapse, identityOf, START_MS, turns, until } from '../../endpoint/endpoints.ts'
import { idOf, open, session } from './by-hand.ts'
import { continuing, cut } from './continuing.ts'

const UNKNOWN = 'E_SERVICE_REFUSED: the peer refused service resume/1: no such service is being continued'

/** Everything that comes while nothing else does. */
async function arrived(stream: HtxStream, length: number): Promise<string> {
  const chunks: Buffer[] = []
  const take = (chunk: Buffer): number => chunks.push(chunk)
  stream.on('data', take)
  await until(() => Buffer.concat(chunks).length >= length, `${length} bytes`)
  await turns(10)
  stream.off('data', take)
  return Buffer.concat(chunks).toString('hex')
}

const DATA_ABC = Uint8Array.of(0, 3, 97, 98, 99)
const END = Uint8Array.of(2)

describe('the id of a continued service', () => {
  it('is answered with status 0 and a count, and records follow', async () => {
    const running = await continuing({ echo: echoService }, { clock: new ManualClock(START_MS) })
    const { stream, count } = await open(await session(running))
    expect(count).toBe(0n)
    stream.write(DATA_ABC)
    // DATA with the status of the service inside, then DATA with the echo.
    expect(await arrived(stream, 8)).toBe('000100' + '0003616263')
  })

  it('acknowledges what was consumed after 100 ms', async () => {
    const clock = new ManualClock(START_MS)
    const running = await continuing({ echo: echoService }, { clock })
    const { stream } = await open(await session(running))
    stream.write(DATA_ABC)
    await arrived(stream, 8)
    clock.advance(99)
    await turns(10)
    expect(stream.readableLength).toBe(0)
    clock.advance(1)
    expect(await arrived(stream, 9)).toBe('010000000000000003')
  })

  it('is unknown to another peer, in the same words as one that nobody has', async () => {
    const running = await continuing({ echo: echoService })
    await open(await session(running))
    const thief = await session(running, identityOf(7))
    for (const received of [null, 0, 1]) {
      expect(await failureOf(open(thief, { received }))).toBe(UNKNOWN)
    }
    expect(await failureOf(open(thief, { id: new Uint8Array(16), received: 0 }))).toBe(UNKNOWN)
    expect(running.acceptor.size).toBe(1)
  })

  it('does not start a service again for an opener that had been answered', async () => {
    let starts = 0
    const running = await continuing({
      echo: async (request) => {
        starts++
        await echoService(request)
      },
    })
    expect(await failureOf(open(await session(running), { received: 0 }))).toBe(UNKNOWN)
    expect(starts).toBe(0)
  })

  it('is taken over by a newer stream, which gets what the older one had not received', async () => {
    const running = await continuing({ echo: echoService })
    const older = await open(await session(running))
    older.stream.write(DATA_ABC)
    await arrived(older.stream, 8)
    const reset = once(older.stream, 'error')
    const newer = await open(await session(running), { received: 2 })
    expect(await reset).toMatchObject([{ message: 'the peer reset the stream: CANCELLED' }])
    expect(newer.count).toBe(3n)
    expect(await arrived(newer.stream, 13)).toBe('010000000000000003' + '00026263')
  })

  it.each([
    ['beyond what was sent', 5],
    ['below what was acknowledged', 3],
  ])('is refused with a count %s', async (_what, received) => {
    const running = await continuing({ echo: echoService })
    const { stream } = await open(await session(running))
    stream.write(DATA_ABC)
    await arrived(stream, 8)
    stream.write(encodeAck(4))
    await turns(20)
    expect(await failureOf(open(await session(running), { received }))).toContain('cannot be true')
  })

  it.each([
    ['another service', { service: 'other' }],
    ['other parameters', { params: { a: 1 } }],
  ])('is refused with %s than the first time', async (_what, params) => {
    const running = await continuing({ echo: echoService, other: echoService })
    await open(await session(running))
    expect(await failureOf(open(await session(running), params))).toContain('was another at first')
  })

  it.each<[string, CborMap]>([
    ['an id of 15 bytes', { id: new Uint8Array(15) }],
    ['a negative count', { received: -1 }],
    ['a count beyond any', { received: 2n ** 63n }],
    ['a field too many', { more: 1 }],
    ['a service that is not text', { service: 1 }],
    ['parameters that are not a map', { params: [] }],
  ])('is refused with %s', async (_what, params) => {
    const running = await continuing({ echo: echoService })
    expect(await failureOf(open(await session(running), params))).toContain('E_SERVICE_REFUSED')
    expect(running.acceptor.size).toBe(0)
  })

  it.each([RESUME_SERVICE, 'bind', 'incoming', 'tcp'])('does not continue service %s', async (service) => {
    const running = await continuing({ echo: echoService, bind: echoService, incoming: echoService })
    expect(await failureOf(open(await session(running), { service }))).toContain('is not continued here')
  })

  it('has the access list asked again when its peer comes back', async () => {
    let isAllowed = true
    const admit = (): void => {
      if (!isAllowed) throw refusal('not any more')
    }
    const running = await continuing({ echo: echoService }, { admit })
    await open(await session(running))
    isAllowed = false
    expect(await failureOf(open(await session(running), { received: 0 }))).toContain('not any more')
  })

  it('is given up five minutes after its link was lost, and its service is told', async () => {
    const clock = new ManualClock(START_MS)
    const running = await continuing({ echo: echoService }, { clock })
    const client = await session(running)
    await open(client)
    cut(running.sessions)
    await until(() => !client.isOpen, 'the cut')
    await elapse(clock, 299_000, 50_000)
    expect(running.acceptor.size).toBe(1)
    await elapse(clock, 1001)
    expect(running.acceptor.size).toBe(0)
    expect(await failureOf(open(await session(running), { received: 0 }))).toBe(UNKNOWN)
  })

  it('repeats the last acknowledgement for five minutes after its service has finished', async () => {
    const clock = new ManualClock(START_MS)
    const running = await continuing({ echo: echoService }, { clock })
    const { stream } = await open(await session(running))
    stream.write(DATA_ABC)
    stream.write(END)
    // Status, echo, END and the ACK of everything.
    await arrived(stream, 8 + 1 + 9)
    stream.write(encodeAck(5))
    await until(() => running.acceptor.size === 0, 'the end')
    const again = await open(await session(running), { received: 5 })
    expect(again.count).toBe(4n)
    expect(await arrived(again.stream, 9)).toBe('010000000000000004')
    expect(await failureOf(open(await session(running, identityOf(7)), { received: 5 }))).toBe(UNKNOWN)
    await elapse(clock, 300_001, 50_000)
    expect(await failureOf(open(await session(running), { received: 5 }))).toBe(UNKNOWN)
  })

  it('is one of a bounded number', async () => {
    const running = await continuing({ echo: echoService })
    for (let i = 0; i < 1024; ) {
      // A peer may not have more streams than these at once, but comes back with as many again.
      const client = await session(running)
      for (const end = i + 128; i < end; i++) {
        await open(client, { id: idOf(i) })
      }
      client.abort()
    }
    expect(running.acceptor.size).toBe(1024)
    expect(await failureOf(open(await session(running)))).toContain('too many services')
    // Another peer has its own share.
    expect((await open(await session(running, identityOf(7)))).count).toBe(0n)
  })
})
