/** Between the judgement of a target and its use nothing may come in: no other address, and no other access list. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { openRawService, openService, parsePermit, RemoteForwards } from '../../../../src/lib/htx/index.ts'
import { failureOf } from '../../../support/file-exchange.ts'
import { turns, until } from '../../endpoint/endpoints.ts'
import { closedPort, tcpTarget, udpTarget } from './echo-ports.ts'
import { type Forwarding, forwarding } from './forwarding.ts'

const SERVICES = ['tcp', 'udp', 'bind'] as const

/** A port that the service could use. */
async function portFor(service: (typeof SERVICES)[number]): Promise<number> {
  if (service === 'udp') return (await udpTarget()).port
  return service === 'tcp' ? await tcpTarget() : await closedPort()
}

/** The list is empty right after it has been asked, before anything is dialled or opened. */
function emptiedWhenAsked({ access }: Forwarding): void {
  const permits = access.permits.bind(access)
  access.permits = (...request) => {
    queueMicrotask(() => access.replace([]))
    return permits(...request)
  }
}

describe.each(SERVICES)('the service %s', (service) => {
  it('is refused when its target is taken off the list while it opens', async () => {
    const port = await portFor(service)
    const both = forwarding(`*=127.0.0.1:${port}`)
    emptiedWhenAsked(both)
    expect(await failureOf(openRawService(both.client, service, { host: '127.0.0.1', port }))).toBe(
      `E_SERVICE_REFUSED: the peer refused service ${service}: not permitted`,
    )
    await until(() => both.client.streamCount === 0, 'the end')
    if (service !== 'bind') return
    const [error] = await once(connect(port, '127.0.0.1'), 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('is refused when its target is taken off the list while its name is looked up', async () => {
    const port = await portFor(service)
    const found = Promise.withResolvers<readonly string[]>()
    let asked = 0
    const resolve = (): Promise<readonly string[]> => {
      asked++
      return found.promise
    }
    const { client, access } = forwarding(`*=127.0.0.1:${port}`, { resolve })
    const opening = failureOf(openRawService(client, service, { host: 'some.example', port }))
    await until(() => asked === 1, 'the question')
    access.replace(parsePermit(`*=127.0.0.1:1`))
    found.resolve(['127.0.0.1'])
    expect(await opening).toContain(': not permitted')
  })

  it('ends when its target is taken off the list, and not at another change', async () => {
    const port = await portFor(service)
    const { client, access } = forwarding(`*=127.0.0.1:${port}`)
    const stream = await openRawService(client, service, { host: '127.0.0.1', port })
    const failed = once(stream, 'error')
    access.replace(parsePermit(`*=1.1.1.1:53,127.0.0.1:${port}`))
    await turns(20)
    expect(stream.destroyed).toBe(false)
    access.replace(parsePermit('*=1.1.1.1:53'))
    expect(String((await failed)[0])).toContain('DENIED')
  })
})

describe('a target that the list cannot judge any more once it was reached', () => {
  function failsSecond({ access }: Forwarding): void {
    const permits = access.permits.bind(access)
    let asked = 0
    access.permits = (...request) => {
      if (++asked === 2) throw new Error('no more files')
      return permits(...request)
    }
  }

  it('is left again by tcp', async () => {
    const closed = Promise.withResolvers<void>()
    const port = await tcpTarget((socket) => socket.resume().on('close', closed.resolve))
    const both = forwarding(`*=127.0.0.1:${port}`)
    failsSecond(both)
    expect(await failureOf(openRawService(both.client, 'tcp', { host: '127.0.0.1', port }))).not.toBe(
      'no failure',
    )
    expect(both.errors.map(({ message }) => message)).toEqual(['no more files'])
    await closed.promise
  })

  it('is left again by udp', async () => {
    const { port } = await udpTarget()
    const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'UDPWrap').length
    const before = sockets()
    const both = forwarding(`*=127.0.0.1:${port}`)
    failsSecond(both)
    expect(await failureOf(openRawService(both.client, 'udp', { host: '127.0.0.1', port }))).not.toBe(
      'no failure',
    )
    await until(() => sockets() === before, 'the end of the socket')
  })
})

/** A zone whose every answer leads somewhere else, as in an attack by rebinding. */
function rebinding(answers: (readonly string[])[]) {
  const asked: string[] = []
  const resolve = async (name: string): Promise<readonly string[]> => {
    asked.push(name)
    return answers.shift() ?? []
  }
  return { asked, resolve }
}

describe('a name that leads somewhere else each time', () => {
  it('is looked up once for udp, and the datagrams go where that led', async () => {
    const { port, heard } = await udpTarget()
    const { asked, resolve } = rebinding([['10.0.0.1', '127.0.0.1'], ['10.0.0.1']])
    const { client } = forwarding(`*=127.0.0.1:${port}`, { resolve })
    const stream = await openRawService(client, 'udp', { host: 'rebound.example', port })
    stream.write(Uint8Array.of(2, 1, 2))
    const [answer] = (await once(stream, 'data')) as [Buffer]
    expect([...answer]).toEqual([2, 1, 2])
    stream.write(Uint8Array.of(1, 3))
    await once(stream, 'data')
    expect([asked, heard.size]).toEqual([['rebound.example'], 1])
    expect(await failureOf(openService(client, 'udp', { host: 'rebound.example', port }))).toContain(
      ': not permitted',
    )
    stream.end()
  })

  it('is looked up once for bind, and the port is opened where that led', async () => {
    const { asked, resolve } = rebinding([['10.0.0.1', '127.9.9.9'], ['10.0.0.1']])
    const { client, clock } = forwarding('*=127.9.9.9:*', { resolve })
    const remotes = new RemoteForwards(client, clock)
    const target = { host: '127.0.0.1', port: 1 }
    const { port } = await remotes.add({ host: 'rebound.example', port: 0 }, target)
    const socket = connect(port, '127.9.9.9').on('error', () => {})
    await once(socket, 'connect')
    socket.destroy()
    const [error] = await once(connect(port, '127.0.0.1'), 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    expect(asked).toEqual(['rebound.example'])
    expect(await failureOf(remotes.add({ host: 'rebound.example', port: 0 }, target))).toContain(
      ': not permitted',
    )
  })
})
