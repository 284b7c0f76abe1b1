import { chmodSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock, toHex } from '../../../src/lib/core/index.ts'
import { encodeBase64Url, loadGrant } from '../../../src/lib/htx/ticket/index.ts'
import { type AivResult, aiv, startAiv, temporaryFolder } from '../../support/aiv.ts'
import { makeTicket, makeTicketKeys } from '../../support/ticket-workplace.ts'

interface Made {
  readonly key_id: string
  readonly not_before: number
  readonly not_after: number
  readonly grant: Readonly<Record<string, unknown>>
}

async function ticket(cwd: string, args: readonly string[], input?: Uint8Array): Promise<AivResult> {
  return await aiv(['htx', 'ticket', ...args], { cwd, ...(input === undefined ? {} : { input }) })
}

async function makeNew(cwd: string, args: readonly string[]): Promise<Made> {
  const { code, stdout, stderr } = await ticket(cwd, ['new', ...args, '--json'])
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as Made
}

describe('aiv htx ticket new', () => {
  it('writes keys and a grant that belong together, for their owner alone', async () => {
    const cwd = temporaryFolder()
    const made = await makeNew(cwd, ['--out', 'tickets.json', '--out-grant', 'grant.json'])
    const grant = JSON.parse(readFileSync(join(cwd, 'grant.json'), 'utf8')) as Record<string, unknown>
    expect(grant).toEqual(made.grant)
    expect(Object.keys(grant)).toEqual([
      'v',
      'ticketPub',
      'ticketKeyID',
      'policy',
      'site',
      'path',
      'cookieName',
      'notAfter',
    ])
    expect(Buffer.from(grant.ticketKeyID as string, 'base64url').toString('hex')).toBe(made.key_id)
    expect(made.not_after - made.not_before).toBe(30 * 86_400)
    for (const name of ['tickets.json', 'grant.json'])
      expect(statSync(join(cwd, name)).mode & 0o777, name).toBe(0o600)
    const shown = JSON.parse((await ticket(cwd, ['show', 'tickets.json', '--json'])).stdout) as {
      keys: { grant: unknown; valid: boolean }[]
    }
    expect(shown.keys).toMatchObject([{ grant, valid: true }])
    expect((await ticket(cwd, ['show', 'grant.json'])).stdout).toContain(made.key_id)
  })

  it('prints the grant where no file takes it, and never a private key', async () => {
    const cwd = temporaryFolder()
    const { stdout, stderr } = await ticket(cwd, ['new', '--out', 'tickets.json'])
    expect(JSON.parse(stdout)).toMatchObject({ v: 1, path: '/' })
    const [{ private: secret }] = (
      JSON.parse(readFileSync(join(cwd, 'tickets.json'), 'utf8')) as { keys: [{ private: string }] }
    ).keys
    const shown = await ticket(cwd, ['show', 'tickets.json', '--json'])
    expect(stdout + stderr + shown.stdout).not.toContain(secret)
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
  })

  it('leaves existing files alone unless told to add or to rotate', async () => {
    const cwd = temporaryFolder()
    const first = await makeNew(cwd, ['--out', 't.json', '--out-grant', 'a.json'])
    const again = await ticket(cwd, ['new', '--out', 't.json', '--out-grant', 'b.json'])
    expect([again.code, existsSync(join(cwd, 'b.json'))]).toEqual([2, false])
    expect(again.stderr).toContain('--rotate')
    expect((await ticket(cwd, ['new', '--out', 't.json', '--add', '--out-grant', 'a.json'])).code).toBe(2)
    await makeNew(cwd, ['--out', 't.json', '--add', '--out-grant', 'b.json'])
    const third = await makeNew(cwd, ['--out', 't.json', '--rotate', '--valid', '60d', '--overlap', '2d'])
    const shown = JSON.parse((await ticket(cwd, ['show', 't.json', '--json'])).stdout) as {
      keys: Made[]
    }
    const end = third.not_before + 2 * 86_400
    expect(shown.keys.map(({ not_after }) => not_after - end)).toEqual([0, 0, 58 * 86_400])
    expect(shown.keys[0]?.key_id).toBe(first.key_id)
  })

  it.each([
    ['carriers that do not sum to 1', ['--carriers', 'cookie:0.5']],
    ['an unknown carrier', ['--carriers', 'header:1']],
    ['a path that is none', ['--path', 'login']],
    ['a cookie name that breaks a header', ['--cookie-name', 'a;b']],
    ['an overlap without a rotation', ['--overlap', '1d']],
  ])('refuses %s and writes nothing', async (_, args) => {
    const cwd = temporaryFolder()
    const { code } = await ticket(cwd, ['new', '--out', 't.json', '--out-grant', 'g.json', ...args])
    expect([code, existsSync(join(cwd, 't.json')), existsSync(join(cwd, 'g.json'))]).toEqual([
      2,
      false,
      false,
    ])
  })
})

