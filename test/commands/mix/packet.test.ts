import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type AivResult, aiv } from '../../support/aiv.ts'
import { prepareNetwork } from '../../support/mix-directory-workplace.ts'
import { prepareMixPackets } from '../../support/mix-workplace.ts'
import { createWorkplace, runShell, type Workplace } from '../../support/shell.ts'

async function workplace(): Promise<Workplace> {
  const made = createWorkplace()
  await prepareMixPackets(made)
  return made
}

/** One refusal on stderr, nothing on stdout, the exit code of its kind. */
function expectRefusal({ code, stdout, stderr }: AivResult, expected: number, words: RegExp): void {
  expect([code, stdout]).toEqual([expected, ''])
  expect(stderr).toMatch(/^error: [^\n]+\n$/)
  expect(stderr).toMatch(words)
}

describe('a packet by hand', () => {
  it('goes through three hops in a pipe and carries the reply block to its receiver', async () => {
    const place = await workplace()
    const { code, stdout, stderr } = await runShell(
      `printf 'any\\0bytes' | aiv mix packet new --path path.json --recipient alice --surb surb.bin |
aiv mix packet unwrap --key hop1.json | aiv mix packet unwrap --key hop2.json |
aiv mix packet unwrap --key hop3.json --surb-out surb.copy > body
cmp surb.bin surb.copy
od -An -c body`,
      place,
    )
    expect(code, stderr).toBe(0)
    expect(stdout.trim().replaceAll(/\s+/g, ' ')).toBe('a n y \\0 b y t e s')
    expect(stderr.match(/forward to [0-9a-f]{64} after 33 ms/g)).toHaveLength(2)
    expect(stderr).toContain('deliver to alice: 9 bytes and a SURB for the answer')
  })

  it('is hexadecimal with --hex, in and out, and the same in JSON and in a file', async () => {
    const { folder: cwd } = await workplace()
    const made = await aiv(
      [
        'mix',
        'packet',
        'new',
        'message.txt',
        '--path',
        'path.json',
        '--recipient',
        'a',
        '--out',
        'p',
        '--json',
      ],
      { cwd },
    )
    const { packet, first_hop, packet_bytes } = JSON.parse(made.stdout) as Record<string, unknown>
    expect(readFileSync(join(cwd, 'p')).toString('hex')).toBe(packet)
    expect([packet_bytes, String(first_hop)]).toEqual([2048, expect.stringMatching(/^[0-9a-f]{64}$/)])
    const next = await aiv(['mix', 'packet', 'unwrap', '--key', 'hop1.json', '--hex'], {
      cwd,
      input: `  ${String(packet).toUpperCase()}\n`,
    })
    expect(next.stdout).toMatch(/^[0-9a-f]{4096}\n$/)
    const shown = await aiv(['mix', 'packet', 'show', '-', '--json'], { cwd, input: next.stdout })
    const parts = JSON.parse(shown.stdout) as Record<string, string>
    expect(`${parts.version}${parts.group_element}${parts.routing}${parts.mac}${parts.payload}\n`).toBe(
      next.stdout,
    )
  })

  it('is tried with all keys of a node, and says why it is dropped', async () => {
    const { folder: cwd } = await workplace()
    const keys = ['--key', 'hop2.json', '--key', 'hop1.json']
    const good = await aiv(['mix', 'packet', 'unwrap', 'packet.bin', ...keys, '--json'], { cwd })
    expect(JSON.parse(good.stdout)).toMatchObject({ kind: 'forward', delay_ms: 33 })
    const packet = readFileSync(join(cwd, 'packet.bin'))
    const changed = Buffer.from(packet)
    changed[100] = (changed[100] as number) ^ 1
    const reasons = new Map<string, Uint8Array>([
      ['bad_mac', changed],
      ['wrong_length', packet.subarray(1)],
      ['low_order_point', Buffer.concat([Buffer.alloc(34), packet.subarray(34)])],
    ])
    for (const [reason, input] of reasons) {
      const json = await aiv(['mix', 'packet', 'unwrap', ...keys, '--json'], { cwd, input })
      expect([json.code, JSON.parse(json.stdout)]).toEqual([1, { v: 1, kind: 'drop', reason }])
    }
    const text = await aiv(['mix', 'packet', 'unwrap', ...keys], { cwd, input: changed })
    expect(text).toEqual({ code: 1, stdout: '', stderr: 'dropped: bad_mac\n' })
  })

  it('is refused with a payload or a path that does not fit, and says what does', async () => {
    const { folder: cwd } = await workplace()
    const create = (path: string, input: Uint8Array | string, ...more: string[]): Promise<AivResult> =>
      aiv(['mix', 'packet', 'new', '--path', path, '--recipient', 'alice', ...more], { cwd, input })
    expectRefusal(await create('path.json', Buffer.alloc(1101)), 2, /1101 bytes.*1100/)
    expectRefusal(await create('path.json', 'x', '--raw'), 2, /1 bytes.*1608/)
    expectRefusal(await create('path.json', '', '--hops', '2'), 2, /3 hops/)
    writeFileSync(join(cwd, 'bad.json'), '{"hops":[]}')
    expectRefusal(await create('bad.json', ''), 2, /1 to 16 hops/)
  })
})

