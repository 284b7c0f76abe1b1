import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type AivResult, aiv, REPOSITORY, startAiv } from '../../support/aiv.ts'
import { broken } from '../../support/json-promise.ts'
import { prepareAuthorities } from '../../support/mix-directory-workplace.ts'
import { createWorkplace } from '../../support/shell.ts'

const sampleOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(REPOSITORY, 'fixtures/json-samples', `${name}.json`), 'utf8'))

async function prepared(): Promise<{
  readonly cwd: string
  readonly env: Record<string, string>
  run(...words: string[]): Promise<AivResult>
}> {
  const workplace = createWorkplace()
  await prepareAuthorities(workplace)
  const { folder: cwd, env } = workplace
  return { cwd, env, run: (...words) => aiv(['mix', 'directory', ...words], { cwd, env }) }
}

describe('aiv mix directory run', () => {
  it('makes a network of one authority from nothing: a node publishes, a client fetches', {
    timeout: 60_000,
  }, async () => {
    const { cwd, env, run } = await prepared()
    // An epoch of eight seconds: each phase lasts one.
    const address = await freeAddress()
    const keys = await run('keys', '--key', 'alice.json', '--url', `http://${address}`, '--json')
    writeFileSync(join(cwd, 'own.keys.json'), keys.stdout)
    const made = await run(
      'network',
      'own.keys.json',
      '--epoch-length',
      '8s',
      '--layers',
      '1',
      '--out',
      'own.json',
    )
    expect(made.stdout).toBe('1 of 1 authorities must sign\n')
    const authority = startAiv(
      [
        'mix',
        'directory',
        'run',
        '--network',
        'own.json',
        '--key',
        'alice.json',
        '--listen',
        address,
        '--out',
        'latest.json',
        '--json',
      ],
      { cwd, env, timeoutMs: 50_000 },
    )
    expect(await authority.nextEvent()).toMatchObject({
      event: 'ready',
      address: `http://${address}`,
      authority: 0,
    })
    const epoch = (): number => Math.floor(Date.now() / 8000)
    const mixKeys = [0, 1, 2, 3, 4, 5].flatMap((ahead) => ['--mix-key', `${epoch() + ahead}:${env.MIXKEY}`])
    const descriptor = [
      'mix',
      'descriptor',
      'new',
      '--key',
      'alice.json',
      ...mixKeys,
      '--address',
      'tcp://127.0.0.1:9',
      '--epoch-length',
      '8s',
      '--valid',
      '2m',
      '--out',
      'own-node.json',
    ]
    expect((await aiv(descriptor, { cwd, env })).stderr).toBe('')
    // It may come too late for this round, and is then told so; the next one collects again.
    for (;;) {
      const { code } = await run('publish', 'own-node.json', '--network', 'own.json')
      if (code === 0) break
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    for (;;) {
      const event = await authority.nextEvent()
      if (event.event === 'directory' && event.nodes === 1) break
    }
    const fetched = await run('fetch', '--network', 'own.json', '--next', '--out', 'got.json')
    expect([fetched.stderr, fetched.stdout]).toEqual(['', expect.stringMatching(/^epoch \d+, 1 nodes\n$/)])
    expect(readFileSync(join(cwd, 'got.json'), 'utf8')).toBe(readFileSync(join(cwd, 'latest.json'), 'utf8'))
    authority.child.kill('SIGINT')
    expect((await authority.result()).code).toBe(130)
  })

  it('is not for somebody else', async () => {
    const { cwd, env, run } = await prepared()
    await aiv(['key', 'new', '--out', 'bob.json'], { cwd, env })
    const { code, stderr } = await run(
      'run',
      '--network',
      'authorities.json',
      '--key',
      'bob.json',
      '--listen',
      '127.0.0.1:0',
    )
    expect([code, stderr]).toEqual([2, expect.stringContaining('none of the authorities')])
  })
})

describe('aiv mix directory fetch', () => {
  it('says when nobody has a directory, with exit code 3, and when none holds, with 1', async () => {
    const { cwd, run } = await prepared()
    const text = readFileSync(join(cwd, 'authorities.json'), 'utf8')
    writeFileSync(join(cwd, 'away.json'), text.replace(/http:[^"]*/, 'http://127.0.0.1:1'))
    expect((await run('fetch', '--network', 'away.json', '--out', 'x.json')).code).toBe(3)
    const { authorities } = JSON.parse(text) as {
      authorities: { identity_key: string; sharing_key: string }[]
    }
    const [alice = expect.fail()] = authorities
    writeFileSync(join(cwd, 'forged.json'), text.replace(alice.identity_key, alice.sharing_key))
    const forged = await run('fetch', '--network', 'forged.json', '--out', 'x.json')
    expect([forged.code, forged.stderr]).toEqual([1, expect.stringContaining('no directory holds')])
  })
})

describe('the JSON of the authority commands', () => {
  it('keeps its fields', async () => {
    const { run } = await prepared()
    for (const [name, words] of [
      ['mix-directory-keys', ['keys', '--key', 'alice.json', '--url', 'http://a:1']],
      ['mix-directory-network', ['network', 'alice.keys.json', '--out', 'n.json']],
      ['mix-directory-fetch', ['fetch', '--network', 'authorities.json', '--out', 'd.json']],
      ['mix-directory-publish', ['publish', 'node1.json', '--network', 'authorities.json']],
    ] as const) {
      const { stdout } = await run(...words, '--json')
      expect([name, broken(sampleOf(name), JSON.parse(stdout))]).toEqual([name, []])
    }
  })
})

/** A port that was free a moment ago. */
async function freeAddress(): Promise<string> {
  const { createServer } = await import('node:net')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return `127.0.0.1:${port}`
}
