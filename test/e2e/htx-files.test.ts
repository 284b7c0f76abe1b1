import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, connect as dial, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type AivProcess, aiv, startAiv, temporaryFolder } from '../support/aiv.ts'
import { makeIdentity } from '../support/htx-workplace.ts'

const MIB = 1024 * 1024
const FILE_BYTES = 24 * MIB

interface Place {
  readonly folder: string
  readonly inbox: string
  readonly file: string
  readonly sha256: string
  readonly env: Readonly<Record<string, string>>
}

function makePlace(bytes = FILE_BYTES): Place {
  const folder = temporaryFolder()
  const inbox = join(folder, 'inbox')
  mkdirSync(inbox)
  const content = randomBytes(bytes)
  const file = join(folder, 'file.bin')
  writeFileSync(file, content)
  return {
    folder,
    inbox,
    file,
    sha256: createHash('sha256').update(content).digest('hex'),
    env: { AIV_HOME: join(folder, 'home') },
  }
}

async function startReceiver(
  place: Place,
  address: string,
  flags: readonly string[] = [],
): Promise<{ readonly process: AivProcess; readonly address: string; readonly port: number }> {
  const receiver = startAiv(['htx', 'receive', address, '--into', place.inbox, '--json', ...flags], {
    env: place.env,
    timeoutMs: 110_000,
  })
  receiver.child.stdin.end()
  const ready = await receiver.nextEvent()
  const full = String(ready.address)
  return { process: receiver, address: full, port: Number(/:(\d+)\?/.exec(full)?.[1]) }
}

/** Forwards TCP to `port`; each connection is cut after as many bytes as `cuts` has left for it. */
async function startCutter(
  port: number,
  cuts: number[],
): Promise<{ readonly port: number; connections(): number }> {
  let connections = 0
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    connections++
    const limit = cuts.shift() ?? Number.POSITIVE_INFINITY
    const far = dial({ host: '127.0.0.1', port })
    let passed = 0
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (chunk) => {
      passed += chunk.length
      if (passed >= limit) {
        near.resetAndDestroy()
        far.destroy()
      }
    })
    near.pipe(far)
    far.pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port: (server.address() as { port: number }).port, connections: () => connections }
}

interface Sent {
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly resumed_from: number }[]
  readonly failed: readonly unknown[]
}

function received(place: Place): string {
  return createHash('sha256')
    .update(readFileSync(join(place.inbox, 'file.bin')))
    .digest('hex')
}