describe('aiv htx ticket verify', () => {
  it('takes a ticket as base64url, as hex and as bytes', async () => {
    const cwd = temporaryFolder()
    const made = makeTicket(await makeTicketKeys(join(cwd, 't.json')))
    for (const [arg, input] of [
      [encodeBase64Url(made), undefined],
      [toHex(made), undefined],
      ['-', made],
    ] as const) {
      const { code, stdout } = await ticket(cwd, ['verify', arg, '--tickets', 't.json', '--json'], input)
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { v: 1, genuine: true, version: 1 }])
    }
  })

  it.each([
    ['of other keys', 'unknown-key', (_: Uint8Array, other: Uint8Array) => encodeBase64Url(other)],
    [
      'that was changed',
      'not-genuine',
      (own: Uint8Array) => encodeBase64Url(own.with(80, (own[80] as number) ^ 1)),
    ],
    ['that is padded', 'malformed', (own: Uint8Array) => `${encodeBase64Url(own)}=`],
    ['that is none', 'malformed', () => 'hello'],
  ])('refuses one %s, with exit code 1', async (_, reason, forge) => {
    const cwd = temporaryFolder()
    const own = makeTicket(await makeTicketKeys(join(cwd, 't.json')))
    const other = makeTicket(await makeTicketKeys(join(cwd, 'other.json')))
    const { code, stdout } = await ticket(cwd, ['verify', forge(own, other), '--tickets', 't.json', '--json'])
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { genuine: false, reason }])
  })
})

describe('a listener with --tickets', () => {
  it('answers the holder of a grant, and is silent to another, also after a rotation it was not told of', async () => {
    const cwd = temporaryFolder()
    await makeNew(cwd, ['--out', 't.json', '--out-grant', 'g.json'])
    const listener = startAiv(
      ['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--exec', 'cat', '--tickets', 't.json', '--json'],
      { cwd, timeoutMs: 60_000 },
    )
    const { address } = await listener.nextEvent()
    const connect = async (...args: string[]): Promise<AivResult> =>
      await aiv(['htx', 'connect', String(address), '--handshake-timeout', '700ms', ...args], {
        cwd,
        input: 'hello',
      })
    expect(await connect('--ticket', 'g.json')).toMatchObject({ code: 0, stdout: 'hello' })
    const without = await connect()
    expect([without.code, without.stdout]).toEqual([3, ''])
    expect(without.stderr).toContain('--ticket')
    await makeTicketKeys(join(cwd, 'other.json'))
    await makeNew(cwd, ['--out', 'other.json', '--add', '--out-grant', 'wrong.json'])
    expect((await connect('--ticket', 'wrong.json')).code).toBe(3)
    await makeNew(cwd, ['--out', 't.json', '--rotate', '--out-grant', 'next.json'])
    for (let event = ''; event !== 'tickets'; ) event = String((await listener.nextEvent()).event)
    expect(await connect('--ticket', 'next.json')).toMatchObject({ code: 0, stdout: 'hello' })
    expect(await connect('--ticket', 'g.json')).toMatchObject({ code: 0, stdout: 'hello' })
  }, 60_000)

  it('keeps its keys when others can read the file that should replace them, until they cannot', async () => {
    const cwd = temporaryFolder()
    const keys = join(cwd, 't.json')
    for (const name of ['t', 'next'])
      await makeNew(cwd, ['--out', `${name}.json`, '--out-grant', `${name}-grant.json`])
    const listener = startAiv(
      ['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--tickets', 't.json', '--json'],
      { cwd, timeoutMs: 60_000 },
    )
    const { address } = await listener.nextEvent()
    const eventOf = async (...names: string[]): Promise<Record<string, unknown>> => {
      for (;;) {
        const event = await listener.nextEvent()
        if (names.includes(String(event.event))) return event
      }
    }
    const ping = async (grant: string): Promise<number | null> => {
      const args = ['--count', '1', '--handshake-timeout', '700ms', '--ticket', `${grant}-grant.json`]
      return (await aiv(['htx', 'ping', String(address), ...args], { cwd })).code
    }
    chmodSync(join(cwd, 'next.json'), 0o644)
    renameSync(join(cwd, 'next.json'), keys)
    expect(await eventOf('tickets', 'tickets-failed')).toMatchObject({
      event: 'tickets-failed',
      code: 'E_KEY_FILE',
      reason: expect.stringContaining('other users can open'),
    })
    expect([await ping('t'), await ping('next')]).toEqual([0, 3])
    chmodSync(keys, 0o600)
    expect(await eventOf('tickets', 'tickets-failed')).toMatchObject({ event: 'tickets', keys: 1 })
    expect([await ping('t'), await ping('next')]).toEqual([3, 0])
  }, 60_000)

  it('does not start with first contact, without its keys, or with keys that others can read', async () => {
    const cwd = temporaryFolder()
    await makeTicketKeys(join(cwd, 't.json'))
    const listen = async (...args: string[]): Promise<AivResult> =>
      await aiv(['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', ...args], { cwd })
    const both = await listen('--tickets', 't.json', '--first-contact')
    expect([both.code, both.stdout]).toEqual([2, ''])
    expect((await listen('--tickets', 'none.json')).code).toBe(3)
    chmodSync(join(cwd, 't.json'), 0o644)
    const open = await listen('--tickets', 't.json')
    expect([open.code, open.stderr.includes('chmod 600')]).toEqual([2, true])
  })

  it('is not asked by a client whose grant has expired', async () => {
    const cwd = temporaryFolder()
    await makeNew(cwd, ['--out', 't.json', '--out-grant', 'g.json', '--valid', '1s'])
    const { notAfter } = await loadGrant(join(cwd, 'g.json'))
    while (systemClock.wallMs() < notAfter * 1000) await new Promise((resolve) => setTimeout(resolve, 50))
    const listener = startAiv(['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--json'], { cwd })
    const { address } = await listener.nextEvent()
    const { code, stderr } = await aiv(['htx', 'ping', String(address), '--ticket', 'g.json', '--json'], {
      cwd,
    })
    expect(code, stderr).toBe(1)
  })
})