it('a packet takes the path that a directory gives', async () => {
  const place = createWorkplace()
  const reason = await prepareNetwork(place)
  expect(reason).toBeUndefined()
  const { code, stdout, stderr } = await runShell(
    `aiv mix path new network.json --json > chosen.json
echo hello | aiv mix packet new --path chosen.json --recipient alice --json`,
    place,
  )
  expect(code, stderr).toBe(0)
  const chosen = JSON.parse(readFileSync(join(place.folder, 'chosen.json'), 'utf8')) as {
    readonly hops: readonly { readonly id: string }[]
  }
  expect(JSON.parse(stdout)).toMatchObject({ first_hop: chosen.hops[0]?.id, packet_bytes: 2048 })
})

describe('a mix key file', () => {
  it('is for its owner only, opens with its passphrase, and shows its public part without', async () => {
    const { folder: cwd } = await workplace()
    writeFileSync(join(cwd, 'pass'), 'correct horse\n')
    writeFileSync(join(cwd, 'wrong'), 'battery staple\n')
    const made = await aiv(
      ['mix', 'key', 'new', '--out', 'k.json', '--passphrase-file', 'pass', '--kdf', 'scrypt', '--json'],
      { cwd },
    )
    const { id, public_key, encrypted } = JSON.parse(made.stdout) as Record<string, unknown>
    expect(encrypted).toBe(true)
    expect(statSync(join(cwd, 'k.json')).mode & 0o777).toBe(0o600)
    const shown = await aiv(['mix', 'key', 'show', 'k.json', '--json'], { cwd })
    expect(JSON.parse(shown.stdout)).toMatchObject({ id, public_key })
    const path = await aiv(['mix', 'key', 'path', 'k.json'], { cwd })
    writeFileSync(join(cwd, 'one.json'), path.stdout)
    const packet = await aiv(['mix', 'packet', 'new', '--path', 'one.json', '--recipient', 'x', '--hex'], {
      cwd,
      input: 'hi',
    })
    const open = (...flags: string[]): Promise<AivResult> =>
      aiv(['mix', 'packet', 'unwrap', '--key', 'k.json', ...flags], { cwd, input: packet.stdout })
    expect((await open('--passphrase-file', 'pass')).stdout).toBe('hi')
    expectRefusal(await open('--passphrase-file', 'wrong'), 1, /passphrase is wrong/)
  })
})

const PATH_BACK = ['--path', 'path.json', '--recipient', 'bob']

describe('a SURB by hand', () => {
  it('is gone when it was used, and its keys when the answer was read', async () => {
    const { folder: cwd } = await workplace()
    const there = (name: string): boolean => existsSync(join(cwd, name))
    const touched = readFileSync(join(cwd, 'reply-payload.bin'))
    touched[0] = (touched[0] as number) ^ 1
    const open = ['mix', 'surb', 'open', '--keys', 'keys.json']
    expectRefusal(await aiv(open, { cwd, input: touched }), 1, /no answer to the SURB/)
    expect(there('keys.json')).toBe(true)
    const kept = await aiv([...open, '--keep', 'reply-payload.bin'], { cwd })
    expect([kept.stdout, there('keys.json')]).toEqual(['hello from afar\n', true])
    const read = await aiv([...open, 'reply-payload.bin'], { cwd })
    expect([read.stdout, there('keys.json')]).toEqual(['hello from afar\n', false])
    const used = await aiv(['mix', 'surb', 'use', '--surb', 'surb.bin', '--out', 'p', '--json'], {
      cwd,
      input: 'x',
    })
    expect([used.code, there('surb.bin'), there('p')]).toEqual([0, false, true])
    const { surb } = JSON.parse(
      (await aiv(['mix', 'surb', 'new', ...PATH_BACK, '--keys', 'k2.json', '--json'], { cwd })).stdout,
    ) as { readonly surb: string }
    const piped = ['mix', 'surb', 'use', 'message.txt', '--surb', '-']
    expect((await aiv(piped, { cwd, input: surb })).code).toBe(0)
  })

  it('is not made over keys that are there already', async () => {
    const { folder: cwd } = await workplace()
    const before = readFileSync(join(cwd, 'keys.json'))
    const made = await aiv(
      ['mix', 'surb', 'new', '--path', 'path.json', '--recipient', 'bob', '--keys', 'keys.json'],
      { cwd },
    )
    expectRefusal(made, 2, /exists already/)
    expect(readFileSync(join(cwd, 'keys.json'))).toEqual(before)
  })
})

describe('aiv mix geometry', () => {
  it('has the sizes that Katzenpost publishes for packets of 2048 bytes', async () => {
    // header, SURB, payload, user bytes beside a SURB
    for (const [format, hops, ...sizes] of [
      ['nike', 3, 312, 408, 1704, 1294],
      ['nike', 5, 476, 572, 1540, 966],
      ['kem', 3, 408, 504, 1608, 1102],
    ] as const) {
      const { stdout } = await aiv(['mix', 'geometry', '--format', format, '--hops', String(hops), '--json'])
      const { header_bytes, surb_bytes, payload_bytes, user_bytes_with_surb } = JSON.parse(stdout) as Record<
        string,
        number
      >
      expect([header_bytes, surb_bytes, payload_bytes, user_bytes_with_surb]).toEqual(sizes)
    }
  })

  it('refuses packets that have no room for their header', async () => {
    expectRefusal(await aiv(['mix', 'geometry', '--packet-bytes', '100']), 2, /larger than 440/)
  })
})
