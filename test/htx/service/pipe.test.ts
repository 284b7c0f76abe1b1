import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SeededRandom } from '../../../src/lib/core/index.ts'
import {
  acceptService,
  echoService,
  execService,
  forwardService,
  type HtxSession,
  type HtxStream,
  openRawService,
  type Service,
} from '../../../src/lib/htx/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { CLIENT, connectTo, LIVE_CLOCK, startListener, turns, until } from '../endpoint/endpoints.ts'

interface Serving {
  readonly client: HtxSession
  readonly server: HtxSession
  readonly failed: string[]
  open(): Promise<HtxStream>
}

async function serving(service: Service): Promise<Serving> {
  const failed: string[] = []
  const running = await startListener({
    clock: LIVE_CLOCK,
    onStream: (stream, session) =>
      void acceptService(stream, session, {
        clock: LIVE_CLOCK,
        services: { pipe: service },
        onError: (error) => failed.push(error.message),
      }),
  })
  const client = await connectTo(running)
  await until(() => running.sessions.length === 1, 'the session')
  return {
    client,
    server: running.sessions[0] as HtxSession,
    failed,
    open: async () => (await openRawService(client, 'pipe')).on('error', () => {}),
  }
}

async function textOf(stream: HtxStream): Promise<string> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'end')
  return String(Buffer.concat(chunks))
}

/** Waits for a file that a command writes, and gives its text. */
async function fileText(
  path: string,
  complete: (text: string) => boolean = (text) => text !== '',
): Promise<string> {
  await until(() => existsSync(path) && complete(readFileSync(path, 'utf8')), path)
  return readFileSync(path, 'utf8')
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A process that has ended and not been waited for yet is not alive.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe('echo', () => {
  it('returns what it gets, and ends when that does', async () => {
    const { client, open } = await serving(echoService)
    const stream = await open()
    const sent = Buffer.from(new SeededRandom(3).bytes(2_000_000))
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.end(sent)
    await once(stream, 'end')
    expect(Buffer.concat(chunks).equals(sent)).toBe(true)
    await until(() => client.streamCount === 0, 'the ends')
  })
})

describe('a command behind a stream', () => {
  it('reads to the end of it and answers', async () => {
    const { client, open } = await serving(execService('wc -c'))
    const stream = await open()
    const text = textOf(stream)
    stream.end(Buffer.alloc(1_500_000))
    expect((await text).trim()).toBe('1500000')
    await until(() => client.streamCount === 0, 'the ends')
  })

  it('knows the peer, and not the passphrase of the process that runs it', async () => {
    process.env.AIV_PASSPHRASE = 'a secret of this test'
    onTestFinished(() => {
      delete process.env.AIV_PASSPHRASE
    })
    const { open } = await serving(execService('echo "$AIV_PEER:$AIV_PASSPHRASE:$PATH"'))
    const stream = (await open()).on('stopped', () => {})
    stream.end()
    expect((await textOf(stream)).trim()).toBe(`${CLIENT.peer}::${process.env.PATH}`)
  })

  it('may end before its input does', async () => {
    const { client, failed, open } = await serving(execService('head -c 5'))
    const stream = await open()
    stream.on('stopped', () => {})
    const text = textOf(stream)
    for (let i = 0; i < 30 && !stream.writableEnded; i++) stream.write(Buffer.alloc(100_000, 'a'))
    expect(await text).toBe('aaaaa')
    stream.end()
    await until(() => client.streamCount === 0, 'the ends')
    expect(failed).toEqual([])
  })

  it('is killed with all it started when its stream breaks, before it sees an end', async () => {
    for (const how of ['reset', 'cut']) {
      const folder = temporaryFolder()
      const [pids, told] = [join(folder, 'pids'), join(folder, 'told')]
      const command = `sleep 300 & echo $$ $! >${pids}; cat >/dev/null; echo complete >${told}; wait`
      const { client, open } = await serving(execService(command))
      const stream = await open()
      stream.write('the first half')
      const numbers = (await fileText(pids, (text) => text.endsWith('\n'))).trim().split(' ').map(Number)
      expect(numbers.every(isAlive)).toBe(true)
      if (how === 'reset') stream.destroy()
      else client.abort()
      await until(() => !numbers.some(isAlive), 'the end of both processes')
      expect(existsSync(told)).toBe(false)
    }
  })

  it('is killed for good when it does not want to end', async () => {
    const pids = join(temporaryFolder(), 'pids')
    const { open } = await serving(execService(`trap '' TERM; echo $$ >${pids}; while :; do sleep 0.1; done`))
    const stream = await open()
    const pid = Number(await fileText(pids, (text) => text.endsWith('\n')))
    stream.destroy()
    await turns(20)
    expect(isAlive(pid)).toBe(true)
    await until(() => !isAlive(pid), 'the end of the process')
  }, 20_000)

  it('is told by its output when nobody reads it any more', async () => {
    const { client, open } = await serving(execService('yes 2>/dev/null'))
    const stream = await open()
    await once(stream, 'data')
    stream.stopReading()
    stream.end()
    await until(() => client.streamCount === 0, 'the ends')
  })

  it('is forgotten once it has gone: its number may be another’s when the session ends', async () => {
    const { client, server, open } = await serving(execService('echo done'))
    const signals: number[] = []
    const kill = process.kill
    for (let i = 0; i < 5; i++)
      expect(await textOf((await open()).on('stopped', () => {}).end())).toBe('done\n')
    await until(() => server.streamCount === 0, 'the ends')
    await turns(20)
    process.kill = (pid, signal) => {
      if (pid < 0 && signal !== 0) signals.push(pid)
      return kill(pid, signal)
    }
    onTestFinished(() => {
      process.kill = kill
    })
    await client.close()
    await server.closed
    await turns(5)
    expect(signals).toEqual([])
  })

  it('runs once for each stream, side by side', async () => {
    const { open } = await serving(execService('read line; echo "got $line"'))
    const texts = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const stream = await open()
        stream.end(`${index}\n`)
        return await textOf(stream)
      }),
    )
    expect(texts).toEqual(Array.from({ length: 10 }, (_, index) => `got ${index}\n`))
  })
})

