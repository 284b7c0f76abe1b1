import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type AivProcess, aiv, startAiv } from '../support/aiv.ts'
import { makeIdentity } from '../support/htx-workplace.ts'
import { createWorkplace } from '../support/shell.ts'

async function waitFor(listener: AivProcess, name: string): Promise<Record<string, unknown>> {
  for (;;) {
    const event = await listener.nextEvent()
    if (event.event === name) return event
  }
}

async function greeter(): Promise<number> {
  const server = createServer((socket) => socket.end('reached')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe('access lists in files', () => {
  it('are read again when they change and on SIGHUP; what they permit no more ends', async () => {
    const workplace = createWorkplace()
    const { folder } = workplace
    const peer = await makeIdentity(workplace, 'client.json')
    const port = await greeter()
    const permits = join(folder, 'permits')
    const allowed = join(folder, 'allowed')
    writeFileSync(permits, '# nothing yet\n')
    writeFileSync(allowed, `${peer}\n`)
    const listener = startAiv(
      ['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--permit-file', permits, '--allow-file', allowed, '--json'],
      { timeoutMs: 50_000 },
    )
    const { address } = await waitFor(listener, 'ready')
    const reach = (): ReturnType<typeof aiv> =>
      aiv(
        [
          'htx',
          'connect',
          String(address),
          '-W',
          `127.0.0.1:${port}`,
          '--key',
          join(folder, 'client.json'),
          '--json',
        ],
        { env: { AIV_HOME: join(folder, 'home') } },
      )
    expect(await reach()).toMatchObject({ code: 1, stdout: '' })

    writeFileSync(`${permits}.new`, `${peer}=127.0.0.1:${port}\n`)
    renameSync(`${permits}.new`, permits)
    expect(await waitFor(listener, 'reloaded')).toMatchObject({ allowed: 1, permitted: 1 })
    expect(await reach()).toMatchObject({ code: 0, stdout: 'reached' })

    writeFileSync(permits, 'nonsense\n')
    expect(await waitFor(listener, 'reload-failed')).toMatchObject({
      reason: expect.stringContaining(`${permits}, line 1: `),
    })
    expect(await reach()).toMatchObject({ code: 0, stdout: 'reached' })

    const open = startAiv(
      [
        'htx',
        'connect',
        String(address),
        '-L',
        `0:127.0.0.1:${port}`,
        '--key',
        join(folder, 'client.json'),
        '--json',
      ],
      { env: { AIV_HOME: join(folder, 'home') } },
    )
    open.child.stdin.end()
    await waitFor(open, 'ready')
    writeFileSync(permits, '')
    writeFileSync(allowed, '')
    listener.child.kill('SIGHUP')
    expect(await waitFor(listener, 'reloaded')).toMatchObject({ allowed: 0, permitted: 0 })
    const ended = await open.result()
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain('POLICY_REJECTED')
    expect((await reach()).code).not.toBe(0)

    listener.child.kill('SIGTERM')
    expect((await listener.result()).code).toBe(130)
  })

  it('stop the listener from starting when they cannot be used', async () => {
    const { folder } = createWorkplace()
    const file = join(folder, 'permits')
    writeFileSync(file, '\n*=example.org\n')
    for (const [flag, text] of [
      ['--permit-file', 'line 2: '],
      ['--allow-file', 'is not a peer id'],
    ] as const) {
      const { code, stderr } = await aiv(['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', flag, file])
      expect(code).toBe(2)
      expect(stderr).toContain(text)
    }
  })

  it('are not needed for SIGHUP, which does not end a listener', async () => {
    const listener = startAiv(['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--json'])
    const { address } = await waitFor(listener, 'ready')
    listener.child.kill('SIGHUP')
    await waitFor(listener, 'reloaded')
    const { code, stdout } = await aiv(['htx', 'connect', String(address)], { input: 'still there' })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'still there' })
    listener.child.kill('SIGTERM')
    expect((await listener.result()).code).toBe(130)
  })

  it('end a pipe at once whose peer they name no more, however often it may try again', async () => {
    const workplace = createWorkplace()
    const { folder } = workplace
    const peer = await makeIdentity(workplace, 'client.json')
    const allowed = join(folder, 'allowed')
    writeFileSync(allowed, `${peer}\n`)
    const args = ['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--allow-file', allowed, '--json']
    const listener = startAiv(args)
    const { address } = await waitFor(listener, 'ready')
    const key = join(folder, 'client.json')
    const pipe = startAiv(['htx', 'connect', String(address), '--key', key, '--json'])
    pipe.child.stdin.write('alive')
    await once(pipe.child.stdout, 'data')
    writeFileSync(allowed, '')
    listener.child.kill('SIGHUP')
    const { code, stderr } = await pipe.result()
    expect(code).toBe(1)
    expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'E_SESSION_ERROR', message: expect.stringContaining('POLICY_REJECTED') },
    })
  })
})
