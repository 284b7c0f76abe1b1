import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { aiv, startAiv, temporaryFolder } from '../../support/aiv.ts'

const EPOCH = ['--epoch-length', '30d']

it('runs a node: descriptor, directory, metrics, and counts at the end', { timeout: 60_000 }, async () => {
  const cwd = temporaryFolder()
  const env = { AIV_HOME: join(cwd, 'home') }
  await aiv(['key', 'new', '--out', 'node.json'], { cwd, env })
  const words = ['--key', 'node.json', '--directory', 'net.json', '--unsigned', '--workers', '1', ...EPOCH]
  const own = ['--listen', 'tcp://127.0.0.1:0', '--descriptor', 'descriptor.json', '--metrics', ':0']
  const node = startAiv(['mix', 'run', ...own, ...words, '--replay-memory', '1MiB', '--json'], { cwd, env })
  const ready = await node.nextEvent()
  expect(ready).toMatchObject({ event: 'ready', role: 'mix', workers: 1, descriptor: 'descriptor.json' })
  expect(ready.replay).toMatchObject({ tags: expect.any(Number), packets_per_second: expect.any(Number) })
  const made = await aiv(['mix', 'directory', 'new', 'descriptor.json', ...EPOCH, '--out', 'net.json'], {
    cwd,
    env,
  })
  expect(made.code).toBe(0)
  expect(await node.nextEvent()).toMatchObject({ event: 'directory', nodes: 1 })
  const page = await (await fetch(String(ready.metrics))).text()
  expect(page).toContain('aiv_mix_received_packets_total 0')
  node.child.kill('SIGTERM')
  const stopped = await node.nextEvent()
  expect(stopped).toMatchObject({ event: 'stopped', received: 0, forwarded: 0, dropped: {}, queued: 0 })
  expect((await node.result()).code).toBe(130)
})

it('refuses a directory that nobody signed, says so, and goes on', { timeout: 60_000 }, async () => {
  const cwd = temporaryFolder()
  const env = { AIV_HOME: join(cwd, 'home') }
  await aiv(['key', 'new', '--out', 'node.json'], { cwd, env })
  const authority = 'ab'.repeat(32)
  const words = ['--key', 'node.json', '--directory', 'net.json', '--authority', authority, ...EPOCH]
  const own = ['--listen', 'tcp://127.0.0.1:0', '--descriptor', 'd.json', '--state', 'state']
  const node = startAiv(['mix', 'run', ...own, ...words, '--replay-memory', '1MiB', '--json'], { cwd, env })
  expect(await node.nextEvent()).toMatchObject({ event: 'ready' })
  await aiv(['mix', 'directory', 'new', 'd.json', ...EPOCH, '--out', 'net.json'], { cwd, env })
  const refused = await node.nextEvent()
  expect(refused).toMatchObject({ event: 'directory-refused', file: 'net.json' })
  expect(refused.problems).toContain('0 of 1 authorities needed have signed it')
  expect(existsSync(join(cwd, 'state/keys'))).toBe(true)
  expect(statSync(join(cwd, 'state/keys')).mode & 0o077).toBe(0)
  expect(readFileSync(join(cwd, 'd.json'), 'utf8')).toContain('mix_keys')
  node.child.kill('SIGINT')
  await node.nextEvent()
  expect((await node.result()).code).toBe(130)
})

it('tells what is missing from its command line', async () => {
  const cwd = temporaryFolder()
  const env = { AIV_HOME: join(cwd, 'home') }
  await aiv(['key', 'new', '--out', 'node.json'], { cwd, env })
  const nowhere = ['mix', 'run', '--key', 'node.json', '--directory', 'n.json', '--unsigned', '--listen']
  expect(await aiv([...nowhere, 'tcp://127.0.0.1', '--json'], { cwd, env })).toMatchObject({ code: 2 })
  const memory = [...nowhere, 'tcp://127.0.0.1:0', '--replay-memory', '1KiB', '--json']
  expect(await aiv(memory, { cwd, env })).toMatchObject({ code: 2 })
  const { code, stdout } = await aiv(['mix', 'bench', '--only', 'nothing', '--json'], { cwd, env })
  expect(code).toBe(2)
  expect(stdout).toContain('unwrap.kem.total')
})
