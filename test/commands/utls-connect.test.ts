import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aiv } from '../support/aiv.ts'
import { createWorkplace, type Workplace } from '../support/shell.ts'
import { prepareTlsServer } from '../support/tls-workplace.ts'

async function server(): Promise<Workplace> {
  const workplace = createWorkplace()
  await prepareTlsServer(workplace)
  return workplace
}

async function connect({ folder, env }: Workplace, ...args: readonly string[]) {
  const input = readFileSync(join(folder, 'request.txt'))
  return await aiv(['utls', 'connect', env.SERVER as string, ...args], { cwd: folder, input })
}

function pageOf(answer: string): Record<string, unknown> {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as Record<string, unknown>
}

describe('aiv utls connect', () => {
  it('speaks TLS 1.3 with the hello of Chrome, as the server saw it', async () => {
    const { code, stdout, stderr } = await connect(await server(), '--ca', 'ca.pem', '--alpn', 'http/1.1')
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    // Published for a WebSocket of Chrome 152 and later, without a name: the address is a number.
    expect(pageOf(stdout)).toMatchObject({ ja4: 't13i1515h1_8daaf6152771_5b37b36a67c0', alpn: ['http/1.1'] })
    expect(stderr).toMatch(/^connected: TLS 1\.3, TLS_\w+, X25519MLKEM768, http\/1\.1\nsent \d+ bytes, /)
  })

  it('says what was agreed on, as JSON beside the data', async () => {
    const workplace = await server()
    const args = ['--pin', workplace.env.PIN as string, '--sni', 'other.test', '--alpn', 'http/1.1', '--json']
    const { code, stdout, stderr } = await connect(workplace, ...args)
    expect(code, stderr).toBe(0)
    expect(pageOf(stdout)).toMatchObject({ sni: 'other.test' })
    const [connected, closed] = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(connected).toEqual({
      v: 1,
      event: 'connected',
      time: expect.any(String),
      tls_version: '0304',
      cipher_suite: expect.stringMatching(/^TLS_/),
      group: 'X25519MLKEM768',
      alpn: 'http/1.1',
      retried: false,
      resumed: false,
      ech: { status: 'grease', public_name: null, inner_name: null },
      certificates: 1,
      pin: workplace.env.PIN,
    })
    expect(closed).toMatchObject({ event: 'closed', bytes_sent: 35, bytes_received: stdout.length })
  })

  it.each([
    ['nobody vouches for it', [], 1, /is not trusted here/],
    ['it is for another name', ['--ca', 'ca.pem', '--sni', 'other.test'], 1, /is not for "other\.test"/],
    ['it has another key', ['--pin', `sha256//${Buffer.alloc(32).toString('base64')}`], 1, /another key/],
    ['the file holds no certificate', ['--ca', 'request.txt'], 2, /no certificate/],
    ['the pin is none', ['--pin', 'abc'], 2, /no pin/],
    ['the version is not known', ['--chrome', '12'], 2, /no template of chrome 12/],
  ] as const)('ends without data when %s', async (_what, args, code, reason) => {
    const result = await connect(await server(), ...args)
    expect([result.code, result.stdout]).toEqual([code, ''])
    expect(result.stderr).toMatch(reason)
  })

  it('ends with exit code 3 where nobody listens', async () => {
    const { code, stderr } = await aiv(['utls', 'connect', '127.0.0.1:1'], { input: '' })
    expect([code, stderr]).toEqual([3, expect.stringMatching(/^error: /)])
  })
})
