import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type AivResult, aiv, REPOSITORY } from '../../support/aiv.ts'
import { broken } from '../../support/json-promise.ts'
import { prepareNetwork } from '../../support/mix-directory-workplace.ts'
import { createWorkplace } from '../../support/shell.ts'

type Json = Readonly<Record<string, unknown>>

async function network(): Promise<{
  readonly folder: string
  readonly env: Record<string, string>
  run(...words: string[]): Promise<AivResult>
  json(...words: string[]): Promise<Json>
}> {
  const workplace = createWorkplace()
  await prepareNetwork(workplace)
  const { folder, env } = workplace
  const run = (...words: string[]): Promise<AivResult> => aiv(['mix', ...words], { cwd: folder, env })
  return {
    folder,
    env,
    run,
    json: async (...words) => JSON.parse((await run(...words, '--json')).stdout) as Json,
  }
}

const sampleOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(REPOSITORY, 'fixtures/json-samples', `${name}.json`), 'utf8'))

describe('aiv mix directory verify', () => {
  it('holds for the authority that signed, and for nobody else', async () => {
    const { env, run } = await network()
    const right = await run('directory', 'verify', 'network.json', '--authority', String(env.AUTHORITY))
    expect([right.code, right.stdout]).toEqual([
      0,
      expect.stringMatching(/^valid for epoch \d+, 9 nodes\nsigned by /),
    ])
    const wrong = await run('directory', 'verify', 'network.json', '--authority', String(env.KEY), '--json')
    expect(wrong.code).toBe(1)
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      valid: false,
      signers: [],
      problems: ['0 of 1 authorities needed have signed it'],
    })
  })

  it('refuses what was changed after the signature, another time, and what is no directory', async () => {
    const { folder, env, run } = await network()
    const verify = (file: string, ...words: string[]): Promise<AivResult> =>
      run('directory', 'verify', file, '--authority', String(env.AUTHORITY), ...words)
    expect((await verify('forged.json')).code).toBe(1)
    expect((await verify('network.json', '--at', '2020-01-01T00:00:00Z')).stdout).toContain('not valid yet')
    expect((await verify('network.json', '--at', 'noon')).code).toBe(2)
    writeFileSync(join(folder, 'bad.json'), '{"version":1}')
    const bad = await verify('bad.json')
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining('bad.json cannot be read')])
  })

  it('wants to know whom to believe', async () => {
    const { run, env } = await network()
    const { code, stderr } = await run('directory', 'verify', 'network.json')
    expect([code, stderr]).toEqual([2, expect.stringContaining('--authority')])
    expect((await run('directory', 'verify', 'network.json', '--unsigned')).code).toBe(0)
    const three = await run(
      'directory',
      'verify',
      'network.json',
      '--authority',
      String(env.KEY),
      '--threshold',
      '2',
    )
    expect(three.code).toBe(2)
  })
})

describe('a static directory made by hand', () => {
  it('lists new descriptors, is signed, verified, and gives paths', async () => {
    const { run, env } = await network()
    const describeNode = (name: string, ...words: string[]): Promise<AivResult> =>
      run(
        'descriptor',
        'new',
        '--key',
        'alice.json',
        '--mix-key',
        String(env.MIXKEY),
        '--address',
        'tcp://127.0.0.1:1',
        '--epoch-length',
        '30d',
        '--out',
        name,
        ...words,
      )
    expect((await describeNode('own.json', '--role', 'both', '--weight', '7', '--family', 'mine')).code).toBe(
      0,
    )
    const again = await describeNode('own.json')
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('own.json')])
    const made = await run(
      'directory',
      'new',
      'node1.json',
      'own.json',
      'node2.json',
      '--epoch-length',
      '30d',
      '--out',
      'n.json',
    )
    expect(made.stderr + made.stdout).toMatch(/^[0-9a-f]{64}\n$/)
    expect((await run('directory', 'sign', 'n.json', '--key', 'alice.json', '--out', 's.json')).code).toBe(0)
    const verified = await run('directory', 'verify', 's.json', '--authority', String(env.AUTHORITY))
    expect([verified.stderr, verified.code]).toEqual(['', 0])
    const shown = await run('directory', 'show', 's.json')
    expect(shown.stdout).toMatch(/ 1 {6}7 {7}both {6}mine {4}tcp:\/\/127\.0\.0\.1:1\n/)
    expect((await run('path', 'new', 's.json')).stdout.trim().split('\n')).toHaveLength(3)
  })

  it('takes no descriptor whose signature does not hold, and no node twice', async () => {
    const { folder, run } = await network()
    const text = readFileSync(join(folder, 'node1.json'), 'utf8')
    writeFileSync(join(folder, 'forged1.json'), text.replace(/"weight": \d+/, '"weight": 9999'))
    const forged = await run('directory', 'new', 'forged1.json', '--out', 'a.json')
    expect([forged.code, forged.stderr]).toEqual([2, expect.stringContaining('not signed by its node')])
    const twice = await run('directory', 'new', 'node1.json', 'node1.json', '--out', 'b.json')
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('there twice')])
  })
})

