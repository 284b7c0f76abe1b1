import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock, utf8 } from '../../../src/lib/core/index.ts'
import { loadIdentity, parseCertificate } from '../../../src/lib/identity/index.ts'
import {
  type AivOptions,
  type AivResult,
  aiv,
  cleanEnvironment,
  EXECUTABLE,
  temporaryFolder,
} from '../../support/aiv.ts'
import { runShell } from '../../support/shell.ts'
import { atTerminal, hasTerminal } from '../../support/terminal.ts'

/** RFC 8032 section 7.1, test 1, and the recorded peer id of its public key. */
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
const SEED_PEER = 'ciqcd7rr36qvjitbmjv7qvaen7jcog335vfwvpsfvjmio7xup6lsdoi'
const PASSPHRASE = 'correct horse'

let folder: string
let home: string
beforeEach(() => {
  folder = temporaryFolder()
  home = join(folder, 'home')
  writeFileSync(join(folder, 'passphrase.txt'), `${PASSPHRASE}\n`)
})

const run = (args: readonly string[], options: AivOptions = {}): Promise<AivResult> =>
  aiv(['key', ...args], { cwd: folder, ...options, env: { AIV_HOME: home, ...options.env } })

type Document = Record<string, unknown>

async function answer(args: readonly string[], options: AivOptions = {}): Promise<Document> {
  const { code, stdout, stderr } = await run([...args, '--json'], options)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Document
}

async function refusal(args: readonly string[], options: AivOptions = {}): Promise<[number | null, unknown]> {
  const { code, stdout } = await run([...args, '--json'], options)
  return [code, (JSON.parse(stdout) as { error: { code: string } }).error.code]
}

const ENCRYPTED = ['--passphrase-file', 'passphrase.txt', '--kdf', 'scrypt']

describe('aiv key new', () => {
  it('prints the public keys and writes a file that only its owner can read', async () => {
    const document = await answer(['new', '--out', 'alice.json'])
    expect(document).toMatchObject({
      v: 1,
      peer: expect.stringMatching(/^ciq[a-z2-7]{52}$/),
      sign_public: expect.stringMatching(/^[0-9a-f]{64}$/),
      noise_public: expect.stringMatching(/^[0-9a-f]{64}$/),
      vrf_public: expect.stringMatching(/^[0-9a-f]{64}$/),
      kem_public: expect.stringMatching(/^[0-9a-f]{2368}$/),
      file: 'alice.json',
      encrypted: false,
    })
    expect((statSync(join(folder, 'alice.json')).mode & 0o777).toString(8)).toBe('600')
    expect((await loadIdentity(join(folder, 'alice.json'))).peer).toBe(document.peer)
  })

  it('makes the default file in a folder for its owner, and replaces it only with --force', async () => {
    const { peer } = await answer(['new'])
    expect((statSync(home).mode & 0o777).toString(8)).toBe('700')
    expect(await refusal(['new'])).toEqual([2, 'E_INPUT'])
    expect(await answer(['show'])).toMatchObject({ peer, file: join(home, 'identity.json') })
    const replaced = await answer(['new', '--force'])
    expect(replaced.peer).not.toBe(peer)
    expect(await answer(['show'])).toMatchObject({ peer: replaced.peer })
  })

  it('puts the default file into the XDG config folder', async () => {
    const env = { AIV_HOME: '', XDG_CONFIG_HOME: join(folder, 'config') }
    expect(await answer(['new'], { env })).toMatchObject({
      file: join(folder, 'config', 'aiv', 'identity.json'),
    })
  })

  it('encrypts with a passphrase from a file or from the environment', async () => {
    expect(await answer(['new', '--out', 'a.json', ...ENCRYPTED])).toMatchObject({ encrypted: true })
    const env = { AIV_PASSPHRASE: PASSPHRASE }
    expect(await answer(['new', '--out', 'b.json'], { env })).toMatchObject({ encrypted: true })
    for (const [file, kdf] of [
      ['a.json', 'scrypt'],
      ['b.json', 'argon2id'],
    ] as const) {
      const json = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { encryption: Document }
      expect(json.encryption.kdf).toBe(kdf)
      const identity = await loadIdentity(join(folder, file), { passphrase: utf8(PASSPHRASE) })
      expect(identity.peer).toMatch(/^ciq/)
    }
  })

  it('asked to ask for a passphrase without a terminal stops', async () => {
    // A session of its own has no controlling terminal.
    const line = `exec setsid -w "${process.execPath}" "${EXECUTABLE}" key new --passphrase --out c.json --json`
    const { stdout } = await runShell(line, { folder, env: { ...cleanEnvironment(home) } })
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'E_PASSPHRASE_REQUIRED' } })
    expect(existsSync(join(folder, 'c.json'))).toBe(false)
  })

  it('refuses what cannot be meant, and writes nothing then', async () => {
    expect(await refusal(['new', '--out', 'c.json', '--kdf', 'scrypt'])).toEqual([2, 'E_USAGE'])
    expect(await refusal(['new', '--out', 'c.json', '--kdf', 'md5'])).toEqual([2, 'E_USAGE'])
    expect(await refusal(['new', '--out', 'no/folder.json'])).toEqual([3, 'E_NOT_FOUND'])
    expect(await refusal(['new', '--out', 'c.json', '--passphrase-file', 'missing'])).toEqual([2, 'E_INPUT'])
    expect(existsSync(join(folder, 'c.json'))).toBe(false)
  })
})

