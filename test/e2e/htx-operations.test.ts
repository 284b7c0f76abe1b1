import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readPage } from '../htx/observe/samples.ts'
import { aiv, startAiv, temporaryFolder } from '../support/aiv.ts'

interface Status {
  readonly processes: readonly {
    readonly pid: number
    readonly role: string
    readonly sessions: readonly Record<string, unknown>[]
  }[]
}

async function scrape(url: unknown): Promise<ReadonlyMap<string, number>> {
  return readPage(await (await fetch(String(url))).text()).samples
}

/** Values of fields that no public document has, in each form that they might be printed in. */
function secretsIn(document: string): readonly string[] {
  const secret = /(?:secret|seed|private|psk|handle)/i
  const found: string[] = []
  const visit = (value: unknown, name: string): void => {
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) visit(inner, secret.test(name) ? name : key)
    else if (typeof value === 'string' && value.length >= 22 && secret.test(name)) {
      const bytes = Buffer.from(value, /^[0-9a-f]+$/.test(value) ? 'hex' : 'base64')
      found.push(value, bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url'))
    }
  }
  visit(JSON.parse(document), '')
  return found
}

async function statusOf(home: string, ...args: string[]): Promise<Status> {
  const { code, stdout } = await aiv(['htx', 'status', '--json', ...args], { env: { AIV_HOME: home } })
  expect(code).toBe(0)
  return JSON.parse(stdout) as Status
}

