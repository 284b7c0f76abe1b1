import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Link } from '../../src/lib/link/index.ts'
import { dialTcp, listenTcp } from '../../src/lib/link/tcp.ts'
import { failure, testLinkCompliance, text } from './compliance.ts'
import { Recorder, turns } from './recorder.ts'
import { runChild } from './run-child.ts'

testLinkCompliance({
  name: 'tcp',
  kind: 'tcp',
  listen: ({ port = 0, ...options }) => listenTcp({ host: '127.0.0.1', port, ...options }),
  dial: ({ host, port }, options) => dialTcp(host, port, options),
  dialerSpeaksFirst: false,
  closedPort: ['E_UNREACHABLE'],
  transportHolds: 16 * 1024 * 1024,
  freesPortAtOnce: true,
  crossesProcesses: true,
})

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** A link accepted from a plain socket, which sees what the kernel shows a prober. */
async function acceptPlainSocket(): Promise<{ link: Link; socket: Socket }> {
  const incoming = Promise.withResolvers<Link>()
  const listener = await listenTcp({ host: '127.0.0.1', port: 0, onLink: incoming.resolve })
  const socket = connect({ port: listener.port, host: '127.0.0.1', allowHalfOpen: true })
  cleanups.push(
    () => socket.destroy(),
    () => void listener.close(),
  )
  const link = await incoming.promise
  cleanups.push(() => link.abort())
  return { link, socket }
}

/** How the connection ended for the plain socket: a FIN is `end`, a RST is an error. */
function ending(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('end', () => resolve('FIN'))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    socket.resume()
  })
}

/** A socket that was reset refuses the very next write; one whose peer only left takes it. */
function isReset(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => socket.write('x', (error) => resolve(error instanceof Error)))
}

async function plainServer(onSocket: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    onSocket(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => server.close())
  return (server.address() as { port: number }).port
}

