/** Remote forwards: the services `bind` and `incoming` between two sessions, with real sockets. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { acceptService, openRawService, RemoteForwards } from '../../../../src/lib/htx/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { failureOf } from '../../../support/file-exchange.ts'
import { until } from '../../endpoint/endpoints.ts'
import { closedPort, tcpTarget, textOf } from './echo-ports.ts'
import { type Forwarding, forwarding } from './forwarding.ts'

const ANY = { host: '127.0.0.1', port: 0 }

/** The opening side with its remote forwards. */
function remote(permit: string): Forwarding & { readonly remotes: RemoteForwards } {
  const both = forwarding(permit)
  const { client, clock } = both
  const remotes = new RemoteForwards(client, clock)
  client.onStream((stream) => void acceptService(stream, client, { clock, services: remotes.services }))
  return { ...both, remotes }
}

/** Code of the error that a connection ends with. */
async function endOf(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1').resume()
  return await new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
    socket.once('end', () => resolve('end'))
  })
}

describe('a remote forward', () => {
  it('carries connections of the peer to a target here', async () => {
    const port = await tcpTarget()
    const { remotes, client } = remote('*=127.0.0.1:*')
    const forward = await remotes.add(ANY, { host: '127.0.0.1', port })
    expect(forward.port).toBeGreaterThan(0)
    expect(forward.where).toBe(`127.0.0.1:${forward.port}`)
    expect(remotes.hasServed).toBe(false)
    const sent = 'x'.repeat(500_000)
    const answers = await Promise.all(
      [1, 2, 3].map(async () => {
        const socket = connect({ port: forward.port, host: '127.0.0.1', allowHalfOpen: true })
        socket.end(sent)
        return await textOf(socket)
      }),
    )
    for (const answer of answers) expect(answer === sent).toBe(true)
    expect(remotes.hasServed).toBe(true)
    await until(() => client.streamCount === 1, 'the ends')
  })

  it('goes to the target of its own port', async () => {
    const one = await tcpTarget((socket) => socket.end('one'))
    const two = await tcpTarget((socket) => socket.end('two'))
    const { remotes } = remote('*=127.0.0.1:*')
    const first = await remotes.add(ANY, { host: '127.0.0.1', port: one })
    const second = await remotes.add(ANY, { host: '127.0.0.1', port: two })
    expect(await textOf(connect(second.port, '127.0.0.1'))).toBe('two')
    expect(await textOf(connect(first.port, '127.0.0.1'))).toBe('one')
  })

  it('opens UNIX sockets on either side', async () => {
    const folder = temporaryFolder()
    const far = join(folder, 'far.sock')
    const port = await tcpTarget((socket) => socket.end('hello'))
    const { remotes } = remote(`*=${far}`)
    await remotes.add({ host: far, port: 0 }, { host: '127.0.0.1', port })
    expect(await textOf(connect(far))).toBe('hello')
  })

  it.each([
    ['without an entry', ''],
    ['with an entry for public addresses', '*=*:*'],
    ['with an entry for another port', '*=127.0.0.1:1'],
  ])('is refused %s', async (_what, permit) => {
    const { remotes } = remote(permit)
    expect(await failureOf(remotes.add(ANY, ANY))).toBe(
      'E_SERVICE_REFUSED: the peer refused service bind: not permitted',
    )
  })

  it('says that the port is in use', async () => {
    const port = await tcpTarget()
    const { remotes } = remote('*=127.0.0.1:*')
    expect(await failureOf(remotes.add({ host: '127.0.0.1', port }, ANY))).toContain('the address is in use')
  })

  it('closes its port and its connections when it is closed', async () => {
    const seen: Socket[] = []
    const port = await tcpTarget((socket) => seen.push(socket.resume()))
    const { remotes, client } = remote('*=127.0.0.1:*')
    const forward = await remotes.add(ANY, { host: '127.0.0.1', port })
    const socket = connect(forward.port, '127.0.0.1').on('error', () => {})
    socket.write('x')
    await until(() => seen.length === 1, 'the connection')
    forward.close()
    await forward.closed
    await until(() => socket.destroyed && client.streamCount === 0, 'the ends')
    expect(await endOf(forward.port)).toBe('ECONNREFUSED')
  })

  it.each(['the session ends', 'nothing permits it any more'])('closes its port when %s', async (why) => {
    const port = await tcpTarget()
    const { remotes, pair, access } = remote('*=127.0.0.1:*')
    const forward = await remotes.add(ANY, { host: '127.0.0.1', port })
    if (why === 'the session ends') pair.cut()
    else access.replace([])
    await forward.closed
    await until(() => true, 'a turn')
    expect(await endOf(forward.port)).toBe('ECONNREFUSED')
  })

  it('resets a connection whose target cannot be reached', async () => {
    const port = await closedPort()
    const { remotes } = remote('*=127.0.0.1:*')
    const forward = await remotes.add(ANY, { host: '127.0.0.1', port })
    expect(await endOf(forward.port)).toBe('ECONNRESET')
  })

  it('has at most sixteen of its kind in a session', async () => {
    const { remotes } = remote('*=127.0.0.1:*')
    const forwards = await Promise.all(Array.from({ length: 16 }, () => remotes.add(ANY, ANY)))
    expect(await failureOf(remotes.add(ANY, ANY))).toContain('too many ports')
    forwards[0]?.close()
    await forwards[0]?.closed
    expect((await remotes.add(ANY, ANY)).port).toBeGreaterThan(0)
  })

  it('takes no connection that nobody asked for', async () => {
    const port = await tcpTarget()
    const { remotes, pair } = remote('*=127.0.0.1:*')
    await remotes.add(ANY, { host: '127.0.0.1', port })
    for (const params of [{}, { bind: 12_345 }, { bind: '1' }, { bind: null }])
      expect(await failureOf(openRawService(pair.server, 'incoming', params))).toContain(
        'no such port was asked for',
      )
  })

  it('ends when its peer talks on the stream that keeps it', async () => {
    const { client } = forwarding('*=127.0.0.1:*')
    const stream = await openRawService(client, 'bind', ANY)
    const [head] = (await once(stream, 'data')) as [Buffer]
    const port = head.readUInt16BE()
    stream.write('more')
    await once(stream.resume(), 'end')
    expect(await endOf(port)).toBe('ECONNREFUSED')
  })
})
