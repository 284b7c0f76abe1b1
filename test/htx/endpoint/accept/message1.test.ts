import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AivError, concat, ManualClock, utf8 } from '../../../../src/lib/core/index.ts'
import { openMemoryStore, openStore, type Store } from '../../../../src/lib/storage/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { bytes, ID, payload, TIME, VERSIONS } from '../../handshake/parameters.ts'
import {
  connectTo,
  freePlace,
  type Probe,
  probe,
  type Running,
  START_MS,
  startListener,
  turns,
  until,
} from '../endpoints.ts'
import { HandClient, initiatorFor, message1For } from '../hand-client.ts'

const SCHEMA = { name: 'htx', version: 1 } as const

async function probeWith(running: Running, message1: Uint8Array): Promise<Probe> {
  const one = await probe(running)
  one.link.write([message1])
  return one
}

/** A store whose batches wait until the gate opens, or fail. */
function gated(store: Store): { readonly store: Store; readonly open: () => void; fail: boolean } {
  const gate = Promise.withResolvers<void>()
  const control = {
    fail: false,
    open: gate.resolve,
    store: new Proxy(store, {
      get(target, name) {
        if (name !== 'batch') return Reflect.get(target, name).bind(target)
        return async (...given: Parameters<Store['batch']>) => {
          await gate.promise
          if (control.fail) throw new AivError('E_STORE_FULL', 'no room')
          return await target.batch(...given)
        }
      },
    }),
  }
  return control
}

describe('a replayed message 1', () => {
  it('is not answered within its window, nor after it', async () => {
    const clock = new ManualClock(START_MS)
    const running = await startListener({ clock })
    const message1 = message1For(running.listener.address)
    const first = await probeWith(running, message1)
    await until(() => first.bytes > 0, 'message 2')
    for (const seconds of [0, 300, 300, 1, 658, 1, 3600]) {
      clock.advance(seconds * 1000)
      const replay = await probeWith(running, message1)
      await turns(8)
      expect(replay.bytes, `${clock.now()} ms later`).toBe(0)
    }
    expect(running.outcomes.filter((outcome) => outcome === 'silent').length).toBe(7)
  })

  it.each(['memory', 'sqlite'])(
    'is not answered after a restart of a listener with a %s store',
    async (kind) => {
      const clock = new ManualClock(START_MS)
      const path = kind === 'memory' ? ':memory:' : join(temporaryFolder(), 'htx.sqlite')
      const open = (): Promise<Store> => openStore({ path, schema: SCHEMA, durability: 'process' })
      let store = await open()
      const place = freePlace()
      const before = await startListener({ clock, store }, place)
      const message1 = message1For(before.listener.address)
      const first = await probeWith(before, message1)
      await until(() => first.bytes > 0, 'message 2')
      await before.listener.close()
      if (kind === 'sqlite') {
        await store.close()
        store = await open()
      }
      const after = await startListener({ clock, store }, place)
      const replay = await probeWith(after, message1)
      await until(() => after.outcomes.length > 0, 'the judgement')
      await turns(8)
      expect([replay.bytes, after.outcomes]).toEqual([0, ['silent']])
      // The window of another message is its own.
      await connectTo(after)
      await after.listener.close(0)
      await store.close()
    },
  )

  it('is answered once when two copies race', async () => {
    const gate = gated(await openMemoryStore(SCHEMA))
    const running = await startListener({ store: gate.store })
    const message1 = message1For(running.listener.address)
    const copies = await Promise.all([1, 2, 3, 4].map(() => probeWith(running, message1)))
    await turns(10)
    gate.open()
    await turns(10)
    expect(copies.filter(({ bytes }) => bytes > 0).length).toBe(1)
    expect(running.outcomes).toEqual(['silent', 'silent', 'silent'])
  })

  it('finds its window closed when the clock is set back', async () => {
    const clock = new ManualClock(START_MS)
    const running = await startListener({ clock })
    const message1 = message1For(running.listener.address)
    const first = await probeWith(running, message1)
    await until(() => first.bytes > 0, 'message 2')
    clock.jumpWall(3_600_000)
    await connectTo(running)
    clock.jumpWall(-3_600_000)
    const replay = await probeWith(running, message1)
    await turns(8)
    expect(replay.bytes).toBe(0)
  })
})

