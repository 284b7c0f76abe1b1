/** UDP ASSOCIATE of the SOCKS5 server (RFC 1928 section 7), driven by hand. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../../src/lib/core/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { turns, until } from '../../endpoint/endpoints.ts'
import { udpPort, udpTarget } from './echo-ports.ts'
import { closing } from './forwarding.ts'
import { client, LOOPBACK, port16, proxy, type SocksProxy } from './socks-client.ts'

/** An address of this machine that means something on one of its links only, with the zone that says which. */
function linkLocal(): string | undefined {
  const all = Object.entries(networkInterfaces()).flatMap(([zone, each]) =>
    (each ?? []).map(({ address }) => `${address.replace(/%.*/, '')}%${zone}`),
  )
  return all.find((address) => address.startsWith('fe80:'))
}

/** An association, and what its client says and hears. */
async function association(server: SocksProxy, announced = '000000000000') {
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

describe('UDP ASSOCIATE', () => {
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

  it('answers in IPv6 form to who wrote an address so as a name (RFC 4291 section 2.2)', async () => {
    const { port } = await udpTarget()
    const server = await proxy(`*=127.0.0.1:${port}`)
    const { heard, say } = await association(server)
    const name = Buffer.from('::ffff:127.0.0.1').toString('hex')
    say(`0000000310${name}${port16(port)}6869`)
    await until(() => heard.length === 1, 'the answer')
    expect(heard).toEqual([`00000004${'00'.repeat(10)}ffff${LOOPBACK}${port16(port)}6869`])
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

  it('keeps who waits for an answer, and drops what is too much, without a word to the peer', async () => {
    const answers: (() => void)[] = []
    const targets = await Promise.all(Array.from({ length: 80 }, udpPort))
    for (const target of targets)
      target.on('message', (message, from) =>
        answers.push(() => target.send(message, from.port, from.address)),
      )
    const server = await proxy('*=127.0.0.1:*')
    const { heard, say } = await association(server)
    for (const [i, { number }] of targets.entries()) {
      say(`00000001${LOOPBACK}${port16(number)}00`)
      if (i < 64) await until(() => answers.length === i + 1, 'the target')
    }
    await turns(50)
    expect([answers.length, server.client.streamCount]).toEqual([64, 64])
    for (const answer of answers) answer()
    await until(() => heard.length === 64, 'the answers')
    expect(server.client.isOpen).toBe(true)
    expect(server.failures).toEqual([])
  })

  it('never costs the session, however many targets there are at once', async () => {
    const server = await proxy('*=127.0.0.0/8:*')
    const { say } = await association(server)
    const seen = new Set<number>()
    const silent = await udpPort()
    silent.on('message', (_message, from) => seen.add(from.port))
    for (let i = 0; i < 500; i++) {
      say(`00000001${toHex(Uint8Array.of(127, 0, 1 + (i >> 8), i & 255))}${port16(9)}00`)
      // Time for an answer that never comes.
      server.clock.advance(i % 64 === 63 ? 2_000 : 0)
      await turns(10)
    }
    say(`00000001${LOOPBACK}${port16(silent.number)}00`)
    server.clock.advance(2_000)
    await until(() => {
      say(`00000001${LOOPBACK}${port16(silent.number)}00`)
      return seen.size > 0
    }, 'the last target')
    expect(server.client.isOpen).toBe(true)
    expect(server.client.streamCount).toBeLessThanOrEqual(64)
  })

  it('may end again and again at once, without a cost to the session', async () => {
    const targets = await Promise.all(Array.from({ length: 30 }, udpTarget))
    const server = await proxy('*=127.0.0.1:*')
    for (let i = 0; i < 8; i++) {
      const { control, say } = await association(server)
      for (const { port } of targets) say(`00000001${LOOPBACK}${port16(port)}00`)
      await until(() => server.client.streamCount > 20, 'the flows')
      control.socket.end()
      await until(() => server.client.streamCount === 0, 'the ends')
    }
    expect(server.client.isOpen).toBe(true)
  })

  it('takes over a UNIX socket only clients that name their port, and hears nobody else', async () => {
    const { port } = await udpTarget()
    const listen = { path: join(temporaryFolder(), 'socks.sock') }
    const server = await proxy(`*=127.0.0.1:${port}`, { listen })
    for (const announced of ['000000000000', 'c00002010050']) {
      const { say, hear } = await client(server)
      say(`05010005030001${announced}`)
      expect(await hear(2 + 2)).toBe('05000507')
    }
    const own = await udpPort()
    const { say } = await association(server, `00000000${port16(own.number)}`)
    const heard: string[] = []
    own.on('message', (message) => heard.push(message.toString('hex')))
    const datagram = (data: string): string => `00000001${LOOPBACK}${port16(port)}${data}`
    say(datagram('01'), await udpPort())
    say(datagram('02'), own)
    await until(() => heard.length === 1, 'the answer')
    expect(heard).toEqual([datagram('02')])
  })

  it('serves a client of its link, which it does not take for one on a UNIX socket', async (context) => {
    const own = linkLocal()
    if (own === undefined) {
      context.skip('this machine has no link-local address')
      return
    }
    const { port } = await udpTarget()
    const server = await proxy(`*=127.0.0.1:${port}`, { listen: { host: own, port: 0 } })
    const control = await client(server, own)
    control.say(`05010005030001${'00'.repeat(6)}`)
    const bytes = new BlockList()
    bytes.addAddress(own.replace(/%.*/, ''), 'ipv6')
    expect(await control.hear(2 + 4)).toBe('050005000004')
    const relay = await control.hear(16 + 2)
    const host = (relay.slice(0, 32).match(/.{4}/g) as string[]).join(':')
    expect(bytes.check(host, 'ipv6')).toBe(true)
    const udp = createSocket('udp6')
    udp.bind(0, own)
    await once(udp, 'listening')
    closing(udp)
    const heard: string[] = []
    udp.on('message', (message) => heard.push(message.toString('hex')))
    const datagram = `00000001${LOOPBACK}${port16(port)}6869`
    udp.send(fromHex(datagram), Number.parseInt(relay.slice(32), 16), own)
    await until(() => heard.length === 1, 'the answer')
    expect(heard).toEqual([datagram])
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