describe('tcp on the wire', () => {
  it('close is a FIN and no reset, however many bytes the peer has sent', async () => {
    for (const sent of [0, 1, 1000, 300_000]) {
      const { link, socket } = await acceptPlainSocket()
      const seen = ending(socket)
      socket.write(new Uint8Array(sent))
      await turns(20)
      // Nobody has read: at `close` the bytes wait in the kernel, where they would turn the end into a reset.
      link.close(50)
      expect(await seen).toBe('FIN')
      // Past the linger: now the socket itself is closed. It is the kernel's clock that counts.
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(await isReset(socket)).toBe(false)
    }
  })

  it('close is a FIN for a peer that goes on sending', async () => {
    const { link, socket } = await acceptPlainSocket()
    const recorder = Recorder.attach(link)
    const seen = ending(socket)
    const sender = setInterval(() => socket.write(new Uint8Array(1000)), 1)
    cleanups.push(() => clearInterval(sender))
    link.close(50)
    expect(await seen).toBe('FIN')
    await recorder.untilClose()
    expect(recorder.closes).toEqual([undefined])
    expect(recorder.violations).toEqual([])
  })

  it('abort is a reset', async () => {
    const { link, socket } = await acceptPlainSocket()
    const seen = ending(socket)
    link.abort()
    expect(await seen).toBe('ECONNRESET')
  })

  it('abort right behind an end leaves no descriptor open', async () => {
    const { socket, link } = await acceptPlainSocket()
    socket.on('error', () => {}).on('end', () => socket.destroy())
    socket.resume()
    const inode = (fd: string): string => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`)
      } catch {
        return ''
      }
    }
    const sockets = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => inode(fd).startsWith('socket:')).length
    const before = sockets()
    const closed = once(socket, 'close')
    link.end()
    link.abort()
    await closed
    await turns(20)
    // Neither the link's nor that of the other end, which closed when it was told.
    expect(sockets()).toBe(before - 2)
  })

  it('adds nothing to the bytes in either direction', async () => {
    const { link, socket } = await acceptPlainSocket()
    const recorder = Recorder.attach(link)
    let got = ''
    socket.setEncoding('utf8').on('data', (piece) => {
      got += piece
    })
    socket.write('to the link')
    recorder.write(text('from '), text('the link'))
    await recorder.untilBytes(11)
    link.end()
    await once(socket, 'end')
    expect(recorder.text()).toBe('to the link')
    expect(got).toBe('from the link')
  })

  it('survives a reset before the owner attached', async () => {
    const { link, socket } = await acceptPlainSocket()
    socket.resetAndDestroy()
    await turns(20)
    const recorder = Recorder.attach(link)
    await recorder.untilClose()
    expect(recorder.closeCode).toBe('E_LINK_LOST')
  })

  it('survives a reset while nobody reads', async () => {
    const { link, socket } = await acceptPlainSocket()
    const recorder = Recorder.attach(link)
    link.pause()
    socket.resetAndDestroy()
    await turns(20)
    while (recorder.closes.length === 0) {
      recorder.write(text('x'))
      await turns(5)
    }
    expect(recorder.closeCode).toBe('E_LINK_LOST')
  })

  it('sends small writes of one callback in one segment', async () => {
    const got: number[] = []
    const port = await plainServer((socket) => socket.on('data', (chunk) => got.push(chunk.length)))
    const link = await dialTcp('127.0.0.1', port)
    cleanups.push(() => link.abort())
    for (let i = 0; i < 500; i++) link.write([text('x')])
    while (got.reduce((sum, n) => sum + n, 0) < 500) await turns(1)
    expect(got).toEqual([500])
  })
})

describe('tcp addresses', () => {
  it.each(['::1', '[::1]'])('takes the IPv6 literal %s', async (host) => {
    const incoming = Promise.withResolvers<Link>()
    const listener = await listenTcp({ host, port: 0, onLink: incoming.resolve })
    cleanups.push(() => void listener.close())
    const link = await dialTcp(host, listener.port)
    const accepted = await incoming.promise
    cleanups.push(
      () => link.abort(),
      () => accepted.abort(),
    )
    expect(listener.host).toBe('::1')
    expect(link.remoteAddress).toBe(`[::1]:${listener.port}`)
    expect(accepted.remoteAddress).toBe(link.localAddress)
  })

  it('reports a name that does not exist', async () => {
    const error = await failure(dialTcp('no-such-host.invalid', 1))
    expect(error.code).toBe('E_UNREACHABLE')
    expect(error.message).toContain('no-such-host.invalid:1')
  })

  it('reports an address that this machine does not have', async () => {
    const error = await failure(listenTcp({ host: '192.0.2.1', port: 0, onLink: () => {} }))
    expect(error.code).toBe('E_LINK')
    expect(error.message).toContain('192.0.2.1')
  })

  it.each([0, -1, 65_536, 1.5])('refuses to dial port %s', async (port) => {
    expect((await failure(dialTcp('127.0.0.1', port))).code).toBe('E_USAGE')
  })

  it('gives up after the time-out on a peer that never answers', async () => {
    // A listening socket with a full backlog drops further SYNs, like a filtered port.
    const listener = await runChild('full-backlog.ts')
    cleanups.push(() => void listener.process.kill('SIGKILL'))
    const port = Number(await listener.line())
    const queued = Array.from({ length: 8 }, () => connect({ port, host: '127.0.0.1' }).on('error', () => {}))
    cleanups.push(() => queued.forEach((socket) => void socket.destroy()))
    await turns(50)
    const error = await failure(dialTcp('127.0.0.1', port, { timeoutMs: 200 }))
    expect(error.code).toBe('E_TIMEOUT')
    expect(error.message).toContain('200 ms')
  })
})

describe('a tcp listener out of file descriptors', () => {
  it('turns connections away, lives on and accepts again', async () => {
    const child = await runChild('scarce-listener.ts', [], { openFiles: 40 })
    cleanups.push(() => void child.process.kill('SIGKILL'))
    const port = Number(await child.line())
    const crowd = Array.from({ length: 60 }, () => connect({ port, host: '127.0.0.1' }).on('error', () => {}))
    cleanups.push(() => crowd.forEach((socket) => void socket.destroy()))
    await Promise.any(crowd.map((socket) => once(socket.resume(), 'close')))
    for (const socket of crowd) socket.destroy()
    const recorder = await untilEchoed(port)
    expect(recorder.text()).toBe('still open?')
  })
})

/** Dials until a link is echoed: the listener needs a moment to see that the crowd has gone. */
async function untilEchoed(port: number): Promise<Recorder> {
  for (;;) {
    const link = await dialTcp('127.0.0.1', port)
    cleanups.push(() => link.abort())
    const recorder = Recorder.attach(link)
    recorder.write(text('still open?'))
    await recorder.until(() => recorder.bytes === 11 || recorder.ends + recorder.closes.length > 0)
    if (recorder.bytes === 11) return recorder
  }
}
