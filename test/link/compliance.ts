/** What every kind of link must do; each kind's test file runs it on real transports. */
import { type ChildProcess, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { AivError, SeededRandom } from '../../src/lib/core/index.ts'
import type { DialLinkOptions, Link, Listener, ListenLinkOptions } from '../../src/lib/link/index.ts'
import { Recorder, settled, turns } from './recorder.ts'

export interface ComplianceHarness {
  readonly name: string
  readonly kind: Link['kind']
  listen(
    options: Pick<ListenLinkOptions, 'onLink' | 'signal' | 'onError'> & { readonly port?: number },
  ): Promise<Listener>
  dial(listener: Pick<Listener, 'host' | 'port'>, options?: DialLinkOptions): Promise<Link>
  /** The listener learns of a link only once something was sent on it. */
  readonly dialerSpeaksFirst: boolean
  /** Codes that dialling a port without a listener may end in. */
  readonly closedPort: readonly string[]
  /** Bytes that the transport may hold beyond `queuedBytes` while the reader is paused. */
  readonly transportHolds: number
  /** The port of a listener with live links can be bound again after `close`. */
  readonly freesPortAtOnce: boolean
  /** Other processes can dial it. */
  readonly crossesProcesses: boolean
}

const GREETING = Uint8Array.of(0x21)
const MIB = 1024 * 1024

export function testLinkCompliance(harness: ComplianceHarness): void {
  const listeners: Listener[] = []
  const recorders: Recorder[] = []
  const children: ChildProcess[] = []

  afterEach(async () => {
    const violations = recorders.flatMap((recorder) => recorder.violations)
    for (const { link } of recorders) link.abort()
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(listeners.map((listener) => listener.close()))
    recorders.length = 0
    listeners.length = 0
    children.length = 0
    expect(violations).toEqual([])
  })

  function own(link: Link, skip = 0): Recorder {
    const recorder = Recorder.attach(link, skip)
    recorders.push(recorder)
    return recorder
  }

  async function listen(
    onLink: (link: Link) => void,
    more: { signal?: AbortSignal } = {},
  ): Promise<Listener> {
    const listener = await harness.listen({ onLink, ...more })
    listeners.push(listener)
    return listener
  }

  /** A dialled and an accepted link, the second not attached yet. */
  async function openLinks(): Promise<{ dialled: Link; accepted: Link; skip: number; listener: Listener }> {
    const incoming = Promise.withResolvers<Link>()
    const listener = await listen(incoming.resolve)
    const dialled = await harness.dial(listener)
    if (harness.dialerSpeaksFirst) dialled.write([GREETING])
    return { dialled, accepted: await incoming.promise, skip: harness.dialerSpeaksFirst ? 1 : 0, listener }
  }

  async function open(): Promise<{ dialler: Recorder; acceptor: Recorder; listener: Listener }> {
    const { dialled, accepted, skip, listener } = await openLinks()
    return { dialler: own(dialled), acceptor: own(accepted, skip), listener }
  }

  /** The two ends in both roles: what holds for one must hold for the other. */
  const bothWays: [string, (pair: { dialler: Recorder; acceptor: Recorder }) => [Recorder, Recorder]][] = [
    ['dialler', ({ dialler, acceptor }) => [dialler, acceptor]],
    ['acceptor', ({ dialler, acceptor }) => [acceptor, dialler]],
  ]

  describe(`${harness.name}: opening`, () => {
    it('gives both ends the kind, addresses and an empty queue', async () => {
      const { dialled, accepted, listener } = await openLinks()
      recorders.push(new Recorder(dialled), new Recorder(accepted))
      expect(listener.kind).toBe(harness.kind)
      expect(listener.port).toBeGreaterThan(0)
      expect(dialled.remoteAddress).toBe(`${listener.host}:${listener.port}`)
      for (const link of [dialled, accepted]) {
        expect(link.kind).toBe(harness.kind)
        expect(link.localAddress).not.toBe('')
        expect(link.remoteAddress).toMatch(/:\d+$/)
        expect(link.lowWaterMark).toBe(65_536)
      }
      await turns(5)
      expect(accepted.queuedBytes).toBe(0)
    })

    it('has one owner', async () => {
      const { dialler } = await open()
      expect(() => dialler.link.attach(dialler)).toThrow(AivError)
    })

    it('holds back what arrives before the owner attaches', async () => {
      const { dialled, accepted, skip } = await openLinks()
      const dialler = own(dialled)
      dialler.write(text('early'))
      await turns(20)
      const acceptor = own(accepted, skip)
      await acceptor.untilBytes(5)
      expect(acceptor.text()).toBe('early')
    })

    it('reports a listener that is not there', async () => {
      const listener = await harness.listen({ onLink: () => {} })
      await listener.close()
      await turns(5)
      const error = await failure(harness.dial(listener, { timeoutMs: 700 }))
      expect(harness.closedPort).toContain(error.code)
      expect(error.message).toContain(String(listener.port))
    })

    it('does not dial with a signal that has fired', async () => {
      let links = 0
      const listener = await listen(() => links++)
      const error = await failure(harness.dial(listener, { signal: AbortSignal.abort() }))
      expect(error.code).toBe('E_ABORTED')
      await turns(10)
      expect(links).toBe(0)
    })

    it('gives up dialling when the signal fires', async () => {
      const listener = await listen((link) => link.abort())
      const controller = new AbortController()
      const dialling = failure(harness.dial(listener, { signal: controller.signal }))
      controller.abort()
      expect((await dialling).code).toBe('E_ABORTED')
    })

    it('opens 200 links at once and keeps them apart', async () => {
      const listener = await listen((link) => {
        const recorder = own(link)
        recorder.onData = (chunk) => recorder.link.write([chunk])
        recorder.onEnd = () => recorder.link.end()
      })
      const links = await Promise.all(Array.from({ length: 200 }, () => harness.dial(listener)))
      const diallers = links.map((link) => own(link))
      diallers.forEach((dialler, i) => {
        dialler.write(text(`link ${i}`))
        dialler.call(() => dialler.link.end())
      })
      await Promise.all(diallers.map((dialler) => dialler.untilClose()))
      expect(diallers.map((dialler) => dialler.text())).toEqual(diallers.map((_, i) => `link ${i}`))
      expect(diallers.map((dialler) => dialler.closes)).toEqual(diallers.map(() => [undefined]))
    })
  })

  describe(`${harness.name}: bytes`, () => {
    it('brings what was sent back from an echo', async () => {
      const { dialler, acceptor } = await open()
      acceptor.onData = (chunk) => acceptor.link.write([chunk])
      dialler.write(text('over '), text('and '), text('back'))
      await dialler.untilBytes(13)
      expect(dialler.text()).toBe('over and back')
    })

    it('lets the accepting side speak first', async () => {
      const { dialler, acceptor } = await open()
      acceptor.write(text('220 ready'))
      await dialler.untilBytes(9)
      expect(dialler.text()).toBe('220 ready')
    })

    it('hands over plain arrays that stay as they are', async () => {
      const { dialler, acceptor } = await open()
      dialler.write(text('first'))
      await acceptor.untilBytes(5)
      const first = acceptor.received()
      dialler.write(new Uint8Array(300_000).fill(0xff))
      await acceptor.untilBytes(300_005)
      expect(acceptor.chunks.every((chunk) => chunk.constructor === Uint8Array)).toBe(true)
      expect(acceptor.received().subarray(0, 5)).toEqual(first)
    })

    it('takes empty chunks and empty lists for nothing', async () => {
      const { dialler, acceptor } = await open()
      dialler.write()
      dialler.write(new Uint8Array(0), new Uint8Array(0))
      dialler.write(new Uint8Array(0), text('x'), new Uint8Array(0))
      dialler.call(() => dialler.link.end())
      await acceptor.untilEnd()
      expect(acceptor.text()).toBe('x')
    })

    it.each(bothWays)('keeps 10,000 writes of one byte in order (%s writes)', async (_, ends) => {
      const [writer, reader] = ends(await open())
      const expected = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251)
      for (let i = 0; i < expected.length; i++) {
        writer.write(expected.slice(i, i + 1))
        if (i % 1000 === 999) await turns(1)
      }
      await reader.untilBytes(expected.length)
      expect(reader.received()).toEqual(expected)
    })

    it('moves 64 MiB in both directions at once unchanged', async () => {
      const { dialler, acceptor } = await open()
      const [sentHashes, gotHashes] = await Promise.all([
        Promise.all([sendHashed(dialler, 64, 1), sendHashed(acceptor, 64, 2)]),
        Promise.all([receiveHashed(acceptor), receiveHashed(dialler)]),
      ])
      expect(gotHashes).toEqual(sentHashes)
      expect([acceptor.bytes, dialler.bytes]).toEqual([64 * MIB, 64 * MIB])
    })
  })

  describe(`${harness.name}: back-pressure`, () => {
    it.each(bothWays)(
      'queues for a paused reader, then drains and delivers everything (%s writes)',
      async (_, ends) => {
        const [writer, reader] = ends(await open())
        reader.call(() => reader.link.pause())
        const block = new SeededRandom(7).bytes(64 * 1024)
        const total = 32 * MIB
        for (let sent = 0; sent < total; sent += block.length) writer.write(block)
        const queued = await settled(() => writer.link.queuedBytes)
        expect(queued).toBeGreaterThan(0)
        expect(total - queued).toBeLessThanOrEqual(harness.transportHolds)
        const before = reader.bytes
        expect(writer.drains).toBe(0)
        const expected = createHash('sha256')
        for (let i = 0; i < total / block.length; i++) expected.update(block)
        const got = createHash('sha256')
        for (const chunk of reader.chunks) got.update(chunk)
        reader.onData = (chunk) => got.update(chunk)
        reader.call(() => reader.link.resume())
        await reader.untilBytes(total)
        await writer.until(() => writer.drains > 0 && writer.link.queuedBytes === 0)
        expect(before).toBeLessThanOrEqual(harness.transportHolds)
        expect(got.digest('hex')).toBe(expected.digest('hex'))
        expect(writer.drains).toBe(1)
      },
    )

    it('delivers nothing after pause, even from inside data', async () => {
      const { dialler, acceptor } = await open()
      acceptor.onData = () => acceptor.link.pause()
      const sent = 4 * MIB
      for (let i = 0; i < 64; i++) dialler.write(new Uint8Array(sent / 64))
      dialler.call(() => dialler.link.end())
      await acceptor.until(() => acceptor.bytes > 0)
      const seen = acceptor.bytes
      await settled(() => acceptor.bytes, 50)
      expect(acceptor.bytes).toBe(seen)
      expect(acceptor.ends).toBe(0)
      acceptor.onData = () => {}
      acceptor.call(() => acceptor.link.resume())
      await acceptor.untilEnd()
      expect(acceptor.bytes).toBe(sent)
    })

    it('delivers nothing after pause, even if it was waiting for data', async () => {
      const { dialler, acceptor } = await open()
      dialler.write(text('before '))
      await acceptor.untilBytes(7)
      await turns(10)
      acceptor.call(() => acceptor.link.pause())
      dialler.write(text('after'))
      dialler.call(() => dialler.link.end())
      await settled(() => acceptor.bytes, 50)
      expect([acceptor.text(), acceptor.ends]).toEqual(['before ', 0])
      acceptor.call(() => acceptor.link.resume())
      await acceptor.untilEnd()
      expect(acceptor.text()).toBe('before after')
    })

    it('starts paused when the owner says so before attaching', async () => {
      const { dialled, accepted, skip } = await openLinks()
      const dialler = own(dialled)
      accepted.pause()
      const acceptor = own(accepted, skip)
      dialler.write(text('wait'))
      dialler.call(() => dialler.link.end())
      await settled(() => acceptor.bytes, 50)
      expect([acceptor.bytes, acceptor.ends]).toEqual([0, 0])
      acceptor.call(() => acceptor.link.resume())
      await acceptor.untilEnd()
      expect(acceptor.text()).toBe('wait')
    })

    it('drains at the mark that the owner sets', async () => {
      const { dialler, acceptor } = await open()
      acceptor.call(() => acceptor.link.pause())
      dialler.write(new Uint8Array(16 * MIB))
      dialler.write(new Uint8Array(16 * MIB))
      dialler.link.lowWaterMark = 17 * MIB
      const queuedAtDrain: number[] = []
      dialler.onDrain = () => queuedAtDrain.push(dialler.link.queuedBytes)
      acceptor.onData = () => {}
      acceptor.call(() => acceptor.link.resume())
      await acceptor.untilBytes(32 * MIB)
      await dialler.until(() => queuedAtDrain.length > 0)
      expect(queuedAtDrain[0]).toBeLessThanOrEqual(17 * MIB)
    })

    it('lets timers fire while it is written to at full speed', async () => {
      const { dialler, acceptor } = await open()
      acceptor.onData = () => {}
      const block = new Uint8Array(64 * 1024)
      let ticks = 0
      const timer = setInterval(() => ticks++, 2)
      let sent = 0
      await new Promise<void>((resolve) => {
        const fill = (): void => {
          while (sent < 96 * MIB && dialler.link.queuedBytes < MIB) {
            dialler.link.write([block])
            sent += block.length
          }
          if (sent >= 96 * MIB) resolve()
        }
        dialler.onDrain = fill
        fill()
      })
      clearInterval(timer)
      expect(ticks).toBeGreaterThanOrEqual(5)
    })

    it('gives the event loop back between a write and its acceptance', async () => {
      const { dialler } = await open()
      await turns(20)
      dialler.write(text('x'))
      // However long microtasks go on, they see no progress: an owner driven by them would starve everything else.
      for (let i = 0; i < 200; i++) await new Promise<void>((resolve) => process.nextTick(resolve))
      expect(dialler.link.queuedBytes).toBe(1)
      await settled(() => dialler.link.queuedBytes, 50)
      expect(dialler.link.queuedBytes).toBe(0)
    })
  })

  describe(`${harness.name}: ending`, () => {
    it.each(bothWays)('goes on in one direction after the other ended (%s first)', async (_, ends) => {
      const [first, second] = ends(await open())
      first.write(text('question'))
      first.call(() => first.link.end())
      await second.untilEnd()
      expect(second.text()).toBe('question')
      expect([first.closes, second.closes]).toEqual([[], []])
      second.write(text('answer'))
      second.call(() => second.link.end())
      await Promise.all([first.untilClose(), second.untilClose()])
      expect(first.text()).toBe('answer')
      expect([first.ends, second.ends]).toEqual([1, 1])
      expect([first.closes, second.closes]).toEqual([[undefined], [undefined]])
    })

    it('closes when both ends finish at the same moment', async () => {
      const { dialler, acceptor } = await open()
      for (const side of [dialler, acceptor]) {
        side.write(text('bye'))
        side.call(() => side.link.end())
        side.call(() => side.link.end())
      }
      await Promise.all([dialler.untilClose(), acceptor.untilClose()])
      expect([dialler.text(), acceptor.text()]).toEqual(['bye', 'bye'])
      expect([dialler.closes, acceptor.closes]).toEqual([[undefined], [undefined]])
    })

    it.each(bothWays)('sends everything queued before the end (%s writes)', async (_, ends) => {
      const [writer, reader] = ends(await open())
      const block = new SeededRandom(3).bytes(8 * MIB)
      writer.write(block)
      writer.call(() => writer.link.end())
      await reader.untilEnd()
      expect(digest(reader.received())).toBe(digest(block))
    })

    it.each(bothWays)(
      'breaks at once on abort, and the other end sees the loss (%s aborts)',
      async (_, ends) => {
        const [aborting, other] = ends(await open())
        other.write(text('ping'))
        await aborting.untilBytes(4)
        aborting.write(new Uint8Array(8 * MIB))
        aborting.expectOnlyClose()
        aborting.call(() => aborting.link.abort())
        aborting.call(() => aborting.link.abort())
        expect(aborting.link.queuedBytes).toBe(0)
        expect(aborting.closes).toEqual([])
        await Promise.all([aborting.untilClose(), other.untilClose()])
        await turns(10)
        expect([aborting.closeCode, other.closeCode]).toEqual(['E_ABORTED', 'E_LINK_LOST'])
        expect([aborting.closes.length, other.closes.length, other.ends]).toEqual([1, 1, 0])
      },
    )

    it('tells an owner that attaches too late that the link is gone', async () => {
      const { dialled, accepted, skip } = await openLinks()
      dialled.abort()
      accepted.write([text('into the void')])
      await settled(() => accepted.queuedBytes, 50)
      const dialler = own(dialled)
      const acceptor = own(accepted, skip)
      await Promise.all([dialler.untilClose(), acceptor.untilClose()])
      expect([dialler.closeCode, acceptor.closeCode]).toEqual(['E_ABORTED', 'E_LINK_LOST'])
    })

    it('refuses to write after end, close and abort', async () => {
      for (const finish of ['end', 'close', 'abort'] as const) {
        const { dialler } = await open()
        dialler.call(() => dialler.link[finish]())
        expect((await failure(async () => dialler.write(text('late')))).code).toBe('E_LINK_CLOSED')
      }
    })

    it('says nothing more after close', async () => {
      const { dialler, acceptor } = await open()
      for (const side of [dialler, acceptor]) side.call(() => side.link.end())
      await Promise.all([dialler.untilClose(), acceptor.untilClose()])
      for (const { link } of [dialler, acceptor]) {
        link.pause()
        link.resume()
        link.end()
        link.close()
        link.abort()
      }
      await turns(10)
      expect([dialler.closes, acceptor.closes]).toEqual([[undefined], [undefined]])
    })

    it('close sends what is queued, drops what comes and ends with the peer', async () => {
      const { dialler, acceptor } = await open()
      const block = new SeededRandom(4).bytes(2 * MIB)
      dialler.write(block)
      dialler.expectOnlyClose()
      dialler.call(() => dialler.link.close())
      await acceptor.untilEnd()
      expect(digest(acceptor.received())).toBe(digest(block))
      acceptor.write(new Uint8Array(2 * MIB))
      acceptor.call(() => acceptor.link.end())
      await Promise.all([dialler.untilClose(), acceptor.untilClose()])
      expect([dialler.closes, acceptor.closes]).toEqual([[undefined], [undefined]])
    })

    it('close lets go after the linger when the peer never ends', async () => {
      const { dialler, acceptor } = await open()
      dialler.call(() => dialler.link.close(100))
      await dialler.untilClose()
      expect(dialler.closes).toEqual([undefined])
      expect(acceptor.ends).toBe(1)
    })

    it('close reports bytes that the peer would not take', async () => {
      const { dialler, acceptor } = await open()
      acceptor.call(() => acceptor.link.pause())
      dialler.write(new Uint8Array(32 * MIB))
      dialler.call(() => dialler.link.close(100))
      await dialler.untilClose()
      expect(dialler.closeCode).toBe('E_LINK_LOST')
    })
  })

  describe(`${harness.name}: listening`, () => {
    it('keeps accepted links when the listener closes, and takes no new ones', async () => {
      const { dialler, acceptor, listener } = await open()
      await listener.close()
      await listener.close()
      acceptor.onData = (chunk) => acceptor.link.write([chunk])
      dialler.write(text('still here'))
      await dialler.untilBytes(10)
      expect(dialler.text()).toBe('still here')
      const late = await failure(
        harness.dial(listener, { timeoutMs: 700 }).then(async (link) => {
          const recorder = own(link)
          recorder.write(GREETING)
          await recorder.untilClose()
          throw recorder.closes[0]
        }),
      )
      expect([...harness.closedPort, 'E_LINK_LOST']).toContain(late.code)
    })

    it('refuses a port that is taken and frees it on close', async () => {
      const first = await listen(() => {})
      const taken = await failure(harness.listen({ port: first.port, onLink: () => {} }))
      expect(taken.code).toBe('E_ADDRESS_IN_USE')
      await first.close()
      const second = await harness.listen({ port: first.port, onLink: () => {} })
      listeners.push(second)
      expect(second.port).toBe(first.port)
    })

    const itIfPortIsFree = harness.freesPortAtOnce ? it : undefined
    itIfPortIsFree?.('frees the port although links live on', async () => {
      const { listener } = await open()
      await listener.close()
      const again = await harness.listen({ port: listener.port, onLink: () => {} })
      listeners.push(again)
      expect(again.port).toBe(listener.port)
    })

    it('stops when its signal fires, and never starts when it has', async () => {
      const error = await failure(harness.listen({ onLink: () => {}, signal: AbortSignal.abort() }))
      expect(error.code).toBe('E_ABORTED')
      const controller = new AbortController()
      const listener = await listen(() => {}, { signal: controller.signal })
      controller.abort()
      await turns(5)
      const late = await failure(harness.dial(listener, { timeoutMs: 700 }))
      expect(harness.closedPort).toContain(late.code)
    })

    const itAcrossProcesses = harness.crossesProcesses ? it : undefined
    itAcrossProcesses?.('notices a peer process that is killed', async () => {
      const incoming = Promise.withResolvers<Recorder>()
      const listener = await listen((link) => incoming.resolve(own(link)))
      const child = fork(VANISHING_PEER, [harness.kind, listener.host, String(listener.port)], {
        execArgv: [],
      })
      children.push(child)
      const peer = await incoming.promise
      await peer.untilBytes(5)
      child.kill('SIGKILL')
      await once(child, 'exit')
      await peer.until(() => peer.ends > 0 || peer.closes.length > 0)
      // TCP says no more than "end" for a process that died; the first bytes sent then are answered with a reset,
      // which the next ones meet.
      while (peer.closes.length === 0) {
        peer.write(text('anybody there?'))
        await turns(10)
      }
      expect(peer.closeCode).toBe('E_LINK_LOST')
    })
  })
}

