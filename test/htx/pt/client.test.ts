import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AivError, systemClock } from '../../../src/lib/core/index.ts'
import { acceptService, connect, echoService, listenPtClient } from '../../../src/lib/htx/index.ts'
import { CLIENT, LIVE_CLOCK, startListener, until } from '../endpoint/endpoints.ts'

/** `05 01 02`, then the user name and the password of RFC 1929. */
function greeting(text: string): Buffer {
  const user = Buffer.from(text).subarray(0, 255)
  const rest = Buffer.from(text).subarray(255)
  const password = rest.length === 0 ? Buffer.of(0) : rest
  return Buffer.concat([Buffer.of(1, user.length), user, Buffer.of(password.length), password])
}

const target = (port: number): Buffer => Buffer.of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255)

async function start(place = 'htx+tcp://127.0.0.1:0') {
  const errors: AivError[] = []
  const outcomes: string[] = []
  const running = await startListener(
    {
      clock: LIVE_CLOCK,
      onStream: (stream, session) =>
        void acceptService(stream, session, { clock: LIVE_CLOCK, services: { pipe: echoService } }),
    },
    place,
  )
  const listener = await listenPtClient({
    clock: systemClock,
    connect: (address) => connect(address, { clock: LIVE_CLOCK, identity: CLIENT, handshakeTimeoutMs: 500 }),
    onConnected: ({ host, port }) => outcomes.push(`reached ${host}:${port}`),
    onError: (error, target) => {
      errors.push(error)
      outcomes.push(target === undefined ? 'failed' : `not reached ${target.host}:${target.port}`)
    },
  })
  onTestFinished(() => listener.close())
  const values = `peer=${running.listener.peer};${/x=\w+/.exec(running.listener.address)?.[0]}`
  return {
    ...running,
    errors,
    outcomes,
    port: running.listener.port,
    values,
    dial: () => dial(listener.address),
  }
}

async function dial(address: string): Promise<Socket> {
  const socket = connectTcp({ host: '127.0.0.1', port: Number(address.split(':')[1]), allowHalfOpen: true })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  const received: Buffer[] = []
  inboxes.set(socket, received)
  socket.on('data', (chunk: Buffer) => received.push(chunk))
  await once(socket, 'connect')
  return socket
}

const inboxes = new WeakMap<Socket, Buffer[]>()

/** The next `count` bytes as hex; fewer when the other side ended before. */
async function next(socket: Socket, count: number): Promise<string> {
  const inbox = inboxes.get(socket) as Buffer[]
  const bytes = (): number => inbox.reduce((sum, { length }) => sum + length, 0)
  await until(() => bytes() >= count || socket.readableEnded || socket.destroyed, 'an answer')
  const all = Buffer.concat(inbox.splice(0))
  inbox.push(all.subarray(count))
  return all.subarray(0, count).toString('hex')
}

async function ask(socket: Socket, values: string, port: number): Promise<string> {
  socket.write(Buffer.of(5, 2, 0, 2))
  expect(await next(socket, 2)).toBe('0502')
  socket.write(greeting(values))
  expect(await next(socket, 2)).toBe('0100')
  socket.write(target(port))
  return await next(socket, 10)
}

const GRANTED = '05000001000000000000'

describe('the SOCKS server of a pluggable transport', () => {
  it('carries bytes both ways to the bridge of the arguments, one NUL as password', async () => {
    const { dial, values, port } = await start()
    const socket = await dial()
    expect(await ask(socket, values, port)).toBe(GRANTED)
    socket.end('hello')
    expect(await next(socket, 5)).toBe(Buffer.from('hello').toString('hex'))
    expect(await next(socket, 1)).toBe('')
  })

  it('says which bridges were reached and which were not', async () => {
    const { dial, values, port, outcomes } = await start()
    expect(await ask(await dial(), values, port)).toBe(GRANTED)
    expect(await ask(await dial(), values, 1)).toMatch(/^0504/)
    const silent = await dial()
    silent.end(Buffer.of(4))
    await until(() => outcomes.length === 3, 'an outcome of each')
    expect(outcomes).toEqual([`reached 127.0.0.1:${port}`, 'not reached 127.0.0.1:1', 'failed'])
  })

  it('joins arguments that one user name could not hold', async () => {
    const path = `/${'long'.repeat(40)}`
    const { dial, values, port } = await start(`htx+ws://127.0.0.1:0${path}`)
    const long = `${values};link=ws;path=${path}`
    expect(long.length).toBeGreaterThan(255)
    expect(await ask(await dial(), long, port)).toBe(GRANTED)
  })

  it('takes what comes in single bytes', async () => {
    const { dial, values, port } = await start()
    const socket = await dial()
    for (const byte of Buffer.concat([Buffer.of(5, 1, 2), greeting(values), target(port)])) {
      socket.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await next(socket, 14)).toBe(`05020100${GRANTED}`)
  })

  it('refuses arguments that are none before anything is dialled', async () => {
    const { dial, errors } = await start()
    const socket = await dial()
    socket.write(Buffer.concat([Buffer.of(5, 1, 2), greeting('peer')]))
    expect(await next(socket, 4)).toBe('05020101')
    expect(await next(socket, 100)).toMatch(/^0501/)
    expect(errors.map(({ code }) => code)).toEqual(['E_MALFORMED'])
  })

  it.each([
    ['no arguments at all', Buffer.concat([Buffer.of(5, 1, 0), target(1)]), /^05000501/],
    ['a bridge that nobody serves', undefined, /^050201000504/],
    ['BIND', Buffer.concat([Buffer.of(5, 1, 0), Buffer.of(5, 2, 0, 1, 0, 0, 0, 0, 0, 0)]), /^05000507/],
    ['only methods that are unknown', Buffer.of(5, 1, 1), /^05ff/],
    ['SOCKS4', Buffer.of(4, 1, 0, 80, 127, 0, 0, 1, 0), /^0501/],
    ['an address of no kind', Buffer.of(5, 1, 0, 5, 1, 0, 9), /^05000501/],
  ])('answers %s by a failure and ends', async (_name, bytes, answer) => {
    const { dial, values, errors } = await start()
    const socket = await dial()
    socket.write(bytes ?? Buffer.concat([Buffer.of(5, 1, 2), greeting(values), target(1)]))
    expect(await next(socket, 100)).toMatch(answer)
    expect(errors).toHaveLength(1)
  })

  it('tells a bridge with another key from one that is there', async () => {
    const { dial, values, port, errors } = await start()
    const wrong = values.replace(/x=./, (text) => (text === 'x=a' ? 'x=b' : 'x=a'))
    expect(await ask(await dial(), wrong, port)).toMatch(/^0501/)
    expect(errors[0]).toBeInstanceOf(AivError)
    expect(errors[0]?.message).not.toContain(/x=\w+/.exec(wrong)?.[0])
  })
})
