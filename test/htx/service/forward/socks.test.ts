/** The SOCKS5 server, driven by hand with the bytes of RFC 1928. */
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../../src/lib/core/index.ts'
import { turns, until } from '../../endpoint/endpoints.ts'
import { closedPort, tcpTarget } from './echo-ports.ts'
import { client, LOOPBACK, port16, proxy, type SocksProxy } from './socks-client.ts'

/** Says greeting and request; returns the reply's code. */
async function ask(proxy: SocksProxy, request: string): Promise<string> {
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
