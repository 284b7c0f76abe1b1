/** The service `tcp` and the forward of a local port, with real sockets on the loopback. */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { localForward, openRawService, parsePermit, streamsOf } from '../../../../src/lib/htx/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { failureOf } from '../../../support/file-exchange.ts'
import { until } from '../../endpoint/endpoints.ts'
import { closedPort, tcpTarget, textOf } from './echo-ports.ts'
import { closing, forwarding } from './forwarding.ts'

/** A target that answers what it got, in capitals, when it has got all of it. */
async function target(onSocket?: (socket: Socket) => void): Promise<number> {
  return await tcpTarget(
    onSocket ??
      ((socket) => {
        const parts: Buffer[] = []
        socket.on('data', (chunk: Buffer) => parts.push(chunk))
        socket.on('end', () => socket.end(Buffer.concat(parts).toString().toUpperCase()))
      }),
  )
}

describe('the service tcp', () => {
  it('reaches what is permitted, half-close included', async () => {
    const port = await target()
    const { client } = forwarding(`*=127.0.0.1:${port}`)
    const stream = await openRawService(client, 'tcp', { host: '127.0.0.1', port })
    stream.end('hello')
    expect(await textOf(stream)).toBe('HELLO')
    await until(() => client.streamCount === 0, 'the end of the stream')
  })

  it.each([
    ['what nothing permits', {}, ''],
    ['another port', {}, '*=127.0.0.1:1'],
    ['the loopback under the wildcard', {}, '*=*:*'],
    ['the loopback in the form of IPv6', { host: '::ffff:127.0.0.1' }, '*=*:*'],
    ['the loopback in an old form', { host: '2130706433' }, '*=*:*'],
    ['the loopback by name', { host: 'localhost' }, '*=*:*'],
    ['the unspecified address', { host: '0.0.0.0' }, '*=*:*'],
    ['a UNIX socket', { host: '/run/app.sock', port: 0 }, '*=*:*'],
  ])('refuses %s, and connects to nothing', async (_what, change, permit) => {
    let connections = 0
    const port = await target(() => connections++)
    const { client } = forwarding(permit)
    expect(await failureOf(openRawService(client, 'tcp', { host: '127.0.0.1', port, ...change }))).toBe(
      'E_SERVICE_REFUSED: the peer refused service tcp: not permitted',
    )
    expect(connections).toBe(0)
  })

  it.each([
    ['no host', { port: 80 }],
    ['a host with a space', { host: 'a b', port: 80 }],
    ['a host with a control character', { host: 'a\u001b[2J', port: 80 }],
    ['a zone', { host: 'fe80::1%eth0', port: 80 }],
    ['a long host', { host: 'a'.repeat(256), port: 80 }],
    ['port 0', { host: 'h', port: 0 }],
    ['a port beyond the last', { host: 'h', port: 65_536 }],
    ['a port that is text', { host: 'h', port: '80' }],
  ])('refuses %s', async (_what, params) => {
    const { client } = forwarding('*=*:*')
    expect(await failureOf(openRawService(client, 'tcp', params))).toMatch(/^E_SERVICE_REFUSED: .* is not /)
  })

  it('does not reach what is taken off the list while it is dialled', async () => {
    const port = await target()
    const { client, access } = forwarding(`*=127.0.0.1:${port}`)
    const permits = access.permits.bind(access)
    access.permits = (...request) => {
      // Right after the judgement, before anything is dialled.
      queueMicrotask(() => access.replace([]))
      return permits(...request)
    }
    expect(await failureOf(openRawService(client, 'tcp', { host: '127.0.0.1', port }))).toContain(
      'not permitted',
    )
  })

  it('says that nobody listens there', async () => {
    const port = await closedPort()
    const { client } = forwarding(`*=127.0.0.1:${port}`)
    expect(await failureOf(openRawService(client, 'tcp', { host: '127.0.0.1', port }))).toBe(
      'E_SERVICE_REFUSED: the peer refused service tcp: connection refused',
    )
  })

  it('ends what is open when the access list permits it no more', async () => {
    const seen: Socket[] = []
    const port = await target((socket) => seen.push(socket.resume()))
    const { client, access } = forwarding(`*=127.0.0.1:${port}`)
    const stream = await openRawService(client, 'tcp', { host: '127.0.0.1', port })
    const failed = once(stream, 'error')
    access.replace(parsePermit(`*=127.0.0.1:${port},1.1.1.1:443`))
    expect(stream.destroyed).toBe(false)
    access.replace([])
    expect(String((await failed)[0])).toContain('DENIED')
    await until(() => seen.every((socket) => socket.destroyed), 'the end of the connection')
  })

  it('leaves no connection behind when the session ends', async () => {
    const seen: Socket[] = []
    const port = await target((socket) => seen.push(socket.resume()))
    const { client, pair } = forwarding(`*=127.0.0.1:${port}`)
    for (let i = 0; i < 20; i++)
      (await openRawService(client, 'tcp', { host: '127.0.0.1', port })).on('error', () => {}).write('x')
    await until(() => seen.length === 20, 'the connections')
    pair.cut()
    await until(() => seen.every((socket) => socket.destroyed), 'the end of the connections')
  })
})

