/** Connections of this machine that wait for a stream of the peer, which may be away. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fromHex, isAivError, type ManualClock } from '../../../../src/lib/core/index.ts'
import {
  localForward,
  type OpenStream,
  parsePermit,
  socksServer,
  streamsOf,
} from '../../../../src/lib/htx/index.ts'
import { turns, until } from '../../endpoint/endpoints.ts'
import { tcpTarget, textOf, udpPort } from './echo-ports.ts'
import { closing, forwarding } from './forwarding.ts'

interface Waiting {
  readonly clock: ManualClock
  readonly port: number
  /** Opens that are under way. */
  readonly pending: Set<AbortSignal>
  readonly failures: Error[]
  /** The peer is back. */
  answer(): void
  /** Ends the forward. */
  close(): void
}

/** A forward whose peer is away. */
async function away(kind: 'forward' | 'socks' = 'forward'): Promise<Waiting> {
  const { access, client, clock } = forwarding('*=127.0.0.1:1')
  const target = {
    host: '127.0.0.1',
    port: await tcpTarget((socket) => {
      let text = ''
      socket.on('data', (chunk: Buffer) => {
        text += chunk
      })
      socket.on('end', () => socket.end(text.toUpperCase()))
    }),
  }
  access.replace(parsePermit(`*=127.0.0.1:${target.port}`))
  const pending = new Set<AbortSignal>()
  const back = Promise.withResolvers<void>()
  const open: OpenStream = async (service, params, options) => {
    const { signal = new AbortController().signal } = options
    const aborted = Promise.withResolvers<never>()
    pending.add(signal)
    signal.addEventListener('abort', () => aborted.reject(signal.reason))
    try {
      await Promise.race([back.promise, aborted.promise])
      return await streamsOf(client)(service, params, options)
    } finally {
      pending.delete(signal)
    }
  }
  const failures: Error[] = []
  const options = {
    open,
    listen: { host: '127.0.0.1', port: 0 },
    clock,
    onFailed: (_target: unknown, error: Error) => void failures.push(error),
  }
  const listener = closing(
    kind === 'socks' ? await socksServer(options) : await localForward({ ...options, target }),
  )
  const { port } = listener
  return { clock, port, pending, failures, answer: () => back.resolve(), close: () => listener.close() }
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** An association with a datagram to each of so many targets. */
async function associationWith(port: number, targets: number, pending: Set<unknown>): Promise<Socket> {
  const control = await dial(port)
  control.write(fromHex('050100'))
  await once(control, 'data')
  control.write(fromHex('05030001000000000000'))
  const [reply] = (await once(control, 'data')) as [Buffer]
  const udp = await udpPort()
  const before = pending.size
  for (let i = 0; i < targets; i++) {
    udp.send(fromHex(`00000001090909090${(i + 256).toString(16)}00`), reply.readUInt16BE(8), '127.0.0.1')
    if (before < 1024) await until(() => pending.size === before + i + 1, 'the open')
  }
  return control
}

describe('a UDP flow that waits for its peer', () => {
  it('is not waited for in vain when its association has ended', async () => {
    const { clock, port, pending } = await away('socks')
    const control = await associationWith(port, 3, pending)
    control.end()
    await once(control.resume(), 'close')
    // The peer may be about to answer.
    clock.advance(14_000)
    await turns(20)
    expect(pending.size).toBe(3)
    clock.advance(1_000)
    await until(() => pending.size === 0, 'the end of the opens')
  })

  it('is called off when the proxy closes', async () => {
    const { port, pending, close } = await away('socks')
    await associationWith(port, 3, pending)
    close()
    await until(() => pending.size === 0, 'the end of the opens')
  })

  it('is one of 1,024 at most over all associations; those that are over make room', async () => {
    const { port, pending, failures } = await away('socks')
    const controls: Socket[] = []
    for (let i = 0; i < 16; i++) controls.push(await associationWith(port, 64, pending))
    expect(pending.size).toBe(1024)
    await associationWith(port, 1, pending)
    await until(() => failures.length === 1, 'the refusal')
    expect([pending.size, isAivError(failures[0], 'E_STREAM_LIMIT')]).toEqual([1024, true])
    controls[3]?.destroy()
    await turns(50)
    const calledOff = (): number => [...seen].filter(({ aborted }) => aborted).length
    const seen = [...pending]
    await associationWith(port, 1, pending)
    await until(() => calledOff() === 1, 'the room')
    expect([pending.size, failures.length]).toEqual([1024, 1])
  })
})

describe('a connection that waits for its peer', () => {
  it('and breaks is not waited for', async () => {
    const { port, pending, failures } = await away()
    const socket = await dial(port)
    await until(() => pending.size === 1, 'the open')
    socket.resetAndDestroy()
    await until(() => pending.size === 0, 'the end of the open')
    expect(failures).toEqual([])
  })

  it('and has sent all it has to say is answered when the peer is back in time', async () => {
    const { clock, port, pending, answer } = await away()
    const socket = await dial(port)
    const answered = textOf(socket)
    socket.write('hel')
    await until(() => pending.size === 1, 'the open')
    socket.end('lo')
    await turns(20)
    clock.advance(14_000)
    await turns(20)
    expect(pending.size).toBe(1)
    answer()
    expect(await answered).toBe('HELLO')
  })

  it('and has sent its end and nothing else is answered when the peer is back in time', async () => {
    const { port, pending, answer } = await away()
    const socket = await dial(port)
    const answered = textOf(socket)
    await until(() => pending.size === 1, 'the open')
    socket.end()
    await turns(50)
    answer()
    expect(await answered).toBe('')
  })

  it('and has sent its end is reset when the peer does not come back in time', async () => {
    const { clock, port, pending, failures } = await away()
    const socket = await dial(port)
    const reset = once(socket, 'error').then(([error]) => (error as NodeJS.ErrnoException).code)
    socket.end('hello')
    await until(() => pending.size === 1, 'the open')
    const late = (): boolean => {
      clock.advance(100)
      return pending.size === 0
    }
    await until(late, 'the end of the open')
    expect(await reset).toBe('ECONNRESET')
    expect(failures).toEqual([])
  })

  it('through SOCKS and breaks is not waited for either', async () => {
    const { port, pending, failures } = await away('socks')
    const socket = await dial(port)
    socket.write(fromHex('050100'))
    await once(socket, 'data')
    socket.write(fromHex('050100017f0000010050'))
    await until(() => pending.size === 1, 'the open')
    socket.resetAndDestroy()
    await until(() => pending.size === 0, 'the end of the open')
    expect(failures).toEqual([])
  })

  it('is one of 1,024 at most; the rest are reset, until one of them has left', async () => {
    const { port, pending, failures } = await away()
    const sockets: Socket[] = []
    for (let i = 0; i < 1024; i++) sockets.push(await dial(port))
    await until(() => pending.size === 1024, 'the opens')
    const late = new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve))
    expect(await late).toMatchObject({ code: 'ECONNRESET' })
    expect(failures.map((error) => isAivError(error, 'E_STREAM_LIMIT'))).toEqual([true])
    sockets[7]?.resetAndDestroy()
    await until(() => pending.size === 1023, 'the place')
    await dial(port)
    await until(() => pending.size === 1024, 'the open')
  })

  it('makes room for another when it has sent its end', async () => {
    const { port, pending, failures, answer } = await away()
    const sockets: Socket[] = []
    for (let i = 0; i < 1024; i++) sockets.push(await dial(port))
    await until(() => pending.size === 1024, 'the opens')
    const gone = sockets[500] as Socket
    const reset = once(gone, 'error').then(([error]) => (error as NodeJS.ErrnoException).code)
    gone.end()
    await turns(50)
    const fresh = await dial(port)
    expect(await reset).toBe('ECONNRESET')
    await until(() => pending.size === 1024, 'the open')
    expect(failures).toEqual([])
    for (const socket of sockets) socket.resetAndDestroy()
    await until(() => pending.size === 1, 'the rest')
    fresh.end('late')
    answer()
    expect(await textOf(fresh)).toBe('LATE')
  })
})