describe('a transfer between two processes', { timeout: 120_000 }, () => {
  it('connects again by itself after each cut and does not begin anew', async () => {
    const place = makePlace()
    const receiver = await startReceiver(place, 'htx+tcp://127.0.0.1:0')
    const cutter = await startCutter(receiver.port, [5 * MIB, 9 * MIB])
    const address = receiver.address.replace(`:${receiver.port}?`, `:${cutter.port}?`)
    const { code, stdout, stderr } = await aiv(['htx', 'send', place.file, address, '--json'], {
      env: place.env,
      timeoutMs: 100_000,
    })
    expect(code, stderr).toBe(0)
    const sent = JSON.parse(stdout) as Sent
    expect(cutter.connections()).toBe(3)
    expect(sent.files[0]?.sha256).toBe(place.sha256)
    expect(sent.files[0]?.resumed_from).toBeGreaterThan(2 * MIB)
    expect(received(place)).toBe(place.sha256)
  })

  it('goes on when the receiver was killed and started again', async () => {
    const place = makePlace()
    await makeIdentity({ folder: place.folder, env: {} }, 'receiver.json')
    const key = ['--key', join(place.folder, 'receiver.json')]
    const first = await startReceiver(place, 'htx+tcp://127.0.0.1:0', key)
    const cutter = await startCutter(first.port, [8 * MIB])
    const address = first.address.replace(`:${first.port}?`, `:${cutter.port}?`)
    const failed = await aiv(['htx', 'send', place.file, address, '--retry', '0'], {
      env: place.env,
      timeoutMs: 60_000,
    })
    expect(failed.code).toBe(3)
    first.process.child.kill('SIGKILL')
    await first.process.result()
    const second = await startReceiver(place, 'htx+tcp://127.0.0.1:0', key)
    const { code, stdout, stderr } = await aiv(['htx', 'send', place.file, second.address, '--json'], {
      env: place.env,
      timeoutMs: 60_000,
    })
    expect(code, stderr).toBe(0)
    expect((JSON.parse(stdout) as Sent).files[0]?.resumed_from).toBeGreaterThan(MIB)
    expect(received(place)).toBe(place.sha256)
  })

  it.each(['send', 'get'] as const)(
    '%s resumes by itself when the listener is killed with SIGKILL in mid-transfer and comes back',
    async (verb) => {
      const bytes = 100 * MIB
      const place = makePlace(bytes)
      await makeIdentity({ folder: place.folder, env: {} }, 'listener.json')
      const start = async (where: string) => {
        const service =
          verb === 'send'
            ? ['receive', where, '--into', place.inbox]
            : ['listen', where, '--serve', place.folder]
        const key = join(place.folder, 'listener.json')
        const process = startAiv(['htx', ...service, '--key', key, '--json'], {
          env: place.env,
          timeoutMs: 110_000,
        })
        process.child.stdin.end()
        return { process, address: String((await process.nextEvent()).address) }
      }
      const first = await start('htx+tcp://127.0.0.1:0')
      const what =
        verb === 'send' ? [place.file, first.address] : ['file.bin', first.address, '--into', place.inbox]
      const client = startAiv(['htx', verb, ...what, '--json'], { env: place.env, timeoutMs: 110_000 })
      client.child.stdin.end()
      // The part is hidden beside its place, and grows.
      const held = (): number =>
        Math.max(0, ...readdirSync(place.inbox).map((name) => statSync(join(place.inbox, name)).size))
      while (held() < 20 * MIB) await new Promise((resolve) => setImmediate(resolve))
      first.process.child.kill('SIGKILL')
      await first.process.result()
      const before = held()
      expect(before).toBeLessThan(bytes)
      expect(readdirSync(place.inbox)).not.toContain('file.bin')

      const second = await start(`htx+tcp://127.0.0.1:${/:(\d+)\?/.exec(first.address)?.[1]}`)
      const { code, stdout, stderr } = await client.result()
      expect(code, stderr).toBe(0)
      const [file] = (JSON.parse(stdout) as Sent).files
      expect(file?.resumed_from).toBeGreaterThanOrEqual(16 * MIB)
      expect(file?.sha256).toBe(place.sha256)
      expect(received(place)).toBe(place.sha256)
      let closed = await second.process.nextEvent()
      while (closed.event !== 'closed') closed = await second.process.nextEvent()
      // What was there was not sent again: the file crossed once, not twice.
      const moved = Number(verb === 'send' ? closed.bytes_received : closed.bytes_sent)
      expect(moved).toBeGreaterThan(bytes - (file?.resumed_from ?? 0))
      expect(moved).toBeLessThan(bytes - (file?.resumed_from ?? 0) + MIB)
    },
  )

  it('gives up with the reason when nobody answers any more', async () => {
    const place = makePlace()
    const receiver = await startReceiver(place, 'htx+tcp://127.0.0.1:0')
    const cutter = await startCutter(receiver.port, [MIB, 100, 100, 100, 100])
    const address = receiver.address.replace(`:${receiver.port}?`, `:${cutter.port}?`)
    const { code, stderr } = await aiv(['htx', 'send', place.file, address, '--retry', '1'], {
      env: place.env,
      timeoutMs: 60_000,
    })
    expect(code).toBe(3)
    expect(stderr).toMatch(/^error: /m)
    expect(stderr).toContain('connecting again')
  })

  it('refuses a file of the same name and other content, and says so', async () => {
    const place = makePlace()
    writeFileSync(join(place.inbox, 'file.bin'), 'something else')
    const receiver = await startReceiver(place, 'htx+tcp://127.0.0.1:0')
    const { code, stdout } = await aiv(['htx', 'send', place.file, receiver.address, '--json'], {
      env: place.env,
    })
    expect(code).toBe(1)
    expect((JSON.parse(stdout) as Sent).failed).toHaveLength(1)
    expect(readFileSync(join(place.inbox, 'file.bin'), 'utf8')).toBe('something else')
  })
})