const VANISHING_PEER = fileURLToPath(new URL('./children/vanishing-peer.ts', import.meta.url))

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

/** The error that `attempt` ends in. */
export async function failure(attempt: Promise<unknown> | (() => Promise<unknown>)): Promise<AivError> {
  try {
    await (typeof attempt === 'function' ? attempt() : attempt)
  } catch (error) {
    expect(error).toBeInstanceOf(AivError)
    return error as AivError
  }
  throw new Error('nothing failed')
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Sends `count` MiB of seeded bytes at most 1 MiB ahead of the transport, then ends. Resolves with their SHA-256. */
async function sendHashed(sender: Recorder, count: number, seed: number): Promise<string> {
  const random = new SeededRandom(seed)
  const hash = createHash('sha256')
  for (let i = 0; i < count; i++) {
    const block = random.bytes(MIB)
    hash.update(block)
    for (let at = 0; at < MIB; ) {
      const size = 1 + random.below(200_000)
      sender.write(block.subarray(at, at + size))
      at += size
    }
    if (sender.link.queuedBytes >= MIB) {
      const { drains } = sender
      await sender.until(() => sender.drains > drains)
    } else await turns(1)
  }
  sender.call(() => sender.link.end())
  return hash.digest('hex')
}

async function receiveHashed(receiver: Recorder): Promise<string> {
  const hash = createHash('sha256')
  for (const chunk of receiver.chunks) hash.update(chunk)
  receiver.onData = (chunk) => hash.update(chunk)
  await receiver.untilEnd()
  return hash.digest('hex')
}
