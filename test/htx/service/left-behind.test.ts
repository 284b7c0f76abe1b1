import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import {
  acceptService,
  execService,
  forwardService,
  openRawService,
  type Service,
} from '../../../src/lib/htx/index.ts'
import { connectTo, LIVE_CLOCK, startListener, until } from '../endpoint/endpoints.ts'

async function openStreams(service: Service, count: number): Promise<{ close(): Promise<unknown> }> {
  const running = await startListener({
    clock: LIVE_CLOCK,
    onStream: (stream, session) =>
      void acceptService(stream, session, { clock: LIVE_CLOCK, services: { pipe: service } }),
  })
  const client = await connectTo(running)
  for (let i = 0; i < count; i++) {
    const stream = await openRawService(client, 'pipe')
    stream.on('error', () => {})
    stream.end()
    stream.stopReading()
  }
  return client
}

it('a target that never ends is let go once the peer has finished and reads no more', async () => {
  const targets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    targets.push(socket)
    socket.on('error', () => {})
    socket.resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of targets) socket.destroy()
  })
  await openStreams(forwardService('127.0.0.1', (server.address() as AddressInfo).port), 8)
  await until(
    () => targets.length === 8 && targets.every((socket) => socket.readableEnded),
    'the end of all targets',
  )
  // Only who still holds the connection would go on taking these bytes.
  await until(() => {
    for (const socket of targets) if (socket.writable) socket.write('are you there?')
    return targets.every((socket) => socket.destroyed)
  }, 'all connections to break')
})

it('a command that ignores its stdin and stdout does not outlive the session', {
  timeout: 20_000,
}, async () => {
  const marker = `4${Math.trunc(process.pid)}.5`
  const client = await openStreams(execService(`sleep ${marker}`), 3)
  const running = async (): Promise<number> => {
    const { execFile } = await import('node:child_process')
    return await new Promise((resolve) => {
      execFile('pgrep', ['-fc', `^sleep ${marker}`], (_error, stdout) => resolve(Number(stdout)))
    })
  }
  const reaches = async (count: number): Promise<void> => {
    let left = -1
    for (let tries = 0; tries < 100 && left !== count; tries++) left = await running()
    expect(left).toBe(count)
  }
  await reaches(3)
  await client.close()
  await reaches(0)
})
