/** Targets that are names: how often they are looked up, what is dialled then, and what a refusal gives away. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openRawService } from '../../../../../src/lib/htx/index.ts'
import { failureOf } from '../../../../support/file-exchange.ts'
import { until } from '../../../endpoint/endpoints.ts'
import { tcpTarget, textOf } from '../echo-ports.ts'
import { forwarding } from '../forwarding.ts'

describe('a target that is a name', () => {
  it('resolves a name once, and dials the address that was checked', async () => {
    const port = await tcpTarget()
    const asked: string[] = []
    const answers = [['127.0.0.1'], ['10.0.0.1']]
    const resolve = async (name: string): Promise<readonly string[]> => {
      asked.push(name)
      return answers.shift() ?? []
    }
    const { client } = forwarding(`*=127.0.0.1:${port}`, { resolve })
    const stream = await openRawService(client, 'tcp', { host: 'rebound.example', port })
    stream.end('x')
    expect(await textOf(stream)).toBe('x')
    expect(asked).toEqual(['rebound.example'])
    expect(await failureOf(openRawService(client, 'tcp', { host: 'rebound.example', port }))).toContain(
      'not permitted',
    )
  })

  it('dials the address and not the name', async () => {
    // Every machine has the whole of 127.0.0.0/8; only this one address is listened on.
    const server = createServer((socket) => socket.on('error', () => {}).end('here')).listen(0, '127.9.9.9')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const { client } = forwarding(`*=127.9.9.9:${port}`, { resolve: async () => ['10.0.0.1', '127.9.9.9'] })
    const stream = await openRawService(client, 'tcp', { host: 'localhost', port })
    expect(await textOf(stream)).toBe('here')
  })

  it('asks no name server for a peer to whom nothing is permitted', async () => {
    let asked = 0
    const resolve = async (): Promise<readonly string[]> => {
      asked++
      return ['1.1.1.1']
    }
    const { client } = forwarding('*=1.1.1.1:443', { resolve })
    expect(await failureOf(openRawService(client, 'tcp', { host: 'leak.example', port: 80 }))).toContain(
      'not permitted',
    )
    expect(asked).toBe(0)
  })

  it.each([
    ['of an entry for a network', '*=10.0.0.0/8:80,*:81', ': not permitted'],
    ['of an entry for all public hosts', '*=10.0.0.0/8:81,*:80', ': the name does not exist'],
  ])('tells nobody on account %s which names exist', async (_what, permit, reason) => {
    const resolve = async (name: string): Promise<readonly string[]> => {
      if (name === 'private.example') return ['192.168.7.7']
      throw Object.assign(new Error('no'), { code: name === 'none.example' ? 'ENOTFOUND' : 'ENODATA' })
    }
    const { client } = forwarding(permit, { resolve })
    const answers = ['private.example', 'none.example', 'empty.example'].map(
      async (host) => await failureOf(openRawService(client, 'tcp', { host, port: 80 })),
    )
    const expected = `E_SERVICE_REFUSED: the peer refused service tcp${reason}`
    expect(await Promise.all(answers)).toEqual([expected, expected, expected])
  })

  it('tells of a name that an entry names whether it exists', async () => {
    const resolve = async (name: string): Promise<readonly string[]> => {
      if (name === 'private.example') return ['192.168.7.7']
      throw Object.assign(new Error('no'), { code: 'ENOTFOUND' })
    }
    const { client } = forwarding('*=private.example:80,none.example:80', { resolve })
    const ask = async (host: string): Promise<string> =>
      await failureOf(openRawService(client, 'tcp', { host, port: 80 }))
    expect(await ask('private.example')).toContain(': not permitted')
    expect(await ask('none.example')).toContain(': the name does not exist')
  })

  it('does not take a name server that refuses connections for a target that does', async () => {
    const refusing = (): Promise<never> =>
      Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
    const { client } = forwarding('*=*:80', { resolve: refusing })
    expect(await failureOf(openRawService(client, 'tcp', { host: 'some.example', port: 80 }))).toContain(
      ': the name cannot be resolved',
    )
  })

  it('dials of the addresses of a name only those that are permitted', async () => {
    let forbidden = 0
    const permitted = createServer((socket) => socket.on('error', () => {}).end('permitted'))
    permitted.listen(0, '127.0.0.9')
    await once(permitted, 'listening')
    const { port } = permitted.address() as AddressInfo
    const beside = createServer(() => forbidden++)
    beside.listen(port, '127.0.0.1')
    await once(beside, 'listening')
    onTestFinished(() => {
      permitted.close()
      beside.close()
    })
    const resolve = async (): Promise<readonly string[]> => ['127.0.0.1', '127.0.0.9', '127.0.0.1']
    const { client } = forwarding(`*=127.0.0.9:${port}`, { resolve })
    const stream = await openRawService(client, 'tcp', { host: 'both.example', port })
    expect(await textOf(stream)).toBe('permitted')
    // Nor is the forbidden one tried when nobody listens at the permitted one.
    permitted.close()
    await once(permitted, 'close')
    expect(await failureOf(openRawService(client, 'tcp', { host: 'both.example', port }))).toContain(
      'connection refused',
    )
    expect(forbidden).toBe(0)
  })

  it('reaches names for one peer while those of another hang', async () => {
    const port = await tcpTarget()
    let hanging = 0
    const resolve = (name: string): Promise<readonly string[]> => {
      if (name === 'good.example') return Promise.resolve(['127.0.0.1'])
      hanging++
      return new Promise(() => {})
    }
    const greedy = forwarding(`*=127.0.0.1:${port}`, { resolve, peer: 'greedy', maxStreams: 400 })
    const other = forwarding(`*=127.0.0.1:${port}`, { resolve, peer: 'other' })
    const refused = Array.from({ length: 300 }, (_, i) =>
      failureOf(openRawService(greedy.client, 'tcp', { host: `slow${i}.example`, port })),
    )
    await until(() => hanging > 0, 'the first names')
    const stream = await openRawService(other.client, 'tcp', { host: 'good.example', port })
    stream.end('x')
    expect(await textOf(stream)).toBe('x')
    // The greedy peer has places again when its names have had their time.
    const before = hanging
    expect(before).toBeLessThanOrEqual(32)
    greedy.clock.advance(6_000)
    await until(() => hanging > before, 'the next names')
    greedy.pair.cut()
    for (const each of refused) expect(await each).not.toBe('')
  })

  it('calls a name off that nobody waits for', async () => {
    const signals: AbortSignal[] = []
    const resolve = (_name: string, signal: AbortSignal): Promise<readonly string[]> => {
      signals.push(signal)
      return new Promise(() => {})
    }
    const { client } = forwarding('*=*:*', { resolve })
    const over = new AbortController()
    const opening = failureOf(
      openRawService(client, 'tcp', { host: 'slow.example', port: 80 }, { signal: over.signal }),
    )
    await until(() => signals.length === 1, 'the question')
    expect(signals[0]?.aborted).toBe(false)
    over.abort()
    await opening
    await until(() => signals[0]?.aborted === true, 'the end of it')
  })

  it('gives up a name server that does not answer', async () => {
    const { client, clock } = forwarding('*=*:*', { resolve: () => new Promise(() => {}) })
    const opening = failureOf(openRawService(client, 'tcp', { host: 'slow.example', port: 80 }))
    await until(() => clock.nextTimerAt() !== undefined, 'the deadline')
    clock.advance(15_000)
    expect(await opening).toBe('E_SERVICE_REFUSED: the peer refused service tcp: timed out')
  })
})
