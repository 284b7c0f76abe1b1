import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { PassThrough, type Readable, Writable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import { type HtxSession, type HtxStream, type LocalEnd, relay } from '../../../src/lib/htx/index.ts'
import { connectTo, START_MS, startListener, turns, until } from '../endpoint/endpoints.ts'

interface Joined {
  readonly client: HtxSession
  readonly ours: HtxStream
  readonly theirs: HtxStream
}

/** A stream between two sessions; the tests relay its far end. */
async function join(): Promise<Joined> {
  const streams: HtxStream[] = []
  const running = await startListener({
    clock: new ManualClock(START_MS),
    onStream: (stream) => streams.push(stream.on('error', () => {})),
  })
  const client = await connectTo(running)
  const ours = client.openStream().on('error', () => {})
  ours.write('!')
  await until(() => streams.length === 1, 'the stream')
  const theirs = streams[0] as HtxStream
  await once(theirs, 'readable')
  theirs.read(1)
  return { client, ours, theirs }
}

/** A local end of two separate streams, as a command has. */
function pipes(): LocalEnd & {
  readonly readable: PassThrough
  readonly writable: PassThrough
  readonly broken: Error[]
} {
  const broken: Error[] = []
  return {
    readable: new PassThrough(),
    writable: new PassThrough(),
    broken,
    onBroken: (error) => broken.push(error),
  }
}

function collect(stream: Readable): () => string {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => String(Buffer.concat(chunks))
}

/** Two ends of a TCP connection. */
async function sockets(): Promise<readonly [Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const local = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const [far] = (await once(server, 'connection')) as [Socket]
  for (const socket of [local, far]) socket.on('error', () => {})
  onTestFinished(() => {
    local.destroy()
    far.destroy()
    server.close()
  })
  return [local, far]
}

describe('a relay', () => {
  it('moves bytes both ways and ends when both directions have', async () => {
    const { ours, theirs } = await join()
    const local = pipes()
    const done = relay(theirs, local)
    const here = collect(ours)
    const there = collect(local.writable)
    ours.end('to the command')
    await once(local.writable, 'end')
    expect(there()).toBe('to the command')
    local.readable.write('late ')
    await turns(10)
    local.readable.end('answer')
    expect(await done).toBeUndefined()
    await until(() => ours.readableEnded, 'the end')
    expect(here()).toBe('late answer')
    expect([ours.errored, theirs.errored, local.broken]).toEqual([null, null, []])
  })

  it('carries a half-close of either side through to a socket', async () => {
    for (const first of ['peer', 'local'] as const) {
      const { ours, theirs } = await join()
      const [local, far] = await sockets()
      const done = relay(theirs, { readable: local, writable: local })
      const here = collect(ours)
      const there = collect(far)
      if (first === 'peer') {
        ours.end('one')
        await once(far, 'end')
        far.end('two')
        await once(ours, 'end')
      } else {
        far.end('two')
        await once(ours, 'end')
        ours.end('one')
        await once(far, 'end')
      }
      expect(await done).toBeUndefined()
      expect([here(), there()]).toEqual(['two', 'one'])
    }
  })

  it('slows its writer down to the pace of the local end', async () => {
    const { ours, theirs } = await join()
    let taken = 0
    let release: () => void = () => {}
    const writable = new Writable({
      highWaterMark: 1000,
      write(chunk: Buffer, _encoding, done) {
        taken += chunk.length
        release = done
      },
    })
    void relay(theirs, { readable: new PassThrough(), writable })
    const TOTAL = 8_000_000
    ours.end(Buffer.alloc(TOTAL))
    await turns(200)
    expect(taken).toBeLessThan(200_000)
    expect(ours.writableFinished).toBe(false)
    while (taken < TOTAL) {
      release()
      await turns(1)
    }
    release()
  })

  it('moves a lot of bytes through a socket unchanged', async () => {
    const { ours, theirs } = await join()
    const [local, far] = await sockets()
    const done = relay(theirs, { readable: local, writable: local })
    far.pipe(far)
    const sent = Buffer.from(new SeededRandom(2).bytes(5_000_000))
    const chunks: Buffer[] = []
    ours.on('data', (chunk: Buffer) => chunks.push(chunk))
    ours.end(sent)
    await once(ours, 'end')
    expect(Buffer.concat(chunks).equals(sent)).toBe(true)
    expect(await done).toBeUndefined()
  })
})

describe('when the stream breaks, a relay', () => {
  it.each(['reset', 'cut'])('by a %s, says so before it closes the local end', async (how) => {
    const { client, ours, theirs } = await join()
    const local = pipes()
    const order: string[] = []
    local.writable.on('close', () => order.push('closed'))
    const done = relay(theirs, { ...local, onBroken: () => order.push('broken') })
    ours.write('part')
    await turns(10)
    if (how === 'reset') ours.destroy()
    else client.abort()
    expect(await done).toMatchObject({ code: how === 'reset' ? 'E_STREAM_RESET' : 'E_LINK_LOST' })
    await until(() => order.length === 2, 'both')
    expect(order).toEqual(['broken', 'closed'])
    expect([local.readable.destroyed, local.writable.destroyed, local.writable.writableFinished]).toEqual([
      true,
      true,
      false,
    ])
  })

  it('breaks even when the stream was only destroyed here, without an error', async () => {
    const { theirs } = await join()
    const local = pipes()
    const done = relay(theirs, local)
    theirs.destroy()
    expect(await done).toMatchObject({ code: 'E_STREAM_RESET' })
    expect(local.broken.length).toBe(1)
    expect(local.readable.destroyed).toBe(true)
  })

  it('breaks at once when the stream was over before it began', async () => {
    const { theirs } = await join()
    theirs.destroy()
    await once(theirs, 'close')
    const local = pipes()
    expect(await relay(theirs, local)).toMatchObject({ code: 'E_STREAM_RESET' })
    expect([local.broken.length, local.writable.destroyed]).toEqual([1, true])
  })

  it('breaks when the session goes after the peer had finished its half', async () => {
    const { client, ours, theirs } = await join()
    const [local, far] = await sockets()
    const done = relay(theirs, { readable: local, writable: local })
    far.resume()
    ours.end('request')
    await once(far, 'end')
    client.abort()
    expect(await done).toMatchObject({ code: 'E_LINK_LOST' })
    expect(local.destroyed).toBe(true)
  })
})

describe('when the local end breaks, a relay', () => {
  it('breaks at once when the local end was gone before it began', async () => {
    const { ours, theirs } = await join()
    const [local, far] = await sockets()
    const closed = new Promise((resolve) => local.once('close', resolve))
    far.resetAndDestroy()
    await closed
    const failed = once(ours, 'error')
    expect(await relay(theirs, { readable: local, writable: local })).toMatchObject({
      code: 'E_STREAM_RESET',
    })
    await failed
  })

  it('passes on what the local end says whose reader was gone before it began', async () => {
    const { ours, theirs } = await join()
    const stopped = once(ours, 'stopped')
    const local = pipes()
    local.writable.destroy()
    await turns(10)
    const done = relay(theirs, local)
    const here = collect(ours)
    local.readable.end('last words')
    await Promise.all([stopped, once(ours, 'end')])
    expect([here(), await done, local.broken]).toEqual(['last words', undefined, []])
  })

  it('resets the stream in both directions', async () => {
    const { ours, theirs } = await join()
    const local = pipes()
    const done = relay(theirs, local)
    const failed = once(ours, 'error')
    local.readable.destroy(new Error('local failure'))
    expect(await done).toMatchObject({ message: 'local failure' })
    const [error] = (await failed) as [NodeJS.ErrnoException]
    expect(error).toMatchObject({ code: 'E_STREAM_RESET', message: expect.stringContaining('CANCELLED') })
  })

  it('resets the stream when its output closes without an end', async () => {
    const { ours, theirs } = await join()
    const local = pipes()
    const done = relay(theirs, local)
    const failed = once(ours, 'error')
    local.readable.write('part')
    await turns(10)
    local.readable.destroy()
    expect(await done).toMatchObject({ code: 'E_STREAM_RESET' })
    await failed
  })

  it('resets the stream when a socket is reset', async () => {
    const { ours, theirs } = await join()
    const [local, far] = await sockets()
    const done = relay(theirs, { readable: local, writable: local })
    const failed = once(ours, 'error')
    far.write('part')
    await turns(10)
    far.resetAndDestroy()
    expect(await done).toMatchObject({ code: 'ECONNRESET' })
    await failed
  })

  it('only stops reading when the local reader is gone, and passes on what that still says', async () => {
    const { ours, theirs } = await join()
    const codes: number[] = []
    ours.on('stopped', (code: number) => codes.push(code))
    const readable = new PassThrough()
    const writable = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    })
    const done = relay(theirs, { readable, writable })
    const here = collect(ours)
    ours.write('into the void')
    await until(() => codes.length > 0, 'the STOP')
    readable.end('last words')
    expect(await done).toBeUndefined()
    ours.end()
    await until(() => ours.readableEnded, 'the end')
    expect([here(), codes]).toEqual(['last words', [CODE.CANCELLED]])
  })
})

