/** The SOCKS5 server, driven by hand with the bytes of RFC 1928. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, u16 } from '../../../../src/lib/core/index.ts'
import { socksServer, streamsOf } from '../../../../src/lib/htx/index.ts'
import { turns, until } from '../../endpoint/endpoints.ts'
import { closedPort, tcpTarget, udpPort, udpTarget } from './echo-ports.ts'
import { closing, type Forwarding, forwarding } from './forwarding.ts'

interface Proxy extends Forwarding {
  readonly port: number
  readonly failures: string[]
}

async function proxy(permit: string, options: Parameters<typeof forwarding>[1] = {}): Promise<Proxy> {
  const both = forwarding(permit, options)
  const failures: string[] = []
  const { port } = closing(
    await socksServer({
      open: streamsOf(both.client),
      listen: { host: '127.0.0.1', port: 0 },
      clock: both.clock,
      onFailed: (_target, error) => failures.push(error.message),
    }),
  )
  return { ...both, port, failures }
}

interface Client {
  readonly socket: Socket
  say(hex: string): void
  /** The next `count` bytes as hex. */
  hear(count: number): Promise<string>
}

async function client({ port }: Proxy): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  let heard = Buffer.alloc(0)
  let isOver = false
  socket.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk])
  })
  socket.on('end', () => {
    isOver = true
  })
  socket.on('close', () => {
    isOver = true
  })
  await once(socket, 'connect')
  closing({ close: () => socket.destroy() })
  return {
    socket,
    say: (hex) => void socket.write(fromHex(hex)),
    async hear(count) {
      await until(() => isOver || heard.length >= count, `${count} bytes`)
      if (heard.length < count) return 'closed'
      const out = heard.subarray(0, count).toString('hex')
      heard = heard.subarray(count)
      return out
    },
  }
}

const port16 = (port: number): string => toHex(u16(port))
const LOOPBACK = '7f000001'

/** Says greeting and request; returns the reply's code. */
async function ask(proxy: Proxy, request: string): Promise<string> {
  const { say, hear } = await client(proxy)
  say('050100')
  expect(await hear(2)).toBe('0500')
  say(request)
  return (await hear(10)).slice(0, 4)
}

describe('CONNECT', () => {
  it('carries a connection, half-close included', async () => {
    const target = await tcpTarget()
    const { socket, say, hear } = await client(await proxy(`*=127.0.0.1:${target}`))
    say('050100')
    expect(await hear(2)).toBe('0500')
    say(`05010001${LOOPBACK}${port16(target)}`)
    expect(await hear(10)).toBe('05000001000000000000')
    socket.end('hello')
    expect(await hear(5)).toBe('68656c6c6f')
    expect(await hear(1)).toBe('closed')
  })

  it('takes everything at once, and one byte after the other', async () => {
    const target = await tcpTarget()
    const server = await proxy(`*=127.0.0.1:${target}`)
    const whole = fromHex(`05020002${'05010001'}${LOOPBACK}${port16(target)}68656c6c6f`)
    for (const size of [whole.length, 1]) {
      const { socket, hear } = await client(server)
      for (let at = 0; at < whole.length; at += size) {
        socket.write(whole.subarray(at, at + size))
        await turns(2)
      }
      expect(await hear(2 + 10 + 5)).toBe('05000500000100000000000068656c6c6f')
    }
  })

  it('hands a name to the peer as it is', async () => {
    const target = await tcpTarget()
    const asked: string[] = []
    const resolve = async (name: string): Promise<readonly string[]> => {
      asked.push(name)
      return ['127.0.0.1']
    }
    const server = await proxy(`*=127.0.0.1:${target}`, { resolve })
    const name = Buffer.from('far.example').toString('hex')
    expect(await ask(server, `050100030b${name}${port16(target)}`)).toBe('0500')
    expect(asked).toEqual(['far.example'])
  })

  it('tells why it failed, as RFC 1928 numbers it', async () => {
    const closed = await closedPort()
    const unknown = (): Promise<readonly string[]> =>
      Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    const server = await proxy(`*=127.0.0.1:${closed},*:80`, { resolve: unknown })
    expect(await ask(server, `05010001${LOOPBACK}0016`)).toBe('0502')
    expect(await ask(server, `05010001${LOOPBACK}${port16(closed)}`)).toBe('0505')
    expect(await ask(server, '05010003016e0050')).toBe('0504')
    expect(await ask(server, `05010001${LOOPBACK}0000`)).toBe('0501')
    expect(await ask(server, `05020001${LOOPBACK}0050`)).toBe('0507')
    expect(await ask(server, `05090001${LOOPBACK}0050`)).toBe('0507')
    expect(await ask(server, `05010002${LOOPBACK}0050`)).toBe('0508')
    expect(server.failures).toHaveLength(6)
    await until(() => server.client.streamCount === 0, 'the ends')
  })

  it('reaches no private address through a name or an odd form of it', async () => {
    const target = await tcpTarget()
    const server = await proxy('*=*:*')
    const mapped = `0501000400000000000000000000ffff${LOOPBACK}${port16(target)}`
    expect(await ask(server, mapped)).toBe('0502')
    const old = Buffer.from('2130706433').toString('hex')
    expect(await ask(server, `050100030a${old}${port16(target)}`)).toBe('0502')
    expect(await ask(server, `05010001${'00000000'}${port16(target)}`)).toBe('0502')
  })
})