describe('a local forward', () => {
  it('carries connections to the target, half-close and megabytes included', async () => {
    const port = await target((socket) => socket.pipe(socket))
    const { client } = forwarding(`*=127.0.0.1:${port}`)
    const forward = closing(
      await localForward({
        open: streamsOf(client),
        listen: { host: '127.0.0.1', port: 0 },
        target: { host: '127.0.0.1', port },
      }),
    )
    expect(forward.where).toBe(`127.0.0.1:${forward.port}`)
    const sent = Buffer.alloc(3_000_000, 'abcdefghijklmnopqrstuvwxyz0123456789')
    const answers = await Promise.all(
      [1, 2, 3].map(async () => {
        const socket = connect({ port: forward.port, host: '127.0.0.1', allowHalfOpen: true })
        socket.end(sent)
        return await textOf(socket)
      }),
    )
    for (const answer of answers) expect(answer === sent.toString()).toBe(true)
    await until(() => client.streamCount === 0, 'the ends')
  })

  it('joins UNIX sockets on both sides', async () => {
    const folder = temporaryFolder()
    const far = join(folder, 'far.sock')
    const near = join(folder, 'near.sock')
    const server = createServer((socket) => socket.end('from the socket')).listen(far)
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { client } = forwarding(`*=${far}`)
    const forward = await localForward({
      open: streamsOf(client),
      listen: { path: near },
      target: { host: far, port: 0 },
    })
    expect(await textOf(connect(near))).toBe('from the socket')
    forward.close()
    await until(() => !existsSync(near), 'the end of the socket')
  })

  it('resets a connection that the peer refuses, and tells why', async () => {
    const { client } = forwarding('')
    const failures: string[] = []
    const options = {
      open: streamsOf(client),
      target: { host: '127.0.0.1', port: 9 },
      onFailed: (_target: object, error: Error) => failures.push(error.message),
    }
    const forward = closing(await localForward({ ...options, listen: { host: '127.0.0.1', port: 0 } }))
    const [error] = await once(connect(forward.port, '127.0.0.1').resume(), 'error')
    expect((error as NodeJS.ErrnoException).code).toBe('ECONNRESET')
    expect(failures).toEqual(['the peer refused service tcp: not permitted'])
    // A UNIX socket cannot be reset, and must not end the process when one is tried.
    const path = join(temporaryFolder(), 'near.sock')
    closing(await localForward({ ...options, listen: { path } }))
    await once(connect(path).resume(), 'close')
    expect(failures).toHaveLength(2)
  })

  it('closes its connections with itself', async () => {
    const port = await target((socket) => socket.resume())
    const { client } = forwarding(`*=127.0.0.1:${port}`)
    const forward = await localForward({
      open: streamsOf(client),
      listen: { host: '127.0.0.1', port: 0 },
      target: { host: '127.0.0.1', port },
    })
    const socket = connect(forward.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('x')
    await until(() => client.streamCount === 1, 'the stream')
    forward.close()
    await until(() => socket.destroyed && client.streamCount === 0, 'the end of the stream')
  })

  it('says that its port is in use', async () => {
    const port = await target()
    const { client } = forwarding('')
    const forward = localForward({
      open: streamsOf(client),
      listen: { host: '127.0.0.1', port },
      target: { host: 'h', port: 1 },
    })
    expect(await failureOf(forward)).toBe(`E_ADDRESS_IN_USE: 127.0.0.1:${port} is in use`)
  })
})
