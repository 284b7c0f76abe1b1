/** Ports of remote forwards whose peer comes back: two sessions of one key at one listener. */
import { once } from 'node:events'
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ManualClock, SeededRandom } from '../../../../src/lib/core/index.ts'
import {
  AccessList,
  acceptService,
  forwardServices,
  type HtxSession,
  keepRemoteForward,
  parsePermit,
  RemoteForwards,
} from '../../../../src/lib/htx/index.ts'
import type { Identity } from '../../../../src/lib/identity/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { failureOf } from '../../../support/file-exchange.ts'
import {
  CLIENT,
  connectTo,
  elapse,
  identityOf,
  startListener,
  turns,
  until,
} from '../../endpoint/endpoints.ts'
import { tcpTarget, textOf } from './echo-ports.ts'

const LOOPBACK = '127.0.0.1'
const ANY = { host: LOOPBACK, port: 0 }

interface Peer {
  readonly session: HtxSession
  readonly remotes: RemoteForwards
}

/** A listener that opens ports for its peers. */
async function opening(permit = '*=127.0.0.1:*') {
  const access = new AccessList(parsePermit(permit))
  const running = await startListener({
    onStream: (stream, session) => void acceptService(stream, session, { clock: running.clock, services }),
  })
  const services = forwardServices({ access, clock: running.clock })
  const clock = running.clock as ManualClock
  const join = async (identity: Identity = CLIENT): Promise<Peer> => {
    const session = await connectTo(running, { identity })
    const remotes = new RemoteForwards(session, clock)
    session.onStream((stream) => void acceptService(stream, session, { clock, services: remotes.services }))
    return { session, remotes }
  }
  return { access, clock, join }
}

/** Targets that say who they are. */
async function named(name: string): Promise<{ readonly host: string; readonly port: number }> {
  return { host: LOOPBACK, port: await tcpTarget((socket) => socket.end(name)) }
}

/** Takes a port, or any, until it is closed. */
async function occupy(port: number): Promise<Server> {
  const server = createServer().listen(port, LOOPBACK)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return server
}

