import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/lib/core/index.ts'
import { type Link, MemoryNetwork, memoryPair } from '../../src/lib/link/index.ts'
import { failure, testLinkCompliance, text } from './compliance.ts'
import { Recorder } from './recorder.ts'

const network = new MemoryNetwork()

testLinkCompliance({
  name: 'memory',
  kind: 'memory',
  listen: ({ port = 0, ...options }) => network.listen({ host: 'here', port, ...options }),
  dial: ({ host, port }, options) => network.dial(host, port, options),
  dialerSpeaksFirst: false,
  closedPort: ['E_UNREACHABLE'],
  transportHolds: 512 * 1024,
  freesPortAtOnce: true,
  crossesProcesses: false,
})

describe('a memory pair', () => {
  it('moves only when its scheduler runs', () => {
    const tasks: (() => void)[] = []
    const [one, two] = memoryPair({ defer: (task) => tasks.push(task) })
    const [first, second] = [Recorder.attach(one), Recorder.attach(two)]
    first.write(text('tick'))
    first.call(() => one.end())
    expect(second.bytes).toBe(0)
    while (tasks.length > 0) tasks.shift()?.()
    expect([second.text(), second.ends]).toEqual(['tick', 1])
    expect([...first.violations, ...second.violations]).toEqual([])
  })

  it('keeps the two sides from seeing what the other does to its bytes', async () => {
    const [one, two] = memoryPair()
    const [first, second] = [Recorder.attach(one), Recorder.attach(two)]
    const sent = text('original')
    first.write(sent)
    sent.fill(0)
    await second.untilBytes(8)
    expect(second.text()).toBe('original')
    second.chunks[0]?.fill(0xff)
    expect(sent).toEqual(new Uint8Array(8))
  })

  it('lingers on the given clock', async () => {
    const clock = new ManualClock()
    const [one] = memoryPair({ clock })
    const first = Recorder.attach(one)
    first.call(() => one.close(5000))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(first.closes).toEqual([])
    clock.advance(5000)
    await first.untilClose()
    expect(first.closes).toEqual([undefined])
  })

  it('holds no more than its window beyond the queue', async () => {
    const [one, two] = memoryPair({ windowBytes: 1000 })
    const first = Recorder.attach(one)
    Recorder.attach(two).link.pause()
    for (let i = 0; i < 100; i++) first.write(new Uint8Array(100))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(first.link.queuedBytes).toBe(9000)
  })
})

describe('a memory network', () => {
  it('gives free ports, and keeps networks apart', async () => {
    const one = new MemoryNetwork()
    const other = new MemoryNetwork()
    const onLink = (link: Link): void => link.abort()
    const first = await one.listen({ host: 'node', port: 0, onLink })
    const second = await one.listen({ host: 'node', port: 0, onLink })
    expect(first.port).not.toBe(second.port)
    expect((await failure(other.dial('node', first.port))).code).toBe('E_UNREACHABLE')
    expect((await one.dial('node', first.port)).remoteAddress).toBe(`node:${first.port}`)
  })
})