describe.skipIf(!hasTerminal())('aiv key at a terminal', () => {
  it('asks twice for a new passphrase, and once where it is needed', async () => {
    const file = join(folder, 'alice.json')
    const making = atTerminal(EXECUTABLE, ['key', 'new', '--passphrase', '--out', file])
    await making.shows(/New passphrase for .*alice\.json: $/)
    making.types(`${PASSPHRASE}\r`)
    await making.shows(/\(again\): $/)
    making.types(`${PASSPHRASE}\r`)
    const made = await making.result()
    expect(made.code).toBe(0)
    expect(made.screen).not.toContain(PASSPHRASE)
    expect((await loadIdentity(file, { passphrase: utf8(PASSPHRASE) })).peer).toMatch(/^ciq/)
    const rotating = atTerminal(EXECUTABLE, ['key', 'rotate', file])
    await rotating.shows(/Passphrase for .*alice\.json: $/)
    rotating.types(`${PASSPHRASE}\r`)
    expect((await rotating.result()).code).toBe(0)
  })

  it('makes nothing when the two answers differ', async () => {
    const making = atTerminal(EXECUTABLE, ['key', 'new', '--passphrase', '--out', join(folder, 'alice.json')])
    await making.shows(/: $/)
    making.types('one\r')
    await making.shows(/\(again\): $/)
    making.types('two\r')
    expect((await making.result()).code).toBe(2)
    expect(existsSync(join(folder, 'alice.json'))).toBe(false)
  })
})

describe('aiv key show', () => {
  it('prints the same as new did, encrypted or not, without the passphrase', async () => {
    for (const extra of [[], ENCRYPTED]) {
      const made = await answer(['new', '--out', 'alice.json', '--force', ...extra])
      expect(await answer(['show', 'alice.json'])).toEqual(made)
    }
  })

  it('prints text for people', async () => {
    const { peer, sign_public } = await answer(['new', '--out', 'alice.json'])
    const { stdout } = await run(['show', 'alice.json'])
    expect(stdout).toContain(`peer         ${peer}\nsign         ${sign_public}\n`)
    expect(stdout).toContain('(not encrypted)')
  })

  it('says what is wrong with a file', async () => {
    writeFileSync(join(folder, 'bad.json'), '{}', { mode: 0o600 })
    expect(await refusal(['show', 'bad.json'])).toEqual([2, 'E_KEY_FILE'])
    expect(await refusal(['show', 'missing.json'])).toEqual([3, 'E_NOT_FOUND'])
    await answer(['new', '--out', 'open.json'])
    chmodSync(join(folder, 'open.json'), 0o644)
    expect(await refusal(['show', 'open.json'])).toEqual([2, 'E_KEY_FILE'])
  })
})

describe('aiv key export and import', () => {
  it('give the same identity back, through files and through a pipe', async () => {
    const made = await answer(['new', '--out', 'alice.json', ...ENCRYPTED])
    const withPassphrase = ['--passphrase-file', 'passphrase.txt']
    await answer(['export', 'alice.json', '--secret', '--out', 'backup.json', ...withPassphrase])
    expect((statSync(join(folder, 'backup.json')).mode & 0o777).toString(8)).toBe('600')
    const restored = await answer(['import', 'backup.json', '--out', 'restored.json'])
    const { stdout } = await run(['export', 'alice.json', '--secret', ...withPassphrase])
    const piped = await answer(['import', '--out', 'piped.json'], { input: stdout })
    for (const copy of [restored, piped]) expect(copy).toEqual({ ...made, file: copy.file, encrypted: false })
    const secret = (JSON.parse(stdout) as { secret: Document }).secret
    const copy = await loadIdentity(join(folder, 'piped.json'))
    expect(secret.sign_seed).toBe(Buffer.from(copy.sign.exportSeed()).toString('hex'))
  })

  it('without --secret show public keys only, need no passphrase, and cannot be imported', async () => {
    await answer(['new', '--out', 'alice.json', ...ENCRYPTED])
    const { stdout } = await run(['export', 'alice.json'])
    expect(stdout).not.toContain('secret')
    expect(JSON.parse(stdout)).toMatchObject({ v: 1, peer: expect.any(String) })
    expect(await refusal(['import', '--out', 'b.json'], { input: stdout })).toEqual([2, 'E_KEY_FILE'])
    expect(await refusal(['export', 'alice.json', '--secret'])).toEqual([2, 'E_PASSPHRASE_REQUIRED'])
    const wrong = { env: { AIV_PASSPHRASE: 'wrong' } }
    expect(await refusal(['export', 'alice.json', '--secret'], wrong)).toEqual([1, 'E_PASSPHRASE_WRONG'])
  })

  it('take a raw seed from stdin or a file', async () => {
    expect(await answer(['import', '--out', 'a.json'], { input: `${SEED}\n` })).toMatchObject({
      peer: SEED_PEER,
    })
    writeFileSync(join(folder, 'seed'), SEED.toUpperCase())
    expect(await answer(['import', 'seed', '--out', 'b.json'])).toMatchObject({ peer: SEED_PEER })
    expect(await answer(['import', '-', '--out', 'c.json'], { input: SEED })).toMatchObject({
      peer: SEED_PEER,
    })
  })
})

