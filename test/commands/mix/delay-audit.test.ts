import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { ed25519 } from '../../../src/lib/crypto/index.ts'
import { directoryJson, signDirectory } from '../../../src/lib/mix/index.ts'
import { type AivResult, aiv, REPOSITORY, temporaryFolder } from '../../support/aiv.ts'
import { type Conduct, DISHONEST_MIXES, type RunOptions } from '../../support/delaying-mix.ts'
import { broken } from '../../support/json-promise.ts'
import { prepareDelayAudit } from '../../support/mix-delay-workplace.ts'

const REVEALS = Array.from({ length: 9 }, (_, i) => `reveal-${i}.bin`)
const FILES = ['--directory', 'directory.json', '--loops', 'loops.jsonl']
const WORDS = ['mix', 'delay', 'audit', ...REVEALS, ...FILES]
const SLOW = DISHONEST_MIXES['holds every packet 30 ms longer']?.conduct as Conduct

async function audit(options: RunOptions, ...args: readonly string[]): Promise<AivResult> {
  const cwd = temporaryFolder()
  await prepareDelayAudit({ folder: cwd }, options)
  return await aiv([...WORDS, ...args], { cwd })
}

describe('aiv mix delay audit', () => {
  it('says that honest mixes are, and ends with 0', async () => {
    const { code, stdout } = await audit({ loss: 0.01 })
    expect(stdout).toMatch(/^honest, epoch \d+$/m)
    expect(stdout.match(/^mix [0-9a-f]{64}: honest$/gm)).toHaveLength(9)
    expect(code).toBe(0)
  })

  it('says in JSON what its recorded sample says', async () => {
    const { stdout } = await audit({}, '--json')
    const sample = readFileSync(join(REPOSITORY, 'fixtures/json-samples/mix-delay-audit.json'), 'utf8')
    expect(broken(JSON.parse(sample), JSON.parse(stdout))).toEqual([])
    expect(JSON.parse(stdout)).toMatchObject({ v: 1, verdict: 'honest' })
  })

  it('names the dishonest mix and what it did, and ends with 1', async () => {
    const { code, stdout } = await audit({ conduct: SLOW }, '--json')
    expect(code).toBe(1)
    const { verdict, mixes } = JSON.parse(stdout)
    expect(verdict).toBe('dishonest')
    expect(mixes[0]).toMatchObject({ verdict: 'dishonest', faults: [{ fault: 'late' }] })
    expect(mixes.slice(1).map((mix: { verdict: string }) => mix.verdict)).toEqual(Array(8).fill('honest'))
    const text = await audit({ conduct: SLOW })
    expect(text.stdout).toMatch(/: dishonest\n {2}loops were held longer than they had to be \(\d+\)\n/)
  })

  it('ends with 1 when there are too few loops to say', async () => {
    const { code, stdout } = await audit({ loops: 20 })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^undecided, /)
  })

  it('allows what --slack says', async () => {
    expect((await audit({ conduct: SLOW }, '--slack', '60ms')).code).toBe(0)
  })

  it('takes one document from stdin', async () => {
    const cwd = temporaryFolder()
    const { reveals } = await prepareDelayAudit({ folder: cwd })
    const words = WORDS.with(WORDS.indexOf('reveal-4.bin'), '-')
    const { code } = await aiv(words, { cwd, input: reveals[4] as Uint8Array })
    expect(code).toBe(0)
  })

  it('believes a directory only when the named authorities signed it', async () => {
    const cwd = temporaryFolder()
    const { directory } = await prepareDelayAudit({ folder: cwd })
    const authority = ed25519.fromSeed(new SeededRandom(8).bytes(32))
    const words = [...WORDS, '--authority', toHex(authority.publicKey)]
    const unsigned = await aiv(words, { cwd })
    expect(unsigned.code).toBe(1)
    expect(unsigned.stderr).toMatch(/0 of 1 authorities/)
    writeFileSync(join(cwd, 'directory.json'), directoryJson(signDirectory(directory, authority)))
    expect((await aiv(words, { cwd })).code).toBe(0)
  })

  it.each([
    [['--authority', 'x'], /key of an authority is not 32 bytes/],
    [['--slack', 'soon'], /duration/],
    [['reveal-0.bin'], /two documents/],
    [['loops.jsonl'], /not a document of revealed delays/],
    [['nothing.bin'], /cannot read nothing\.bin/],
  ])('ends with 2 on %j', async (words, message) => {
    const { code, stderr } = await audit({ loops: 5 }, ...words)
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  })
})
