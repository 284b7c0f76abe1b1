import { describe, expect, it } from 'vitest'
import { concat, ManualClock, SeededRandom } from '../../../../src/lib/core/index.ts'
import { localHello } from '../../../../src/lib/htx/endpoint/local-hello.ts'
import { Responder } from '../../../../src/lib/htx/handshake/index.ts'
import { type ConnectOptions, connect, type HtxSession } from '../../../../src/lib/htx/index.ts'
import { bytes } from '../../handshake/parameters.ts'
import { flipBit } from '../../handshake/sides.ts'
import { CLIENT, type Probe, SERVER, START_MS, startListener, turns, until } from '../endpoints.ts'
import { HandListener } from '../hand-listener.ts'

interface Attempt {
  readonly hand: HandListener
  readonly clock: ManualClock
  readonly connecting: Promise<HtxSession>
  /** Never rejects; the error, or undefined for a session. */
  readonly settled: Promise<unknown>
}

async function begin(options: Partial<ConnectOptions> = {}): Promise<Attempt> {
  const hand = await HandListener.start()
  const clock = new ManualClock(START_MS)
  const connecting = connect(hand.address, { clock, identity: CLIENT, ...options })
  const settled = connecting.then(
    () => undefined,
    (error: unknown) => error,
  )
  return { hand, clock, connecting, settled }
}

const linkOf = ({ hand }: Attempt): Probe => hand.probes[0] as Probe

const HANGS = { keyOf: async () => undefined, record: () => new Promise<void>(() => {}) }

describe('an abort signal', () => {
  it('that is already given ends the attempt before anything is sent', async () => {
    const running = await startListener()
    const attempt = connect(running.listener.address, { signal: AbortSignal.abort() })
    await expect(attempt).rejects.toMatchObject({ code: 'E_ABORTED' })
    await turns(10)
    expect(running.outcomes).toEqual([])
  })

  it.each(['before message 2', 'in the middle of message 2', 'while the record is written'])(
    '%s ends it at once, without message 3',
    async (when) => {
      const control = new AbortController()
      const attempt = await begin({ signal: control.signal, trust: HANGS })
      await attempt.hand.message1()
      if (when === 'in the middle of message 2') attempt.hand.write(bytes(4, 0, 1, 2, 3))
      else if (when === 'while the record is written') await attempt.hand.answer()
      await turns(10)
      const sent = linkOf(attempt).bytes
      control.abort()
      expect(await attempt.settled).toMatchObject({ code: 'E_ABORTED' })
      await until(() => linkOf(attempt).closed, 'the end of the link')
      expect(linkOf(attempt).bytes).toBe(sent)
      // Nothing is left to fire later.
      expect(attempt.clock.nextTimerAt()).toBeUndefined()
    },
  )

  it('has no hold on a session that was established', async () => {
    const control = new AbortController()
    const running = await startListener()
    const session = await connect(running.listener.address, { clock: running.clock, signal: control.signal })
    control.abort()
    await turns(5)
    expect(session.isOpen).toBe(true)
    expect(await session.ping()).toBeGreaterThanOrEqual(0)
    session.abort()
  })
})

describe('the deadline of a client', () => {
  it.each([
    'no answer',
    'half an answer',
    'a record that is never written',
    'a certificate that is never renewed',
  ])('ends an attempt with %s', async (what) => {
    const attempt = await begin({
      handshakeTimeoutMs: 3000,
      ...(what.startsWith('a record') ? { trust: HANGS } : {}),
      ...(what.startsWith('a certificate') ? { renew: () => new Promise<never>(() => {}) } : {}),
    })
    if (what === 'half an answer') {
      await attempt.hand.message1()
      attempt.hand.write(bytes(4))
    } else if (what.startsWith('a record')) await attempt.hand.answer()
    await turns(20)
    attempt.clock.advance(2999)
    await turns(5)
    expect(linkOf(attempt)?.closed ?? false).toBe(false)
    attempt.clock.advance(1)
    expect(await attempt.settled).toMatchObject({ code: 'E_HANDSHAKE_TIMEOUT' })
    await until(() => linkOf(attempt).closed, 'the end of the link')
    expect(attempt.clock.nextTimerAt()).toBeUndefined()
  })

  it('is not there any more once the session is', async () => {
    const running = await startListener()
    const session = await connect(running.listener.address, {
      clock: running.clock,
      handshakeTimeoutMs: 5000,
    })
    ;(running.clock as ManualClock).advance(5001)
    await turns(5)
    expect(session.isOpen).toBe(true)
    session.abort()
  })
})

