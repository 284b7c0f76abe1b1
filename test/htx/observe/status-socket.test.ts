import { once } from 'node:events'
import { chmodSync, linkSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock, SeededRandom, systemClock } from '../../../src/lib/core/index.ts'
import { readStatuses, serveStatus } from '../../../src/lib/htx/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'

let seeds = 0

async function serve(folder: string, text: string, clock = systemClock) {
  const server = await serveStatus(folder, process.pid, new SeededRandom(++seeds), () => text, clock)
  onTestFinished(() => server.close())
  return server
}

/** A client that ends nothing by itself. */
function talker(folder: string): Socket {
  const [name = ''] = readdirSync(folder)
  const socket = createConnection({ path: join(folder, name), allowHalfOpen: true })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  return socket
}

describe('the status socket', () => {
  it('answers each who asks, several processes at once', async () => {
    const folder = join(temporaryFolder(), 'run')
    await serve(folder, 'one')
    await serve(folder, 'x'.repeat(3_000_000))
    expect((await readStatuses(folder)).map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([
      3, 3_000_000,
    ])
    expect(await readStatuses(folder)).toHaveLength(2)
  })

  it('is for this user alone, even in a folder that was open to all', async () => {
    const folder = join(temporaryFolder(), 'run')
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    await serve(folder, '')
    const [name = ''] = readdirSync(folder)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  })

  it('works where the path is longer than a socket address may be', async () => {
    const folder = join(temporaryFolder(), 'a'.repeat(120), 'run')
    const server = await serve(folder, 'far away')
    expect(await readStatuses(folder)).toEqual(['far away'])
    await server.close()
    expect(readdirSync(folder)).toEqual([])
  })

  it('is gone when its server closes, and what a killed process left is removed by the next', async () => {
    const folder = join(temporaryFolder(), 'run')
    await (await serve(folder, '')).close()
    expect(readdirSync(folder)).toEqual([])
    // A bound socket that nobody serves: Node removes its own, so this one is moved away first.
    const stale = createServer()
    await new Promise<void>((resolve) => stale.listen(join(folder, 'moved'), resolve))
    linkSync(join(folder, 'moved'), join(folder, 'htx-1-00000000.sock'))
    await new Promise((resolve) => stale.close(resolve))
    expect(readdirSync(folder)).toEqual(['htx-1-00000000.sock'])
    await serve(folder, 'alive')
    expect(await readStatuses(folder)).toEqual(['alive'])
    expect(readdirSync(folder)).toHaveLength(1)
  })

  it('lets nobody stay who reads no answer but talks', async () => {
    const folder = join(temporaryFolder(), 'run')
    const clock = new ManualClock()
    await serve(folder, 'x'.repeat(3_000_000), clock)
    const socket = talker(folder)
    await once(socket, 'readable')
    socket.write('still there')
    clock.advance(2_000)
    let bytes = 0
    // What the system held meanwhile still comes; the rest must not.
    socket.on('data', ({ length }) => (bytes += length))
    await new Promise((resolve) => socket.once('end', () => socket.end()).once('close', resolve))
    expect(bytes).toBeLessThan(3_000_000)
  })

  it('closes at once, also on who keeps his half of the connection open', async () => {
    const folder = join(temporaryFolder(), 'run')
    const server = await serve(folder, 'one', new ManualClock())
    const socket = talker(folder).resume()
    await once(socket, 'end')
    socket.write('still there')
    await server.close()
    expect(readdirSync(folder)).toEqual([])
  })

  it('leaves files alone that are none of its own, and knows no folder as nobody running', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'notes.sock'))
    expect(await readStatuses(folder)).toEqual([])
    expect(await readStatuses(join(folder, 'none'))).toEqual([])
    expect(readdirSync(folder)).toEqual(['notes.sock'])
  })
})