describe('a forward', () => {
  async function target(onSocket: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>()
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket.on('error', () => {}))
      onSocket(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return (server.address() as AddressInfo).port
  }

  it('joins a stream to a TCP service, half-close included', async () => {
    const port = await target((socket) => {
      let bytes = 0
      socket.on('data', (chunk) => {
        bytes += chunk.length
      })
      socket.on('end', () => socket.end(`${bytes} bytes`))
    })
    const { client, open } = await serving(forwardService('127.0.0.1', port))
    const stream = await open()
    const text = textOf(stream)
    stream.end(Buffer.alloc(777_777))
    expect(await text).toBe('777777 bytes')
    await until(() => client.streamCount === 0, 'the ends')
  })

  it('lets a service speak first and end first', async () => {
    const port = await target((socket) => {
      socket.end('220 ready\r\n')
      socket.resume()
    })
    const { open } = await serving(forwardService('127.0.0.1', port))
    const stream = await open()
    expect(await textOf(stream)).toBe('220 ready\r\n')
    stream.end('late')
    await once(stream, 'close')
    expect(stream.errored).toBeNull()
  })

  it('resets the service when the stream breaks: a broken upload must not look whole', async () => {
    for (const how of ['reset', 'cut']) {
      const ends: string[] = []
      const port = await target((socket) => {
        socket.on('end', () => ends.push('end'))
        socket.on('error', (error: NodeJS.ErrnoException) => ends.push(String(error.code)))
        socket.resume()
      })
      const { client, open } = await serving(forwardService('127.0.0.1', port))
      const stream = await open()
      stream.write('the first half')
      await turns(30)
      if (how === 'reset') stream.destroy()
      else client.abort()
      await until(() => ends.length > 0, 'the end')
      expect(ends).toEqual(['ECONNRESET'])
    }
  })

  it('resets the stream when the service does', async () => {
    const port = await target((socket) => {
      socket.once('data', () => socket.resetAndDestroy())
    })
    const { open } = await serving(forwardService('127.0.0.1', port))
    const stream = await open()
    const failed = once(stream, 'error')
    stream.write('x')
    const [error] = (await failed) as [NodeJS.ErrnoException]
    expect(error.code).toBe('E_STREAM_RESET')
  })

  it('says that its target cannot be reached, and not where that is', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    const { open } = await serving(forwardService('127.0.0.1', port))
    const refused = await open().catch((error: Error) => error)
    expect(refused).toMatchObject({
      code: 'E_SERVICE_REFUSED',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    expect((refused as Error).message).not.toContain('127.0.0.1')
    expect((refused as Error).message).not.toContain(String(port))
  })

  it('leaves no connection behind when the peer goes while it is made', async () => {
    const seen: Socket[] = []
    const port = await target((socket) => seen.push(socket.resume()))
    const { client } = await serving(forwardService('127.0.0.1', port))
    const opening = openRawService(client, 'pipe').catch(() => undefined)
    await turns(2)
    client.abort()
    await opening
    await turns(50)
    await until(() => seen.every((socket) => socket.destroyed || socket.closed), 'the end of the connection')
  })
})
