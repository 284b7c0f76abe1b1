import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemRandom } from '../../../src/lib/crypto/index.ts'
import { aiv, REPOSITORY, startAiv } from '../../support/aiv.ts'
import { broken } from '../../support/json-promise.ts'
import { type MixNetwork, startMixNetwork } from '../../support/mix-client-workplace.ts'
import { createWorkplace, type Workplace } from '../../support/shell.ts'

const NETWORK = ['--directory', 'network.json', '--unsigned']

const sampleOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(REPOSITORY, 'fixtures/json-samples', `${name}.json`), 'utf8'))

async function workplace(): Promise<{ readonly place: Workplace; readonly network: MixNetwork }> {
  const place = createWorkplace()
  return { place, network: await startMixNetwork(place) }
}

describe('clients of a network that runs', () => {
  it('carry a file to a mailbox and from it, byte for byte, and end', { timeout: 60_000 }, async () => {
    const { place, network } = await workplace()
    const { folder: cwd, env } = place
    const file = systemRandom.bytes(40_000)
    writeFileSync(join(cwd, 'photo.jpg'), file)
    const mailbox = ['--mailbox', env.PROVIDER as string, '--key', 'alice.json', '--out', 'inbox']
    const receiver = startAiv(['mix', 'receive', ...mailbox, ...NETWORK, '--count', '2', '--json'], {
      cwd,
      env,
      timeoutMs: 50_000,
    })
    expect(await receiver.nextEvent()).toMatchObject({ event: 'ready', address: env.MAILBOX })
    const sent = await aiv(['mix', 'send', env.MAILBOX as string, 'photo.jpg', ...NETWORK, '--json'], {
      cwd,
      env,
      timeoutMs: 50_000,
    })
    expect(sent.stderr).toBe('')
    const answer = JSON.parse(sent.stdout) as unknown
    expect(answer).toMatchObject({ v: 1, name: 'photo.jpg', bytes: 40_000 })
    expect(broken(sampleOf('mix-send'), answer)).toEqual([])
    expect(await receiver.result()).toMatchObject({ code: 0 })
    expect(readdirSync(join(cwd, 'inbox')).toSorted()).toEqual(['photo.jpg', 'waiting.txt'])
    expect(readFileSync(join(cwd, 'inbox/photo.jpg'))).toEqual(Buffer.from(file))
    // Nothing was dropped on the way but what was meant to be.
    for (const node of network.mixes) expect(node.counts.dropped).toEqual({})
  })

  it('measure the way to a provider and back', { timeout: 60_000 }, async () => {
    const { place } = await workplace()
    const { folder: cwd, env } = place
    const { code, stdout } = await aiv(['mix', 'ping', ...NETWORK, '--count', '3', '--json'], { cwd, env })
    expect(code).toBe(0)
    const { min_ms: least, ...rest } = JSON.parse(stdout) as { readonly min_ms: number }
    expect(broken(sampleOf('mix-ping'), JSON.parse(stdout))).toEqual([])
    expect(rest).toMatchObject({ provider: env.PROVIDER, sent: 3, answered: 3 })
    expect(least).toBeGreaterThan(0)
  })

  it('say that the provider of an address is not there, or none', { timeout: 60_000 }, async () => {
    const { place, network } = await workplace()
    const { folder: cwd, env } = place
    const mix = Buffer.from(network.mixes[0]?.id ?? []).toString('hex')
    const wrong = await aiv(['mix', 'ping', mix, ...NETWORK], { cwd, env })
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('is no provider') })
    await network.provider.stop()
    const gone = await aiv(['mix', 'ping', ...NETWORK], { cwd, env })
    expect(gone.code).toBe(3)
  })
})

it('refuses an address that is none, and a directory that nobody is believed about', async () => {
  const place = createWorkplace()
  writeFileSync(join(place.folder, 'network.json'), '{}')
  const { folder: cwd, env } = place
  expect(await aiv(['mix', 'send', 'mix://x', ...NETWORK], { cwd, env, input: '' })).toMatchObject({
    code: 2,
  })
  expect(await aiv(['mix', 'ping', '--directory', 'network.json'], { cwd, env })).toMatchObject({ code: 2 })
})
