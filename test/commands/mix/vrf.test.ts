import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/lib/core/index.ts'
import { ed25519, systemRandom } from '../../../src/lib/crypto/index.ts'
import { createIdentity, saveIdentity } from '../../../src/lib/identity/index.ts'
import { aiv, REPOSITORY, temporaryFolder } from '../../support/aiv.ts'
import { broken } from '../../support/json-promise.ts'

/** RFC 9381 appendix B.3, Example 18. */
const SEED = 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7'
const PUBLIC = 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025'
const PI =
  '9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf8096bb474e53895c362d8628ee9f9ea3c0e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e'
const BETA =
  '645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c452118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f'
/** Appendix B.4, Example 21. */
const ELL2_PI =
  '926e895d308f5e328e7aa159c06eddbe56d06846abf5d98c2512235eaa57fdce35b46edfc655bc828d44ad09d1150f31374e7ef73027e14760d42e77341fe05467bb286cc2c9d7fde29120a0b2320d04'

function seedFile(mode = 0o600, content: string | Uint8Array = SEED): { cwd: string; args: string[] } {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'seed'), content, { mode })
  return { cwd, args: ['mix', 'vrf', 'prove', '--key', 'seed'] }
}

const sampleOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(REPOSITORY, 'fixtures/json-samples', `${name}.json`), 'utf8'))

describe('aiv mix vrf', () => {
  it('proves the published examples from a flag, from stdin and from a file', async () => {
    const { cwd, args } = seedFile()
    const alpha = new Uint8Array([0xaf, 0x82])
    writeFileSync(join(cwd, 'alpha'), alpha)
    for (const [words, input] of [
      [['--alpha', 'AF82'], ''],
      [[], alpha],
      [['-'], alpha],
      [['alpha'], ''],
    ] as const) {
      const { stdout, stderr, code } = await aiv([...args, ...words], { cwd, input })
      expect([stdout, stderr, code]).toEqual([`${PI}\n`, '', 0])
    }
    const ell2 = await aiv([...args, '--suite', 'ell2', '--alpha', 'af82'], { cwd })
    expect(ell2.stdout).toBe(`${ELL2_PI}\n`)
  })

  it('takes a seed as bytes, and warns when others can read it', async () => {
    const { cwd, args } = seedFile(0o644, Buffer.from(SEED, 'hex'))
    const { stdout, stderr } = await aiv([...args, '--alpha', 'af82'], { cwd })
    expect(stdout).toBe(`${PI}\n`)
    expect(stderr).toContain('chmod 600 seed')
  })

  it('proves with the VRF key of an identity', async () => {
    const cwd = temporaryFolder()
    const identity = createIdentity(systemRandom, systemClock)
    await saveIdentity(join(cwd, 'me.json'), identity)
    const { stdout } = await aiv(['mix', 'vrf', 'prove', '--key', 'me.json', '--alpha', '', '--json'], {
      cwd,
    })
    const { public_key: key, proof } = JSON.parse(stdout) as Record<string, string>
    expect(key).toBe(Buffer.from(ed25519.fromSeed(identity.vrf.seed).publicKey).toString('hex'))
    const verified = await aiv([
      'mix',
      'vrf',
      'verify',
      String(proof),
      '--public',
      String(key),
      '--alpha',
      '',
    ])
    expect(verified.code).toBe(0)
  })

  it('verifies with exit code 0, refuses with 1, and complains about what is no proof at all with 2', async () => {
    const verify = (proof: string, ...words: string[]) =>
      aiv(['mix', 'vrf', 'verify', proof, '--public', PUBLIC, ...words])
    const right = await verify(PI, '--alpha', 'af82')
    expect([right.code, right.stdout]).toEqual([0, `valid\n${BETA}\n`])
    for (const [proof, alpha] of [
      [PI, 'af83'],
      [`00${PI.slice(2)}`, 'af82'],
      [PI.slice(2), 'af82'],
      ['', 'af82'],
      [ELL2_PI, 'af82'],
    ] as const) {
      const { code, stdout } = await verify(proof, '--alpha', alpha, '--json')
      expect([code, JSON.parse(stdout)]).toEqual([1, { v: 1, valid: false, suite: 'tai', output: null }])
    }
    expect((await verify('zz', '--alpha', 'af82')).code).toBe(2)
    expect((await verify(PI, '--alpha', 'af8')).code).toBe(2)
    expect((await verify(PI, 'file', '--alpha', 'af82')).code).toBe(2)
  })

  it('prints the output of a proof, or says that it is none', async () => {
    expect((await aiv(['mix', 'vrf', 'hash', PI])).stdout).toBe(`${BETA}\n`)
    expect((await aiv(['mix', 'vrf', 'hash', 'ff'.repeat(80)])).code).toBe(1)
  })

  it('takes no key from the command line and no file that is none', async () => {
    const given = await aiv(['mix', 'vrf', 'prove', '--key', SEED, '--alpha', ''])
    expect(given.code).toBe(2)
    expect(given.stderr).not.toContain(SEED)
    const { cwd, args } = seedFile(0o600, 'not a key')
    expect((await aiv([...args, '--alpha', ''], { cwd })).code).toBe(2)
  })

  it('keeps the fields of its JSON', async () => {
    const { cwd, args } = seedFile()
    const printed = async (words: readonly string[]): Promise<unknown> =>
      JSON.parse((await aiv([...words, '--json'], { cwd })).stdout)
    expect(await printed([...args, '--alpha', 'af82'])).toEqual({
      v: 1,
      suite: 'tai',
      public_key: PUBLIC,
      proof: PI,
      output: BETA,
    })
    const verify = await printed(['mix', 'vrf', 'verify', PI, '--public', PUBLIC, '--alpha', 'af82'])
    expect(broken(sampleOf('mix-vrf-verify'), verify)).toEqual([])
    expect(broken(sampleOf('mix-vrf-prove'), await printed([...args, '--alpha', 'af82']))).toEqual([])
    expect(broken(sampleOf('mix-vrf-hash'), await printed(['mix', 'vrf', 'hash', PI]))).toEqual([])
  })
})