describe('a listener and its client in two processes', () => {
  it('count the session that they have in their metrics and show it in the status', async () => {
    const env = { AIV_HOME: join(temporaryFolder(), 'home') }
    const args = ['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--metrics', '127.0.0.1:0', '--json']
    const listener = startAiv(args, { env })
    const { address, metrics } = await listener.nextEvent()
    expect((await scrape(metrics)).get('htx_sessions{state="open"}')).toBe(0)
    const client = startAiv(['htx', 'connect', String(address), '--metrics', ':0', '--json'], { env })
    client.child.stdin.write('x'.repeat(50_000))
    const connected = await client.nextEvent()
    await listener.nextEvent()
    const seen = [await scrape(metrics), await scrape(connected.metrics)]
    expect(seen.map((samples) => samples.get('htx_sessions{state="open"}'))).toEqual([1, 1])
    expect(seen.map((samples) => samples.get('htx_handshakes_total{result="accepted"}'))).toEqual([1, 1])

    const { processes } = await statusOf(env.AIV_HOME, '--interval', '50ms')
    expect(processes.map(({ role }) => role).toSorted()).toEqual(['connect', 'listen'])
    const [served] = processes.find(({ role }) => role === 'listen')?.sessions ?? []
    expect(served).toMatchObject({
      peer: expect.stringMatching(/^ciq/),
      session_id: connected.session_id,
      state: 'open',
      streams: { local: 0, remote: 1 },
      sent_per_s: expect.any(Number),
    })
    expect(served?.bytes_received).toBeGreaterThan(50_000)
    const table = await aiv(['htx', 'status', '--interval', '0'], { env })
    expect(table.stdout).toMatch(new RegExp(`^${listener.child.pid}  listen .*1 session  htx\\+tcp://`, 'm'))
    expect(table.stdout).toContain(String(served?.peer))

    client.child.stdin.end()
    expect((await client.result()).code).toBe(0)
    listener.child.kill('SIGTERM')
    expect((await listener.result()).code).toBe(130)
    expect(await statusOf(env.AIV_HOME)).toMatchObject({ processes: [] })
    expect(readdirSync(join(env.AIV_HOME, 'run'))).toEqual([])
  })

  it('both count the connections of forwards', async () => {
    const server = createServer((socket) => socket.end('here')).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const target = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const env = { AIV_HOME: join(temporaryFolder(), 'home') }
    const permit = `*=${target},127.0.0.1:0`
    const listen = ['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--permit', permit, '--metrics', ':0', '--json']
    const listener = startAiv(listen, { env })
    const { address, metrics } = await listener.nextEvent()
    const forward = ['htx', 'connect', String(address), '-L', `0:${target}`, '-R', `0:${target}`]
    const client = startAiv([...forward, '--metrics', ':0', '--json'], { env })
    const ready = await client.nextEvent()
    for (const { listen: where } of ready.forwards as readonly { readonly listen: string }[]) {
      const socket = connect(Number(where.split(':').at(-1)), '127.0.0.1')
      expect(String((await once(socket, 'data'))[0])).toBe('here')
      socket.destroy()
    }
    const count = (samples: ReadonlyMap<string, number>, service: string): number | undefined =>
      samples.get(`htx_forward_connections_total{service="${service}",result="accepted"}`)
    const [theirs, ours] = [await scrape(metrics), await scrape(ready.metrics)]
    expect([count(ours, 'tcp'), count(theirs, 'tcp')]).toEqual([1, 1])
    expect([count(ours, 'incoming'), count(theirs, 'bind')]).toEqual([1, 1])
    // The one that goes on after a cut.
    expect(count(theirs, 'resume/1')).toBe(1)
  })

  it('say no secret in events, logs, metrics and status, at any level', async () => {
    const folder = temporaryFolder()
    const env = { AIV_HOME: join(folder, 'home') }
    const keys = [join(folder, 'server.json'), join(folder, 'client.json')]
    const [tickets, grant] = [join(folder, 'tickets.json'), join(folder, 'grant.json')]
    for (const key of keys) await aiv(['key', 'new', '--out', key], { env })
    await aiv(['htx', 'ticket', 'new', '--out', tickets, '--out-grant', grant], { env })
    const loud = ['--json', '--log-level', 'debug']
    const listener = startAiv(
      [
        'htx',
        'listen',
        'htx+tcp://127.0.0.1:0',
        '--echo',
        '--key',
        keys[0] as string,
        '--tickets',
        tickets,
      ].concat('--metrics', ':0', loud),
      { env },
    )
    const { address, metrics } = await listener.nextEvent()
    const args = ['htx', 'connect', String(address), '--key', keys[1] as string, '--ticket', grant]
    const resume = join(folder, 'resume.json')
    const client = await aiv([...args, '--resume', resume, ...loud], { env, input: 'a word in private' })
    const page = await (await fetch(String(metrics))).text()
    const { processes } = await statusOf(env.AIV_HOME, '--interval', '0')
    listener.child.kill('SIGTERM')
    const served = await listener.result()
    const said = [served.stdout, served.stderr, client.stderr, page, JSON.stringify(processes)].join('\n')
    expect([client.code, client.stdout]).toEqual([0, 'a word in private'])
    expect(said).toContain('"event":"closed"')
    expect(said).not.toContain('a word in private')
    const secrets = [...keys, tickets, resume].flatMap((file) => secretsIn(readFileSync(file, 'utf8')))
    expect(secrets.length).toBeGreaterThan(8)
    for (const secret of secrets) expect(said).not.toContain(secret)
  })

  it('a listener that was killed is not shown and leaves nothing behind', async () => {
    const env = { AIV_HOME: join(temporaryFolder(), 'home') }
    const listener = startAiv(['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--json'], { env })
    await listener.nextEvent()
    listener.child.kill('SIGKILL')
    await listener.result()
    expect(readdirSync(join(env.AIV_HOME, 'run'))).toHaveLength(1)
    expect(await statusOf(env.AIV_HOME)).toMatchObject({ processes: [] })
    expect(readdirSync(join(env.AIV_HOME, 'run'))).toEqual([])
  })

  it('a process of another kind in the folder is neither asked for long nor believed', async () => {
    const home = join(temporaryFolder(), 'home')
    mkdirSync(join(home, 'run'), { recursive: true })
    const lie = createServer((socket) => socket.end('{"pid":1}'))
    await new Promise<void>((resolve) => lie.listen(join(home, 'run', 'htx-1-00000000.sock'), resolve))
    expect(await statusOf(home)).toMatchObject({ processes: [] })
    lie.close()
  })

  it('an address for the metrics that is taken stops the listener with its reason', async () => {
    const env = { AIV_HOME: join(temporaryFolder(), 'home') }
    const args = ['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--json', '--metrics']
    const first = startAiv([...args, ':0'], { env })
    const { metrics } = await first.nextEvent()
    const second = await aiv([...args, new URL(String(metrics)).host], { env })
    expect([second.code, second.stdout]).toEqual([3, expect.stringContaining('E_ADDRESS_IN_USE')])
  })
})