describe('a link that ends', () => {
  it.each(['before message 2', 'in the middle of message 2', 'while the record is written'])(
    '%s is an error of the attempt',
    async (when) => {
      for (const cut of [false, true]) {
        const attempt = await begin({ trust: HANGS })
        await attempt.hand.message1()
        if (when === 'in the middle of message 2') attempt.hand.write(bytes(4, 0, 1, 2, 3))
        else if (when === 'while the record is written') {
          await attempt.hand.answer()
          await turns(10)
        }
        if (cut) linkOf(attempt).link.abort()
        else linkOf(attempt).link.end()
        // While the record is written nothing is read, so a clean end is seen only by the deadline.
        if (!cut && when === 'while the record is written') attempt.clock.advance(10_000)
        const code = cut
          ? 'E_LINK_LOST'
          : when === 'while the record is written'
            ? 'E_HANDSHAKE_TIMEOUT'
            : 'E_HANDSHAKE'
        expect(await attempt.settled, `cut ${cut}`).toMatchObject({ code })
      }
    },
  )
})

describe('an answer that is not genuine', () => {
  const random = new SeededRandom(6)
  const answers: readonly [string, (genuine: Uint8Array) => Uint8Array][] = [
    ['of random bytes', () => concat(bytes(4, 0), random.bytes(1024))],
    ['of no bytes', () => bytes(0, 0)],
    ['of 4,097 bytes', () => bytes(0x10, 0x01)],
    ['that is too short', () => bytes(0, 1, 9)],
    ['with one bit changed', (genuine) => flipBit(genuine, 400)],
    ['with another length', (genuine) => concat(bytes(0, 100), genuine.subarray(2))],
  ]

  it.each(answers)('%s is E_HANDSHAKE, and nothing more is sent', async (_what, answerOf) => {
    const attempt = await begin()
    const body = await attempt.hand.message1()
    const genuine = genuineAnswer(body)
    const sent = linkOf(attempt).bytes
    attempt.hand.write(answerOf(genuine))
    expect(await attempt.settled).toMatchObject({ code: 'E_HANDSHAKE', exitCode: 1 })
    await until(() => linkOf(attempt).closed, 'the end of the link')
    expect(linkOf(attempt).bytes).toBe(sent)
  })

  it('may bring any amount of bytes behind it without filling the client', async () => {
    const attempt = await begin({ trust: HANGS })
    await attempt.hand.answer()
    await turns(10)
    for (let i = 0; i < 64; i++) attempt.hand.write(new Uint8Array(256 * 1024))
    await turns(50)
    // The memory link takes 256 KiB on its way; all the rest still waits on the sender's side.
    expect(linkOf(attempt).link.queuedBytes).toBeGreaterThan(14 * 1024 * 1024)
    attempt.clock.advance(10_000)
    expect(await attempt.settled).toMatchObject({ code: 'E_HANDSHAKE_TIMEOUT' })
  })

  it('behind a genuine one ends the session unauthenticated', async () => {
    const attempt = await begin()
    await attempt.hand.answer()
    attempt.hand.write(random.bytes(100).fill(0, 0, 4))
    const session = await attempt.connecting
    attempt.clock.advance(30_000)
    await until(() => linkOf(attempt).ended, 'the end')
    linkOf(attempt).link.end()
    expect(await session.closed).toMatchObject({ cause: 'unauthenticated' })
  })
})

/** Message 2 that a real listener would have given. */
function genuineAnswer(body: Uint8Array): Uint8Array {
  const responder = new Responder({
    link: 'memory',
    hello: localHello(),
    clock: new ManualClock(START_MS),
    random: new SeededRandom(1),
    staticKey: SERVER.noise,
    certificate: SERVER.certificate,
    pq: 'prefer',
    firstContact: false,
  })
  responder.inspect(body)
  if (!responder.open()) throw new Error('message 1 is not acceptable')
  return responder.reply().message2
}
