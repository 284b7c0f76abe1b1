import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aiv, cleanEnvironment, EXECUTABLE, startAiv, temporaryFolder } from '../support/aiv.ts'

describe('aiv htx connect and listen', () => {
  it.each(['tcp', 'ws', 'quic'])('write down a session over %s that decodes on both sides', async (link) => {
    const cwd = temporaryFolder()
    const listener = startAiv(
      [
        'htx',
        'listen',
        `htx+${link}://127.0.0.1:0`,
        '--echo',
        '--json',
        '--record',
        's.rec',
        '--keylog',
        's.log',
      ],
      { cwd },
    )
    let ready = await listener.nextEvent()
    while (ready.event !== 'ready') ready = await listener.nextEvent()
    const client = await aiv(
      ['htx', 'connect', String(ready.address), '--record', 'c.rec', '--keylog', 'c.log'],
      {
        cwd,
        input: 'a quiet word',
      },
    )
    expect([client.code, client.stdout]).toEqual([0, 'a quiet word'])
    expect(client.stderr).toMatch(/whoever has c\.log/)
    listener.child.kill('SIGTERM')
    expect((await listener.result()).stderr).toMatch(/whoever has s\.log/)
    for (const side of ['c', 's']) {
      for (const file of [`${side}.rec`, `${side}.log`])
        expect(statSync(join(cwd, file)).mode & 0o777).toBe(0o600)
      const { stdout, code } = await aiv(
        ['htx', 'decode', `${side}.rec`, '--keylog', `${side}.log`, '--json'],
        { cwd },
      )
      expect(code).toBe(0)
      const words = Buffer.from('a quiet word').toString('hex')
      const frames = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      for (const dir of ['c', 's'])
        expect(
          frames.some((frame) => frame.dir === dir && String(frame.data).endsWith(words)),
          dir,
        ).toBe(true)
      expect(frames.every((frame) => frame.type !== 'STREAM' || 'flags' in frame || 'record' in frame)).toBe(
        true,
      )
    }
  })

  it('speak 1.2 when both are told to, and nothing when one is not', async () => {
    const cwd = temporaryFolder()
    const listener = startAiv(
      ['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--exec', 'wc -c', '--spec', '1.2', '--json'],
      { cwd },
    )
    const { address } = await listener.nextEvent()
    const words = new Uint8Array(500_000).fill(65)
    const client = ['htx', 'connect', String(address), '--record', 'c.rec', '--keylog', 'c.log']
    const { code, stdout } = await aiv([...client, '--spec', '1.2'], { cwd, input: words })
    expect([code, stdout.trim()]).toEqual([0, '500000'])
    const decoded = await aiv(['htx', 'decode', 'c.rec', '--keylog', 'c.log', '--json', '--no-data'], { cwd })
    expect(decoded.code).toBe(0)
    expect(decoded.stdout).toMatch(/"type":"STREAM".*"offset":4\d{5}/)
    expect(decoded.stdout).not.toMatch(/"weight"|"record"/)
    const refused = await aiv(['htx', 'connect', String(address)], { cwd })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('VERSION_NEGOTIATION_FAILED')
  })

  it('refuse to begin when a file cannot be written', async () => {
    const cwd = temporaryFolder()
    const { code, stderr } = await aiv(
      ['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--record', 'none/a.rec'],
      { cwd },
    )
    expect(code).toBe(3)
    expect(stderr).toContain('cannot write none/a.rec')
    expect(existsSync(join(cwd, 'none'))).toBe(false)
  })
})