describe('aiv mix path', () => {
  it('draws another path every time, with one hop of each layer', async () => {
    const { json } = await network()
    const seen = new Set<string>()
    for (let i = 0; i < 5; i++) {
      const { hops } = await json('path', 'new', 'network.json')
      const list = hops as readonly Json[]
      expect(list.map((hop) => typeof hop.delay_ms)).toEqual(['number', 'number', 'undefined'])
      seen.add(JSON.stringify(list.map(({ id }) => id)))
    }
    expect(seen.size).toBeGreaterThan(1)
  })

  it('proves a path by key and counter, and the proof is for that path alone', async () => {
    const { folder, env, run, json } = await network()
    const proven = await json('path', 'new', 'network.json', '--key', 'alice.json', '--counter', '4')
    writeFileSync(join(folder, 'own.json'), JSON.stringify(proven))
    const verify = (file: string, ...words: string[]): Promise<AivResult> =>
      run('path', 'verify', file, '--directory', 'network.json', ...words)
    expect((await verify('own.json', '--public', String(env.KEY))).code).toBe(0)
    expect((await verify('own.json', '--public', String(env.AUTHORITY))).code).toBe(1)
    expect((await run('path', 'verify', 'own.json', '--directory', 'forged.json')).code).toBe(1)
    const claim = proven.claim as { nodes: string[] }
    writeFileSync(
      join(folder, 'other.json'),
      JSON.stringify({ claim: { ...claim, nodes: claim.nodes.toReversed() } }),
    )
    const other = await verify('other.json')
    expect([other.code, other.stdout]).toEqual([
      1,
      expect.stringContaining('not those that the proof chooses'),
    ])
    writeFileSync(join(folder, 'none.json'), '{}')
    expect((await verify('none.json')).code).toBe(2)
  })

  it('is never longer than the packets allow', async () => {
    const { json, run } = await network()
    const { nodes } = await json('directory', 'show', 'network.json')
    const provider = String((nodes as readonly Json[])[0]?.id)
    const { code, stderr } = await run('path', 'new', 'network.json', '--provider', provider)
    expect([code, stderr]).toEqual([2, expect.stringContaining('3 hops, not 4')])
    const two = await json('path', 'new', 'network.json', '--provider', provider, '--hops', '2')
    expect((two.hops as readonly Json[]).at(-1)?.id).toBe(provider)
  })
})

describe('the JSON of the directory commands', () => {
  it('keeps its fields', async () => {
    const { env, json } = await network()
    const authority = ['--authority', String(env.AUTHORITY)]
    for (const [name, words] of [
      ['mix-directory-show', ['directory', 'show', 'network.json']],
      ['mix-directory-verify', ['directory', 'verify', 'network.json', ...authority]],
      ['mix-directory-new', ['directory', 'new', 'node1.json', '--epoch-length', '30d', '--out', 'x.json']],
      ['mix-directory-sign', ['directory', 'sign', 'network.json', '--key', 'alice.json', '--out', 'y.json']],
      [
        'mix-descriptor-new',
        [
          'descriptor',
          'new',
          '--key',
          'alice.json',
          '--mix-key',
          String(env.MIXKEY),
          '--address',
          'tcp://a:1',
          '--out',
          'z.json',
        ],
      ],
      ['mix-path-new', ['path', 'new', 'network.json', '--key', 'alice.json', '--counter', '0']],
      ['mix-path-verify', ['path', 'verify', 'path.json', '--directory', 'network.json']],
      ['mix-topology', ['topology', 'network.json']],
    ] as const)
      expect([name, broken(sampleOf(name), await json(...words))]).toEqual([name, []])
  })
})