describe('message 1', () => {
  it('is answered only once its cache entry is durable', async () => {
    const gate = gated(await openMemoryStore(SCHEMA))
    const running = await startListener({ store: gate.store })
    const client = await probeWith(running, message1For(running.listener.address))
    await turns(30)
    expect(client.bytes).toBe(0)
    gate.open()
    await until(() => client.bytes > 0, 'message 2')
  })

  it('is met with silence when it cannot be recorded, and the operator is told why', async () => {
    const gate = gated(await openMemoryStore(SCHEMA))
    gate.fail = true
    gate.open()
    const running = await startListener({ store: gate.store })
    const client = await probeWith(running, message1For(running.listener.address))
    await until(() => running.outcomes.length > 0, 'the judgement')
    expect([client.bytes, client.ended, running.outcomes]).toEqual([0, false, ['silent']])
    expect(running.errors).toMatchObject([{ code: 'E_STORE_FULL' }])
  })

  it.each([false, true])(
    'has one outcome when its link goes while it is recorded (in vain: %s)',
    async (fails) => {
      const gate = gated(await openMemoryStore(SCHEMA))
      const clock = new ManualClock(START_MS)
      const running = await startListener({ store: gate.store, clock })
      const client = await probeWith(running, message1For(running.listener.address))
      await turns(10)
      client.link.abort()
      await until(() => running.outcomes.length > 0, 'the loss')
      gate.fail = fails
      gate.open()
      await turns(10)
      expect(running.outcomes).toEqual(['lost'])
      expect(running.errors.length).toBe(fails ? 1 : 0)
    },
  )

  it('does not make the listener hold what comes behind it while it is recorded', async () => {
    const gate = gated(await openMemoryStore(SCHEMA))
    const running = await startListener({ store: gate.store })
    const client = await probeWith(running, message1For(running.listener.address))
    for (let i = 0; i < 40; i++) client.link.write([new Uint8Array(256 * 1024)])
    await turns(50)
    // The memory link takes 256 KiB on its way; the rest still waits on the sender's side.
    expect(client.link.queuedBytes).toBeGreaterThan(9 * 1024 * 1024)
    gate.open()
  })

  it.each([false, true])(
    'is met with silence when the deadline comes while it is recorded (in vain: %s)',
    async (fails) => {
      const gate = gated(await openMemoryStore(SCHEMA))
      const clock = new ManualClock(START_MS)
      const running = await startListener({ store: gate.store, clock })
      const client = await probeWith(running, message1For(running.listener.address))
      await turns(10)
      clock.advance(10_000)
      gate.fail = fails
      gate.open()
      await turns(10)
      expect([client.bytes, client.ended, running.outcomes]).toEqual([0, false, ['silent']])
    },
  )

  it('without a common version or with an unknown feature gets an ERROR, and the link ends behind it', async () => {
    for (const parameters of [
      [[ID.VERSIONS, bytes(1, 2)], TIME],
      [VERSIONS, TIME, [0x19, bytes()]],
    ] as const) {
      const running = await startListener()
      const options = { more: { recorded: { payloads: [payload(...parameters)] } } }
      const client = await HandClient.dial(running.listener.address, options)
      await until(() => client.probe.ended, 'the end')
      expect(() => client.initiator.readMessage2(client.probe.received.subarray(2))).toThrow(
        expect.objectContaining({ code: 'E_HANDSHAKE' }),
      )
      client.probe.link.end()
      await until(() => client.probe.closed, 'the close')
      expect(client.probe.error).toBeUndefined()
      expect(running.outcomes).toEqual(['refused'])
    }
  })
})

describe('the handshake on the wire', () => {
  const GREETING = utf8('early')

  it('may carry frames right behind message 3, in one write', async () => {
    for (const suite of [1, 2] as const) {
      const running = await startListener()
      const client = await HandClient.open(running.listener.address, { suite }, (self) =>
        concat(self.stream(1, { open: 16 }, GREETING), self.stream(3, { open: 16, fin: true }, GREETING)),
      )
      await until(() => running.streams.length === 2, 'both streams')
      const [first, second] = running.streams
      const got = await Promise.all([firstChunk(first), firstChunk(second)])
      expect(got).toEqual(['early', 'early'])
      await client.frame('ping')
    }
  })

  it('may come in single bytes, frames behind it included', async () => {
    const running = await startListener()
    const client = await HandClient.dial(running.listener.address, { suite: 1 })
    const message3 = await client.readMessage2()
    for (const byte of concat(message3, client.stream(1, { open: 16 }, GREETING))) {
      client.write(Uint8Array.of(byte))
      await turns(1)
    }
    await until(() => running.streams.length === 1, 'the stream')
    expect(await firstChunk(running.streams[0])).toBe('early')
  })

  it('may come in single bytes from its first one', async () => {
    const running = await startListener()
    const initiator = initiatorFor(running.listener.address, { suite: 1 })
    const slow = await probe(running)
    for (const byte of initiator.start()) {
      slow.link.write([Uint8Array.of(byte)])
      await turns(1)
    }
    await until(() => slow.bytes > 2, 'message 2')
    expect(() => initiator.readMessage2(slow.received.subarray(2))).not.toThrow()
  })

  it('treats what comes behind message 1 as message 3, and nothing else', async () => {
    const running = await startListener()
    const slow = await probeWith(
      running,
      concat(message1For(running.listener.address), bytes(0, 5, 1, 2, 3, 4, 5)),
    )
    await until(() => running.outcomes.length > 0, 'the judgement')
    expect(running.outcomes).toEqual(['failed'])
    expect(slow.ended).toBe(false)
    expect(running.sessions).toEqual([])
  })

  it('is over for good after a message 3 of an impossible length', async () => {
    const running = await startListener()
    const client = await HandClient.dial(running.listener.address)
    await client.readMessage2()
    const before = client.probe.bytes
    client.write(bytes(0xff, 0xff))
    await until(() => running.outcomes.length > 0, 'the judgement')
    expect([running.outcomes, client.probe.bytes - before]).toEqual([['failed'], 0])
  })
})

async function firstChunk(stream: NodeJS.ReadableStream | undefined): Promise<string> {
  const chunks: string[] = []
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
  await until(() => chunks.length > 0, 'data')
  return chunks.join('')
}