describe('the commands that move files, list and ping', () => {
  const TRACED = ['--record', 'c.rec', '--keylog', 'c.log']
  const content = 'what the file says'
  const hex = Buffer.from(content).toString('hex')

  /** A listener that serves one file, the receiver beside it, and a client of either. */
  async function start(spec: '1.1' | '1.2') {
    const cwd = temporaryFolder()
    for (const folder of ['served', 'inbox', 'got']) mkdirSync(join(cwd, folder))
    writeFileSync(join(cwd, 'served', 'a.txt'), content)
    const addressOf = async (command: readonly string[]): Promise<string> => {
      const server = startAiv(['htx', ...command, '--spec', spec, '--json'], { cwd, timeoutMs: 60_000 })
      server.child.stdin.end()
      for (;;) {
        const { event, address } = await server.nextEvent()
        if (event === 'ready') return String(address)
      }
    }
    const listen = await addressOf(['listen', 'htx+tcp://127.0.0.1:0', '--serve', 'served'])
    const trace = ['--record', 'r.rec', '--keylog', 'r.log']
    const receive = await addressOf(['receive', 'htx+tcp://127.0.0.1:0', '--into', 'inbox', ...trace])
    const client = async (...args: readonly string[]) =>
      await aiv(['htx', ...args, '--spec', spec], { cwd, timeoutMs: 40_000 })
    return { cwd, listen, receive, client }
  }

  it.each(['1.1', '1.2'] as const)('speak %s and write down what decodes', async (spec) => {
    const { cwd, listen, receive, client } = await start(spec)
    const runs = [
      { args: ['ping', listen, '--count', '2', '--interval', '1ms'], has: /"type":"PING"/ },
      { args: ['ls', listen], has: new RegExp(Buffer.from('a.txt').toString('hex')) },
      { args: ['get', 'a.txt', listen, '--into', 'got'], has: new RegExp(`"dir":"s".*${hex}`) },
      { args: ['send', join('served', 'a.txt'), receive], has: new RegExp(`"dir":"c".*${hex}`) },
    ]
    for (const { args, has } of runs) {
      const { code, stderr } = await client(...args, ...TRACED)
      expect(code, stderr).toBe(0)
      expect(stderr).toMatch(/whoever has c\.log/)
      const decoded = await aiv(['htx', 'decode', 'c.rec', '--keylog', 'c.log', '--json'], { cwd })
      expect(decoded.code, decoded.stderr).toBe(0)
      expect(decoded.stdout, args[0]).toMatch(has)
      // Only 1.2 gives the place of data in its stream.
      expect(/"offset":/.test(decoded.stdout)).toBe(spec === '1.2' && args[0] !== 'ping')
    }
    const taken = await aiv(['htx', 'decode', 'r.rec', '--keylog', 'r.log', '--json'], { cwd })
    expect(taken.stdout).toMatch(new RegExp(`"dir":"c".*${hex}`))
    expect(readFileSync(join(cwd, 'got', 'a.txt'), 'utf8')).toBe(content)
    expect(readFileSync(join(cwd, 'inbox', 'a.txt'), 'utf8')).toBe(content)
    expect(readFileSync(join(cwd, 'c.log'), 'utf8').match(/^HTX_SPEC /gm)).toHaveLength(runs.length)
  })

  it('are refused by a listener of the other specification', async () => {
    const { listen } = await start('1.2')
    const { code, stderr } = await aiv(['htx', 'ls', listen])
    expect(code).toBe(1)
    expect(stderr).toContain('VERSION_NEGOTIATION_FAILED')
  })
})

describe('a disk that fills up while a session is written down', () => {
  // A file of this process can grow to 64 blocks of 512 bytes, and Linux refuses the next byte (EFBIG).
  const LIMIT = 'ulimit -f 64; exec "$0" "$@"'

  it('ends the recording with its last whole record, and the session goes on', async () => {
    const cwd = temporaryFolder()
    const listener = startAiv(['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--exec', 'cat', '--json'], { cwd })
    const { address } = await listener.nextEvent()
    const input = randomBytes(300_000)
    const args = ['htx', 'connect', String(address), '--record', 'c.rec', '--keylog', 'c.log', '--json']
    const client = spawnSync('sh', ['-c', LIMIT, process.execPath, EXECUTABLE, ...args], {
      cwd,
      env: cleanEnvironment(cwd),
      input,
      timeout: 30_000,
      maxBuffer: 2 ** 24,
    })
    expect(client.status, String(client.stderr)).toBe(0)
    expect(client.stdout.equals(input)).toBe(true)
    const logs = String(client.stderr)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ log }) => log === 'error')
    expect(logs).toEqual([
      expect.objectContaining({ code: 'E_IO', reason: expect.stringContaining('cannot write c.rec: EFBIG') }),
    ])
    expect(statSync(join(cwd, 'c.rec')).size).toBeLessThanOrEqual(64 * 512)
    const decoded = await aiv(['htx', 'decode', 'c.rec', '--keylog', 'c.log', '--json'], { cwd })
    expect(decoded.code, decoded.stderr).toBe(0)
    expect(decoded.stdout).toContain('"type":"STREAM"')
  })
})
