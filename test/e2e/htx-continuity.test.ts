import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/lib/core/index.ts'
import { parseAddress } from '../../src/lib/htx/address.ts'
import { acceptService, formatAddress, listen, type ServiceRequest } from '../../src/lib/htx/index.ts'
import { startProxy } from '../htx/endpoint/tcp-proxy.ts'
import { type AivProcess, aiv, startAiv, temporaryFolder } from '../support/aiv.ts'

const HERE = 'htx+tcp://127.0.0.1:0'
const TIME = { timeoutMs: 60_000 }

/** The same peer at another port. */
function at(address: string, port: number): string {
  return formatAddress({ ...parseAddress(address, 'connect'), port })
}

async function eventOf(process: AivProcess, name: string): Promise<Record<string, unknown>> {
  for (;;) {
    const event = await process.nextEvent()
    if (event.event === name || 'error' in event) return event
  }
}

/** A server that sends back what it gets, as the target of forwards. */
async function startEcho(): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).pipe(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

async function reach(port: number): Promise<Socket> {
  const socket = dial({ port, host: '127.0.0.1', noDelay: true })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

async function roundTrip(socket: Socket, text: string): Promise<void> {
  let answer = ''
  socket.write(text)
  while (answer.length < text.length) answer += String((await once(socket, 'data'))[0])
  expect(answer).toBe(text)
}

describe('aiv htx connect', () => {
  it('carries a pipe through cuts, and says so', async () => {
    const listener = startAiv(['htx', 'listen', HERE, '--exec', 'cat', '--json'], TIME)
    const { address } = await listener.nextEvent()
    const { port } = parseAddress(String(address), 'connect')
    const proxy = await startProxy(port)
    const pipe = startAiv(['htx', 'connect', at(String(address), proxy.port), '--json'], TIME)
    const connected = await pipe.nextEvent()
    let text = ''
    pipe.child.stdout.on('data', (chunk: Buffer) => {
      text += chunk
    })
    let expected = ''
    for (let i = 0; i < 3; i++) {
      expected += `round ${i}\n`
      pipe.child.stdin.write(`round ${i}\n`)
      while (text.length < expected.length) await once(pipe.child.stdout, 'data')
      proxy.cut()
      expect(await eventOf(pipe, 'reconnecting')).toMatchObject({ code: 'E_LINK_LOST', attempt: 1 })
      const again = await eventOf(pipe, 'reconnected')
      expect(again.peer).toBe(connected.peer)
      expect(again.session_id).not.toBe(connected.session_id)
    }
    pipe.child.stdin.end()
    expect((await pipe.result()).code).toBe(0)
    expect(text).toBe(expected)
  })

  it('ends at a cut as before with --no-continue', async () => {
    const listener = startAiv(['htx', 'listen', HERE, '--exec', 'cat', '--json'], TIME)
    const { address } = await listener.nextEvent()
    const proxy = await startProxy(parseAddress(String(address), 'connect').port)
    const pipe = startAiv(
      ['htx', 'connect', at(String(address), proxy.port), '--no-continue', '--json'],
      TIME,
    )
    await pipe.nextEvent()
    pipe.child.stdin.write('a line\n')
    await once(pipe.child.stdout, 'data')
    proxy.cut()
    expect(await pipe.nextEvent()).toMatchObject({ error: { code: 'E_LINK_LOST' } })
    expect((await pipe.result()).code).toBe(3)
  })

  it('says that a pipe ends with its session where the listener does not continue it', async () => {
    const services = {
      pipe: async ({ accept, reader, stream }: ServiceRequest): Promise<void> => {
        accept()
        reader.release()
        stream.end('plain')
        stream.resume()
      },
    }
    const listener = await listen(HERE, {
      onStream: (stream, session) => void acceptService(stream, session, { clock: systemClock, services }),
    })
    onTestFinished(async () => await listener.close(0))
    const { code, stdout, stderr } = await aiv(['htx', 'connect', listener.address, '--json'], { input: '' })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'plain' })
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(events.find(({ event }) => event === 'not-continued')).toMatchObject({
      service: 'pipe',
      reason: 'the peer refused service resume/1: service resume/1 is not offered here',
    })
  })

  it('tries the links in turn', async () => {
    const listener = startAiv(['htx', 'listen', 'htx+ws://127.0.0.1:0', '--echo', '--json'], TIME)
    const { address } = await listener.nextEvent()
    const { code, stdout } = await aiv(
      ['htx', 'connect', String(address), '--link', 'quic,ws', '--timeout', '1s'],
      {
        input: 'over the second',
        timeoutMs: 40_000,
      },
    )
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'over the second' })
  })

  it('ends live forwards with a typed error after kill -9 of the listener, and serves new ones within 2 s', async () => {
    const folder = temporaryFolder()
    const key = join(folder, 'server.json')
    await aiv(['key', 'new', '--out', key])
    const target = await startEcho()
    const serve = (where: string): AivProcess =>
      startAiv(
        ['htx', 'listen', where, '--key', key, '--permit', `*=127.0.0.1:${target}`, '--echo', '--json'],
        TIME,
      )
    const first = serve(HERE)
    const { address } = await first.nextEvent()
    const { port } = parseAddress(String(address), 'connect')
    const client = startAiv(
      ['htx', 'connect', String(address), '-L', `127.0.0.1:0:127.0.0.1:${target}`, '--json'],
      TIME,
    )
    const { forwards } = (await eventOf(client, 'ready')) as { forwards: { listen: string }[] }
    const pipe = startAiv(['htx', 'connect', String(address), '--json'], TIME)
    await eventOf(pipe, 'connected')
    pipe.child.stdin.write('alive')
    await once(pipe.child.stdout, 'data')
    const local = Number(/:(\d+)$/.exec(forwards[0]?.listen ?? '')?.[1])
    const live = await reach(local)
    await roundTrip(live, 'before')
    const dropped = once(live, 'error').then(([error]) => (error as NodeJS.ErrnoException).code)
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    // Long enough for pauses to have grown beyond the two seconds.
    await pause(4000)
    const second = serve(`htx+tcp://127.0.0.1:${port}`)
    await second.nextEvent()
    const started = performance.now()
    await roundTrip(await reach(local), 'after')
    expect(performance.now() - started).toBeLessThan(2000)
    // Never a clean end: the connection of the live forward is reset.
    expect(await dropped).toBe('ECONNRESET')
    expect(await eventOf(client, 'forward-failed')).toMatchObject({
      target: `127.0.0.1:${target}`,
      code: 'E_RESUME_UNKNOWN',
    })
    expect(await eventOf(pipe, 'error')).toMatchObject({ error: { code: 'E_RESUME_UNKNOWN' } })
    expect((await pipe.result()).code).toBe(3)
  })

  it('has its -R ports back at once when the listener has not noticed the cut', async () => {
    const target = await startEcho()
    const listener = startAiv(['htx', 'listen', HERE, '--permit', '*=127.0.0.1:0', '--json'], TIME)
    const { address } = await listener.nextEvent()
    const { port } = parseAddress(String(address), 'connect')
    const proxy = await startProxy(port)
    const client = startAiv(
      ['htx', 'connect', at(String(address), proxy.port), '-R', `0:127.0.0.1:${target}`, '--json'],
      TIME,
    )
    const { forwards } = (await eventOf(client, 'ready')) as { forwards: { listen: string }[] }
    const listen = forwards[0]?.listen ?? ''
    const remote = Number(/:(\d+)$/.exec(listen)?.[1])
    await roundTrip(await reach(remote), 'before')
    const started = performance.now()
    proxy.leave()
    expect(await eventOf(client, 'forward-reopened')).toMatchObject({ listen })
    expect(performance.now() - started).toBeLessThan(5000)
    await roundTrip(await reach(remote), 'after')
  })
})