describe('a port of a peer', () => {
  it('goes over to a later session of the same peer, with whatever was accepted left to the first', async () => {
    const { join } = await opening()
    const [first, second] = [await join(), await join()]
    const seen: Socket[] = []
    const echo = { host: LOOPBACK, port: await tcpTarget((socket) => seen.push(socket.pipe(socket))) }
    const old = await first.remotes.add(ANY, echo)
    const live = connect(old.port, LOOPBACK)
    live.write('before')
    expect(String((await once(live, 'data'))[0])).toBe('before')

    const next = await second.remotes.add({ host: LOOPBACK, port: old.port }, await named('second'))
    expect(next.port).toBe(old.port)
    expect(await old.closed).toBe('taken-over')
    expect(await textOf(connect(old.port, LOOPBACK))).toBe('second')
    live.write('still')
    expect(String((await once(live, 'data'))[0])).toBe('still')
    first.session.abort()
    await once(live, 'error')
    expect(await textOf(connect(old.port, LOOPBACK))).toBe('second')
    second.session.abort()
    await next.closed
    await until(() => !second.session.isOpen, 'the end')
    expect((await once(connect(old.port, LOOPBACK), 'error'))[0]).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('is not given to another peer, nor back to the earlier session', async () => {
    const { join } = await opening()
    const [first, second, stranger] = [await join(), await join(), await join(identityOf(9))]
    const { port } = await first.remotes.add(ANY, await named('first'))
    const again = { host: LOOPBACK, port }
    const target = await named('other')
    expect(await failureOf(stranger.remotes.add(again, target))).toContain('the address is in use')
    await second.remotes.add(again, await named('second'))
    expect(await failureOf(first.remotes.add(again, target))).toContain('the address is in use')
    expect(await failureOf(second.remotes.add(again, target))).toContain('the address is in use')
    expect(await textOf(connect(port, LOOPBACK))).toBe('second')
  })

  it('that the listener picked goes over by its number, under the entry that permitted it', async () => {
    const { access, join } = await opening('*=127.0.0.1:0')
    const [first, second, third] = [await join(), await join(), await join()]
    const { port } = await first.remotes.add(ANY, await named('first'))
    const again = { host: LOOPBACK, port }
    expect((await second.remotes.add(again, await named('second'))).port).toBe(port)
    const refused = failureOf(third.remotes.add(again, ANY))
    access.replace([])
    expect(await refused).toContain('not permitted')
  })

  it('may be a UNIX socket', async () => {
    const path = join(temporaryFolder(), 'far.sock')
    const { join: joinPeer } = await opening(`*=${path}`)
    const [first, second] = [await joinPeer(), await joinPeer()]
    const old = await first.remotes.add({ host: path, port: 0 }, await named('first'))
    await second.remotes.add({ host: path, port: 0 }, await named('second'))
    expect(await old.closed).toBe('taken-over')
    expect(await textOf(connect(path))).toBe('second')
  })

  it.each(['a UNIX socket', 'any port'])('is really opened again when it was closed: %s', async (what) => {
    const path = join(temporaryFolder(), 'far.sock')
    const { join: joinPeer } = await opening(`*=${path},127.0.0.1:*`)
    const [first, second, third] = [await joinPeer(), await joinPeer(), await joinPeer()]
    const asked = what === 'any port' ? ANY : { host: path, port: 0 }
    const where = (port: number): NetConnectOpts => (port === 0 ? { path } : { host: LOOPBACK, port })
    const echo = { host: LOOPBACK, port: await tcpTarget() }
    const old = await first.remotes.add(asked, echo)
    // A connection of the first session, which goes on.
    const live = connect(where(old.port)).on('error', () => {})
    live.write('before')
    await once(live, 'data')
    const next = await second.remotes.add({ ...asked, port: old.port }, await named('second'))
    next.close()
    await next.closed
    const again = await third.remotes.add(asked, await named('third'))
    expect(again.port > 0).toBe(asked === ANY)
    expect(await textOf(connect(where(again.port)))).toBe('third')
    live.write('still')
    expect(String((await once(live, 'data'))[0])).toBe('still')
  })

  it.each(['goes on', 'was closed'])(
    'takes the connections of its earlier session with it when it is revoked and the later one %s',
    async (how) => {
      const { access, join } = await opening()
      const [first, second] = [await join(), await join()]
      const old = await first.remotes.add(ANY, { host: LOOPBACK, port: await tcpTarget() })
      const live = connect(old.port, LOOPBACK).on('error', () => {})
      live.write('before')
      await once(live, 'data')
      const next = await second.remotes.add({ host: LOOPBACK, port: old.port }, await named('second'))
      if (how === 'was closed') {
        next.close()
        await next.closed
      }
      access.replace(parsePermit('*=127.0.0.1:*'))
      live.write('still')
      expect(String((await once(live, 'data'))[0])).toBe('still')
      const broken = once(live, 'error')
      access.replace([])
      expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' })
      await next.closed
      await until(() => first.session.streamCount === 0, 'the end of its stream')
    },
  )

  it('is not given to an earlier session that asks for it later', async () => {
    const { join } = await opening()
    const [first, second] = [await join(), await join()]
    const { port } = await second.remotes.add(ANY, await named('second'))
    const refused = failureOf(first.remotes.add({ host: LOOPBACK, port }, await named('first')))
    expect(await refused).toContain('the address is in use')
    expect(await textOf(connect(port, LOOPBACK))).toBe('second')
  })

  it('is one of thirty-two at most, whatever the number of sessions', async () => {
    const { join } = await opening()
    const peers = [await join(), await join(), await join()] as const
    for (const { remotes } of peers.slice(0, 2))
      await Promise.all(Array.from({ length: 16 }, () => remotes.add(ANY, ANY)))
    expect(await failureOf(peers[2].remotes.add(ANY, ANY))).toContain('too many ports are open for this peer')
    const stranger = await join(identityOf(9))
    expect((await stranger.remotes.add(ANY, ANY)).port).toBeGreaterThan(0)
    peers[0].session.abort()
    await until(() => !peers[0].session.isOpen, 'the end')
    await turns(10)
    expect((await peers[2].remotes.add(ANY, ANY)).port).toBeGreaterThan(0)
  })
})

describe('a remote forward that is kept', () => {
  interface Kept {
    readonly opened: number[]
    readonly closed: string[]
    readonly refused: string[]
    readonly over: Promise<void>
    readonly stop: () => void
  }

  function keep(
    remotes: RemoteForwards,
    clock: ManualClock,
    options: { asked?: number; port?: number },
  ): Kept {
    const { asked = 0, port = asked } = options
    const opened: number[] = []
    const closed: string[] = []
    const refused: string[] = []
    const controller = new AbortController()
    const stop = (): void => controller.abort()
    onTestFinished(stop)
    const over = keepRemoteForward(remotes, {
      asked: { host: LOOPBACK, port: asked },
      port,
      target: ANY,
      clock,
      random: new SeededRandom(3),
      signal: controller.signal,
      onOpened: (forward) => opened.push(forward.port),
      onClosed: (_forward, how) => closed.push(how),
      onRefused: ({ message }) => refused.push(message),
    })
    return { opened, closed, refused, over, stop }
  }

  it('asks again until the port is free, and says once that it was not', async () => {
    const { clock, join } = await opening()
    const { remotes, session } = await join()
    const occupant = await occupy(0)
    const { port } = occupant.address() as { readonly port: number }
    const kept = keep(remotes, clock, { asked: port })
    await elapse(clock, 20_000)
    expect(kept).toMatchObject({ opened: [], refused: [expect.stringContaining('the address is in use')] })
    expect(session.statistics.framesSent).toBeGreaterThan(6)
    occupant.close()
    await once(occupant, 'close')
    await elapse(clock, 61_000)
    expect(kept.opened).toEqual([port])
  })

  it('is opened again when the peer closed it, and left to a later session that took it over', async () => {
    const { access, clock, join } = await opening()
    const [first, second] = [await join(), await join()]
    const kept = keep(first.remotes, clock, {})
    await until(() => kept.opened.length === 1, 'the port')
    const entries = parsePermit('*=127.0.0.1:*')
    access.replace([])
    await until(() => kept.closed.length === 1, 'the end')
    access.replace(entries)
    await elapse(clock, 2000, 100)
    const port = kept.opened[0] as number
    expect(kept.opened).toEqual([port, port])
    await second.remotes.add({ host: LOOPBACK, port }, ANY)
    await kept.over
    expect(kept.closed).toEqual(['closed', 'taken-over'])
  })

  it('takes another port when only one that the listener picks is permitted', async () => {
    const { clock, join } = await opening('*=127.0.0.1:0')
    const { remotes } = await join()
    const kept = keep(remotes, clock, { port: 40_000 })
    await elapse(clock, 2000, 100)
    await until(() => kept.opened.length === 1, 'the port')
    expect(kept.opened[0]).not.toBe(40_000)
  })

  it('is given up with its session', async () => {
    const { clock, join } = await opening('*=127.0.0.1:1')
    const { remotes } = await join()
    const kept = keep(remotes, clock, {})
    await until(() => kept.refused.length === 1, 'the refusal')
    kept.stop()
    await kept.over
  })
})
