import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { ed25519 } from '../../../src/lib/crypto/index.ts'
import { directoryJson, signDirectory } from '../../../src/lib/mix/index.ts'
import { type AivResult, aiv, REPOSITORY, temporaryFolder } from '../../support/aiv.ts'
import { DISHONEST_MIXES, type RunOptions } from '../../support/delaying-mix.ts'
import { broken } from '../../support/json-promise.ts'
import { prepareDelayAudit } from '../../support/mix-delay-workplace.ts'

const WORDS = [
  'mix',
  'delay',
  'audit',
  'reveal.bin',
  '--directory',
  'directory.json',
  '--samples',
  'samples.jsonl',
]

async function audit(options: RunOptions, ...args: readonly string[]): Promise<AivResult> {
  const cwd = temporaryFolder()
  await prepareDelayAudit({ folder: cwd }, options)
  return await aiv([...WORDS, ...args], { cwd })
}

describe('aiv mix delay audit', () => {
  it('says that an honest mix is, and ends with 0', async () => {
    const { code, stdout } = await audit({ loss: 0.03 })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^honest: mix [0-9a-f]{64} in epoch \d+$/m)
  })

  it('says in JSON what its recorded sample says', async () => {
    const { stdout } = await audit({}, '--json')
    const sample = readFileSync(join(REPOSITORY, 'fixtures/json-samples/mix-delay-audit.json'), 'utf8')
    expect(broken(JSON.parse(sample), JSON.parse(stdout))).toEqual([])
    expect(JSON.parse(stdout)).toMatchObject({ v: 1, verdict: 'honest', faults: [] })
  })

  it('names what a dishonest mix did, and ends with 1', async () => {
    const { fault, conduct } = DISHONEST_MIXES[
      'holds one packet in ten for 200 ms more'
    ] as (typeof DISHONEST_MIXES)[string]
    const { code, stdout } = await audit({ conduct }, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'dishonest', faults: [{ fault }] })
    const text = await audit({ conduct })
    expect(text.stdout).toMatch(/^packets were held longer than they had to be \(\d+\)$/m)
  })

  it('ends with 1 when there are too few packets to say', async () => {
    const { code, stdout } = await audit({ packets: 20 })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^undecided:/)
  })

  it('allows what --slack says', async () => {
    const conduct = (delayUs: number) => ({
      loggedUs: delayUs,
      heldUs: delayUs + 20_000,
      claimedUs: delayUs,
      logs: true,
    })
    expect((await audit({ conduct })).code).toBe(1)
    expect((await audit({ conduct }, '--slack', '30ms')).code).toBe(0)
  })

  it('takes the document from stdin, and only of the mix that was named', async () => {
    const cwd = temporaryFolder()
    const { mix, directory, reveal } = await prepareDelayAudit({ folder: cwd })
    const words = WORDS.toSpliced(3, 1)
    const named = await aiv([...words, '--node', toHex(mix.node)], { cwd, input: reveal })
    expect(named.code).toBe(0)
    const other = directory.nodes[1]?.id as Uint8Array
    const refused = await aiv([...words, '--node', toHex(other)], { cwd, input: reveal })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/another mix or another epoch/)
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
    [['--node', 'abcd'], /id of a mix is not 32 bytes/],
    [['--authority', 'x'], /key of an authority is not 32 bytes/],
    [['--slack', 'soon'], /duration/],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await audit({ packets: 5 }, ...words)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })

  it('ends with 2 on a document that is none', async () => {
    const cwd = temporaryFolder()
    await prepareDelayAudit({ folder: cwd }, { packets: 5 })
    const { code, stderr } = await aiv(WORDS.with(3, 'samples.jsonl'), { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: not a document of revealed delays/)
  })
})