describe('a client that does not keep to the protocol', () => {
  it.each([
    ['speaks version 4', '0401005000000001'],
    ['speaks HTTP', toHex(Buffer.from('CONNECT example.org:443 HTTP/1.1\r\n\r\n'))],
    ['offers no method', '0500'],
    ['has a request of another version', `05010004010001${LOOPBACK}0050`],
    ['sets the reserved byte', `05010005010101${LOOPBACK}0050`],
    ['has an empty name', '050100050100030000500000'],
    ['has a name with a zero byte', '0501000501000302610000500000'],
    ['names a path', '05010005010003052f612e73630000'],
  ])('that %s is cut off', async (_what, bytes) => {
    const server = await proxy('*=*:*')
    const { socket, say } = await client(server)
    say(bytes)
    await until(() => socket.destroyed, 'the cut')
    expect(server.client.streamCount).toBe(0)
  })

  it('that wants a password is told that there is none', async () => {
    const { socket, say, hear } = await client(await proxy('*=*:*'))
    say('050102')
    expect(await hear(2)).toBe('05ff')
    expect(await hear(1)).toBe('closed')
    expect(socket.errored).toBeNull()
  })

  it.each(['', '05', '050100', '05010005010001'])(
    'that stops after "%s" is cut off after ten seconds',
    async (bytes) => {
      const server = await proxy('*=*:*')
      const { socket, say } = await client(server)
      socket.resume()
      if (bytes !== '') say(bytes)
      await until(() => server.clock.nextTimerAt() !== undefined, 'the deadline')
      await turns(20)
      server.clock.advance(9_999)
      await turns(20)
      expect(socket.destroyed).toBe(false)
      server.clock.advance(1)
      await until(() => socket.destroyed, 'the cut')
    },
  )

  it('that never closes after a failure is closed', async () => {
    const server = await proxy('')
    const { socket, say, hear } = await client(server)
    say(`050100${'05010001'}${LOOPBACK}0050`)
    expect(await hear(12)).toBe('050005020001000000000000')
    await turns(20)
    expect(socket.destroyed).toBe(false)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    server.clock.advance(5_000)
    socket.end('x')
    await closed
  })
})