describe('when the peer reads no more, a relay', () => {
  it('closes the output of a command, which ends it', async () => {
    const { ours, theirs } = await join()
    const local = pipes()
    const done = relay(theirs, local)
    const there = collect(local.writable)
    ours.stopReading()
    await once(local.readable, 'close')
    ours.end('still for you')
    expect(await done).toBeUndefined()
    await until(() => local.writable.readableEnded, 'the end')
    expect([there(), local.broken]).toEqual(['still for you', []])
  })

  it('drops what a socket still says and keeps it open for what goes to it', async () => {
    const { ours, theirs } = await join()
    const [local, far] = await sockets()
    const done = relay(theirs, { readable: local, writable: local })
    const there = collect(far)
    ours.stopReading()
    for (let i = 0; i < 50; i++) far.write(Buffer.alloc(100_000))
    ours.end('for you')
    await once(far, 'end')
    expect(there()).toBe('for you')
    far.end()
    expect(await done).toBeUndefined()
  })
})

describe('any order of ends and failures', () => {
  it('lets a relay come to an end with both sides closed', async () => {
    const random = new SeededRandom(21)
    for (let round = 0; round < 60; round++) {
      const { client, ours, theirs } = await join()
      const local = pipes()
      local.readable.on('error', () => {})
      local.writable.on('error', () => {}).resume()
      ours.resume()
      const done = relay(theirs, local)
      const acts = [
        () => ours.end('x'),
        () => ours.destroy(),
        () => theirs.destroy(),
        () => ours.stopReading(),
        () => local.readable.end('y'),
        () => local.readable.destroy(),
        () => local.writable.destroy(),
        () => local.readable.destroy(new Error('failure')),
        () => client.abort(),
        () => ours.write(Buffer.alloc(50_000)),
        () => local.readable.write(Buffer.alloc(50_000)),
      ]
      const chosen: string[] = []
      for (let step = 0; step < 4; step++) {
        const act = acts[random.below(acts.length)] as () => unknown
        chosen.push(String(act))
        try {
          act()
        } catch {
          // Writing to what another act has closed.
        }
        await turns(random.below(6))
      }
      ours.end()
      if (!local.readable.destroyed) local.readable.end()
      client.abort()
      const outcome = await Promise.race([done.then(() => 'over'), turns(3000).then(() => 'hangs')])
      expect(outcome, `round ${round}: ${chosen.join('; ')}`).toBe('over')
    }
  })
})