describe('aiv key rotate', () => {
  it('changes the Noise key and the certificate, and keeps the name, the other keys and the encryption', async () => {
    const made = await answer(['new', '--out', 'alice.json', ...ENCRYPTED])
    const env = { AIV_PASSPHRASE: PASSPHRASE }
    const rotated = await answer(['rotate', 'alice.json'], { env })
    for (const name of ['peer', 'sign_public', 'vrf_public', 'kem_public', 'encrypted'])
      expect(rotated[name]).toBe(made[name])
    expect(rotated.noise_public).not.toBe(made.noise_public)
    expect(rotated.not_before).toBeGreaterThan(made.not_before as number)
    expect(await answer(['show', 'alice.json'])).toEqual(rotated)
    const certificate = parseCertificate(Buffer.from(rotated.certificate as string, 'hex'))
    expect(Buffer.from(certificate.noisePublic).toString('hex')).toBe(rotated.noise_public)
  })

  it('without the passphrase changes nothing', async () => {
    await answer(['new', '--out', 'alice.json', ...ENCRYPTED])
    const before = readFileSync(join(folder, 'alice.json'), 'utf8')
    expect(await refusal(['rotate', 'alice.json'])).toEqual([2, 'E_PASSPHRASE_REQUIRED'])
    const wrong = { env: { AIV_PASSPHRASE: 'wrong' } }
    expect(await refusal(['rotate', 'alice.json'], wrong)).toEqual([1, 'E_PASSPHRASE_WRONG'])
    expect(readFileSync(join(folder, 'alice.json'), 'utf8')).toBe(before)
  })
})

describe('secrets', () => {
  it('appear in nothing that any key command prints or leaves behind, but in export --secret', async () => {
    const env = { AIV_PASSPHRASE: PASSPHRASE, AIV_DEBUG: 'true', AIV_LOG_LEVEL: 'debug' }
    const printed: string[] = []
    const record = async (args: readonly string[], input = ''): Promise<void> => {
      const { stdout, stderr } = await run(args, { input, env })
      printed.push(stdout, stderr)
    }
    await record(['import', '--out', 'alice.json'], SEED)
    await record(['show', 'alice.json'])
    await record(['rotate', 'alice.json', '--json'])
    await record(['export', 'alice.json'])
    await record(['import', '--out', 'b.json'], `${SEED}00`)
    await record(['import', '--out', 'b.json'], `{"v":1,"secret":{"sign_seed":"${SEED}"}}`)
    await record(['import', '--out', 'b.json'], `{"seed":"${SEED}"`)
    await record(['import', SEED, '--out', 'b.json'])
    await record(['import', SEED, '--out', 'b.json', '--json'])
    expect(printed.filter((text) => text.includes('error')).length).toBeGreaterThanOrEqual(5)
    const { sign, noise, vrf, kem } = await loadIdentity(join(folder, 'alice.json'), {
      passphrase: utf8(PASSPHRASE),
    })
    const secrets = [sign.exportSeed(), noise.exportPrivate(), vrf.seed, kem.exportSeed()].map((bytes) =>
      Buffer.from(bytes).toString('hex').slice(0, 24),
    )
    expect(secrets[0]).toBe(SEED.slice(0, 24))
    const left = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'passphrase.txt')
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    for (const text of [...printed, ...left])
      for (const secret of [...secrets, PASSPHRASE]) expect(text).not.toContain(secret)
  })
})

it('a new certificate starts at the time of the machine', async () => {
  const { not_before, not_after } = await answer(['new', '--out', 'alice.json'])
  // Later than this program was written and a lifetime of 90 days: no test clock got into the product.
  expect(not_before).toBeGreaterThan(new ManualClock().wallMs() / 1000 - 30 * 86_400)
  expect((not_after as number) - (not_before as number)).toBe(90 * 86_400)
})