describe('UDP ASSOCIATE', () => {
  /** An association, and what its client says and hears. */
  async function association(server: Proxy, announced = '000000000000') {
    const control = await client(server)
    control.say('050100')
    expect(await control.hear(2)).toBe('0500')
    control.say(`05030001${announced}`)
    const reply = await control.hear(20 / 2)
    expect(reply.slice(0, 16)).toBe(`05000001${LOOPBACK}`)
    const relay = Number.parseInt(reply.slice(16), 16)
    const udp = await udpPort()
    const heard: string[] = []
    udp.on('message', (message) => heard.push(message.toString('hex')))
    const say = (hex: string, from = udp): void => from.send(fromHex(hex), relay, '127.0.0.1')
    return { control, relay, udp, heard, say }
  }

  it('carries datagrams to several targets, empty ones included', async () => {
    const one = await udpTarget()
    const two = await udpTarget()
    const server = await proxy(`*=127.0.0.1:${one.port},127.0.0.1:${two.port}`)
    const { heard, say } = await association(server)
    const expected = [one, two].flatMap(({ port }) =>
      ['', '68656c6c6f', '00'.repeat(9000)].map((data) => `00000001${LOOPBACK}${port16(port)}${data}`),
    )
    for (const datagram of expected) {
      const before = heard.length
      say(datagram)
      await until(() => heard.length > before, 'the answer')
    }
    expect(heard).toEqual(expected)
    // One socket of the listener for each target, not for each datagram.
    expect([one.heard.size, two.heard.size]).toEqual([1, 1])
  })

  it('answers in the name that was asked for', async () => {
    const { port } = await udpTarget()
    const server = await proxy(`*=127.0.0.1:${port}`, { resolve: async () => ['127.0.0.1'] })
    const { heard, say } = await association(server)
    const datagram = `0000000303${Buffer.from('far').toString('hex')}${port16(port)}6869`
    say(datagram)
    await until(() => heard.length === 1, 'the answer')
    expect(heard).toEqual([datagram])
  })

  it('drops fragments, what is cut, and what is not permitted', async () => {
    const { port, heard: reached } = await udpTarget()
    const server = await proxy(`*=127.0.0.1:${port}`)
    const { heard, say } = await association(server)
    say(`00000101${LOOPBACK}${port16(port)}01`)
    say(`00010001${LOOPBACK}${port16(port)}02`)
    say(`00000001${LOOPBACK}`)
    say('00')
    say(`00000009${LOOPBACK}${port16(port)}03`)
    say(`00000001${LOOPBACK}000a04`)
    await until(() => server.failures.length === 1, 'the refusal')
    say(`00000001${LOOPBACK}${port16(port)}05`)
    await until(() => heard.length === 1, 'the answer')
    expect(heard).toEqual([`00000001${LOOPBACK}${port16(port)}05`])
    expect(reached.size).toBe(1)
  })

  it('hears the port that sent first, or that was announced, and nobody else', async () => {
    const { port } = await udpTarget()
    const server = await proxy(`*=127.0.0.1:${port}`)
    const datagram = (data: string): string => `00000001${LOOPBACK}${port16(port)}${data}`
    const stranger = await udpPort()
    const first = await association(server)
    first.say(datagram('01'))
    await until(() => first.heard.length === 1, 'the answer')
    first.say(datagram('02'), Object.assign(stranger))
    first.say(datagram('03'))
    await until(() => first.heard.length === 2, 'the answer')
    expect(first.heard).toEqual([datagram('01'), datagram('03')])
    const own = await udpPort()
    const announced = await association(server, `00000000${port16(own.number)}`)
    const heard: string[] = []
    own.on('message', (message) => heard.push(message.toString('hex')))
    announced.say(datagram('04'))
    announced.say(datagram('05'), own)
    await until(() => heard.length === 1, 'the answer')
    expect([heard, announced.heard]).toEqual([[datagram('05')], []])
  })

  it('keeps thirty-two targets; the one that was silent longest makes room', async () => {
    const targets = await Promise.all(Array.from({ length: 33 }, udpTarget))
    const server = await proxy('*=127.0.0.1:*')
    const { heard, say } = await association(server)
    for (const [i, { port }] of targets.entries()) {
      say(`00000001${LOOPBACK}${port16(port)}00`)
      await until(() => heard.length === i + 1, 'the answer')
    }
    await until(() => server.client.streamCount === 32, 'the room')
    say(`00000001${LOOPBACK}${port16(targets[0]?.port ?? 0)}00`)
    await until(() => heard.length === 34, 'the answer')
    // The first target was forgotten: it hears a second port.
    expect(targets.map(({ heard: ports }) => ports.size)).toEqual([2, ...Array(32).fill(1)])
  })

  it('ends with its control connection, and after two silent minutes', async () => {
    const { port } = await udpTarget()
    const server = await proxy(`*=127.0.0.1:${port}`)
    const { control, heard, say } = await association(server)
    say(`00000001${LOOPBACK}${port16(port)}00`)
    await until(() => heard.length === 1, 'the answer')
    expect(server.client.streamCount).toBe(1)
    server.clock.advance(119_000)
    await turns(20)
    expect(server.client.streamCount).toBe(1)
    server.clock.advance(1_000)
    await until(() => server.client.streamCount === 0, 'the end of the flow')
    say(`00000001${LOOPBACK}${port16(port)}01`)
    await until(() => heard.length === 2, 'the answer')
    control.socket.end()
    await until(() => server.client.streamCount === 0, 'the end of the association')
  })
})

describe('a thousand clients', () => {
  it('are carried at once, and nothing is left of them', async () => {
    const target = await tcpTarget()
    const server = await proxy(`*=127.0.0.1:${target}`, { maxStreams: 1000 })
    const clients = await Promise.all(Array.from({ length: 1000 }, () => client(server)))
    for (const { say } of clients) say(`050100${'05010001'}${LOOPBACK}${port16(target)}2a`)
    for (const { hear } of clients) expect(await hear(13)).toBe('0500050000010000000000002a')
    expect(server.client.streamCount).toBe(1000)
    for (const { socket } of clients) socket.end()
    await until(() => server.client.streamCount === 0, 'the ends')
  })
})
