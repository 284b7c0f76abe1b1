import { scryptSync } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { argon2id as nobleArgon2id } from '@noble/hashes/argon2.js'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { fromHex, isAivError, ManualClock, SeededRandom, toHex, utf8 } from '../../src/lib/core/index.ts'
import {
  createIdentity,
  type Identity,
  KDF_DEFAULTS,
  type KdfParameters,
  loadIdentity,
  parseCertificate,
  readIdentityInfo,
  renewIdentityFile,
  rotateIdentity,
  saveIdentity,
  updateIdentity,
} from '../../src/lib/identity/index.ts'
import { temporaryFolder } from '../support/aiv.ts'

/** Hashing parameters that cost nothing, for tests of everything but the hashing. */
const CHEAP = {
  scrypt: { name: 'scrypt', N: 2, r: 1, p: 1 },
  argon2id: { name: 'argon2id', memoryKiB: 8, passes: 1, parallelism: 1 },
} satisfies Record<string, KdfParameters>

const PASSPHRASE = utf8('correct horse battery staple')
const DAY_MS = 86_400_000

const random = new SeededRandom(2)
let clock: ManualClock
let folder: string
let path: string
let identity: Identity

beforeEach(() => {
  clock = new ManualClock()
  folder = temporaryFolder()
  path = join(folder, 'alice.key')
  identity = createIdentity(random, clock)
})

type Json = Record<string, unknown>
const readJson = (): Json => JSON.parse(readFileSync(path, 'utf8')) as Json
const writeJson = (json: Json): void => writeFileSync(path, JSON.stringify(json))

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'no error'
  } catch (error) {
    if (!isAivError(error)) throw error
    return error.code
  }
}

function secretsOf({ sign, noise, vrf, kem }: Identity): string {
  return [sign.exportSeed(), noise.exportPrivate(), vrf.seed, kem.exportSeed()].map(toHex).join('')
}

function expectSame(a: Identity, b: Identity): void {
  expect(secretsOf(a)).toBe(secretsOf(b))
  expect([a.peer, toHex(a.certificate), a.lastNotBefore]).toEqual([
    b.peer,
    toHex(b.certificate),
    b.lastNotBefore,
  ])
}

describe('a saved identity', () => {
  it('comes back with the same keys and certificate, in plain and under each key derivation', async () => {
    await saveIdentity(path, identity)
    expectSame(await loadIdentity(path), identity)
    for (const kdf of [CHEAP.scrypt, CHEAP.argon2id, KDF_DEFAULTS.scrypt, KDF_DEFAULTS.argon2id]) {
      await saveIdentity(path, identity, { passphrase: PASSPHRASE, kdf, overwrite: true })
      expectSame(await loadIdentity(path, { passphrase: PASSPHRASE }), identity)
    }
  })

  it('can be opened by any program that follows the described format', async () => {
    for (const kdf of [CHEAP.scrypt, CHEAP.argon2id]) {
      await saveIdentity(path, identity, { passphrase: PASSPHRASE, kdf, overwrite: true })
      const { secrets, ...header } = readJson()
      const { salt, nonce } = header.encryption as { salt: string; nonce: string }
      const key =
        kdf.name === 'scrypt'
          ? scryptSync(PASSPHRASE, fromHex(salt), 32, { N: kdf.N, r: kdf.r, p: kdf.p })
          : nobleArgon2id(PASSPHRASE, fromHex(salt), {
              m: kdf.memoryKiB,
              t: kdf.passes,
              p: kdf.parallelism,
              dkLen: 32,
            })
      const aad = utf8(JSON.stringify(header))
      const opened = xchacha20poly1305(key, fromHex(nonce), aad).decrypt(fromHex(secrets as string))
      expect(toHex(opened)).toBe(secretsOf(identity))
    }
  })

  it('is for the eyes of its owner only, and leaves nothing else behind', async () => {
    await saveIdentity(path, identity)
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600')
    expect(readdirSync(folder)).toEqual(['alice.key'])
  })

  it('shows no secret when it is encrypted, and never repeats salt, nonce or ciphertext', async () => {
    const texts: string[] = []
    for (let i = 0; i < 2; i++) {
      await saveIdentity(path, identity, { passphrase: PASSPHRASE, kdf: CHEAP.scrypt, overwrite: true })
      texts.push(readFileSync(path, 'utf8'))
    }
    const secrets = secretsOf(identity)
    for (const text of texts)
      for (let at = 0; at < secrets.length; at += 32) expect(text).not.toContain(secrets.slice(at, at + 32))
    const [first, second] = texts.map((text) => JSON.parse(text)) as [Json, Json]
    for (const field of ['salt', 'nonce'])
      expect((first.encryption as Json)[field]).not.toBe((second.encryption as Json)[field])
    expect(first.secrets).not.toBe(second.secrets)
  })

  it('shows its public part without the passphrase', async () => {
    await saveIdentity(path, identity, { passphrase: PASSPHRASE, kdf: CHEAP.scrypt })
    const { identity: shown, encrypted } = await readIdentityInfo(path)
    expect(encrypted).toBe(true)
    expect(shown).toEqual({
      peer: identity.peer,
      signPublic: identity.sign.publicKey,
      noisePublic: identity.noise.publicKey,
      vrfPublic: identity.vrf.publicKey,
      kemPublic: identity.kem.encapsulationKey,
      certificate: identity.certificate,
      notBefore: parseCertificate(identity.certificate).notBefore,
      notAfter: parseCertificate(identity.certificate).notAfter,
    })
  })

  it('is not overwritten unless told', async () => {
    await saveIdentity(path, identity)
    const other = createIdentity(random, clock)
    expect(await codeOf(saveIdentity(path, other))).toBe('E_INPUT')
    expectSame(await loadIdentity(path), identity)
    await saveIdentity(path, other, { overwrite: true })
    expectSame(await loadIdentity(path), other)
    expect(readdirSync(folder).sort()).toEqual(['.alice.key.lock', 'alice.key'])
  })

  it('that cannot be written leaves the old one and no rest', async () => {
    await saveIdentity(path, identity)
    mkdirSync(join(folder, 'taken'))
    expect(await codeOf(saveIdentity(join(folder, 'taken'), identity, { overwrite: true }))).toBe('E_IO')
    expect(await codeOf(saveIdentity(join(folder, 'no', 'folder'), identity))).toBe('E_NOT_FOUND')
    expect(await codeOf(saveIdentity(path, identity, { passphrase: new Uint8Array(0) }))).toBe('E_INPUT')
    expect(readdirSync(folder).sort()).toEqual(['.taken.lock', 'alice.key', 'taken'])
  })
})

describe('an encrypted identity', () => {
  beforeEach(() => saveIdentity(path, identity, { passphrase: PASSPHRASE, kdf: CHEAP.scrypt }))

  it('asks for its passphrase and takes no other', async () => {
    expect(await codeOf(loadIdentity(path))).toBe('E_PASSPHRASE_REQUIRED')
    for (const wrong of ['', 'correct horse battery stapl', 'correct horse battery staple '])
      expect(await codeOf(loadIdentity(path, { passphrase: utf8(wrong) }))).toBe('E_PASSPHRASE_WRONG')
  })

  it('with any character of the file changed is refused', async () => {
    const text = readFileSync(path, 'utf8')
    let refused = 0
    // Every tenth character of the long key, every character of everything else.
    const kem = text.indexOf('kem_public')
    for (let at = 0; at < text.length; at += at > kem && at < kem + 2300 ? 10 : 1) {
      const old = text[at] as string
      if (/\s/.test(old)) continue
      writeFileSync(path, text.slice(0, at) + (old === '0' ? '1' : '0') + text.slice(at + 1))
      const code = await codeOf(loadIdentity(path, { passphrase: PASSPHRASE }))
      expect(['E_PASSPHRASE_WRONG', 'E_KEY_FILE'], `at ${at}: ${code}`).toContain(code)
      refused++
    }
    expect(refused).toBeGreaterThan(1000)
  })

  it('whose public keys were exchanged for those of another is refused', async () => {
    const honest = readJson()
    const otherPath = join(folder, 'mallory.key')
    await saveIdentity(otherPath, createIdentity(random, clock), {
      passphrase: PASSPHRASE,
      kdf: CHEAP.scrypt,
    })
    const other = JSON.parse(readFileSync(otherPath, 'utf8')) as Json
    for (const names of [
      ['vrf_public'],
      ['kem_public'],
      ['peer', 'sign_public', 'noise_public', 'certificate'],
      ['last_not_before'],
      ['secrets'],
    ]) {
      const mixed = { ...honest }
      for (const name of names) mixed[name] = name === 'last_not_before' ? 9_999_999_999 : other[name]
      writeJson(mixed)
      expect(await codeOf(loadIdentity(path, { passphrase: PASSPHRASE })), names.join()).toBe(
        'E_PASSPHRASE_WRONG',
      )
    }
  })

  it('cannot be turned into a plain one by dropping the header', async () => {
    const json = readJson()
    writeJson({ ...json, encryption: null })
    expect(await codeOf(loadIdentity(path, { passphrase: PASSPHRASE }))).toBe('E_KEY_FILE')
    writeJson({ ...json, encryption: null, secrets: (json.secrets as string).slice(0, 320) })
    chmodSync(path, 0o600)
    expect(await codeOf(loadIdentity(path))).toBe('E_KEY_FILE')
  })
})

describe('a hostile identity file', () => {
  it('that asks for excessive hashing is refused before any of it is done', async () => {
    await saveIdentity(path, identity, { passphrase: PASSPHRASE, kdf: CHEAP.scrypt })
    const json = readJson()
    const encryption = json.encryption as Json
    const { n: _n, r: _r, p: _p, ...rest } = encryption
    const argon = (memory_kib: number, passes: number, parallelism = 1): Json => ({
      ...rest,
      kdf: 'argon2id',
      memory_kib,
      passes,
      parallelism,
    })
    const hostile: Json[] = [
      { ...encryption, n: 2 ** 40 },
      { ...encryption, n: 2 ** 24, r: 8 },
      { ...encryption, r: 2 ** 40 },
      { ...encryption, p: 2 ** 50 },
      { ...encryption, n: 3 },
      { ...encryption, n: 0 },
      { ...encryption, n: Number.MAX_SAFE_INTEGER, r: Number.MAX_SAFE_INTEGER },
      argon(2 ** 30, 1),
      argon(8, 2 ** 40),
      argon(2 ** 20, 5),
      argon(8, 1, 2 ** 20),
      argon(0, 0, 0),
    ]
    for (const each of hostile) {
      writeJson({ ...json, encryption: each })
      expect(await codeOf(loadIdentity(path, { passphrase: PASSPHRASE })), JSON.stringify(each)).toBe(
        'E_KEY_FILE',
      )
    }
  })

  it('of any other content is a typed refusal', async () => {
    const json = fc.json().map((text) => utf8(text))
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), json), async (bytes) => {
        writeFileSync(path, bytes)
        expect(await codeOf(loadIdentity(path))).toBe('E_KEY_FILE')
      }),
      { numRuns: 200 },
    )
    writeFileSync(path, new Uint8Array(70_000))
    expect(await codeOf(loadIdentity(path))).toBe('E_TOO_LARGE')
    expect(await codeOf(loadIdentity(join(folder, 'missing')))).toBe('E_NOT_FOUND')
    expect(await codeOf(loadIdentity(folder))).toBe('E_IO')
  })

  it('with a field missing, unknown or of another type is refused', async () => {
    await saveIdentity(path, identity)
    const json = readJson()
    for (const name of Object.keys(json)) {
      const { [name]: _, ...without } = json
      for (const altered of [
        without,
        { ...json, [name]: [] },
        { ...json, [name]: 'ABCD' },
        { ...json, [name]: -1 },
      ]) {
        writeJson(altered)
        expect(await codeOf(loadIdentity(path)), name).toBe('E_KEY_FILE')
      }
    }
    writeJson({ ...json, extra: 1 })
    expect(await codeOf(loadIdentity(path))).toBe('E_KEY_FILE')
    writeJson({ ...json, v: 2 })
    expect(await codeOf(loadIdentity(path))).toBe('E_KEY_FILE')
  })

  it('is never quoted in the error', async () => {
    writeFileSync(path, `{"secrets": "${secretsOf(identity)}" oops`, { mode: 0o600 })
    const error = await loadIdentity(path).catch((each: unknown) => each)
    expect(`${error} ${(error as Error).stack} ${String((error as Error).cause)}`).not.toContain(
      secretsOf(identity).slice(0, 16),
    )
  })

  it('in plain that others can read is refused', async (context) => {
    if (process.platform === 'win32') return context.skip('no POSIX modes')
    await saveIdentity(path, identity)
    for (const mode of [0o640, 0o604, 0o620]) {
      chmodSync(path, mode)
      expect(await codeOf(loadIdentity(path))).toBe('E_KEY_FILE')
    }
    chmodSync(path, 0o400)
    expectSame(await loadIdentity(path), identity)
    await saveIdentity(path, identity, { passphrase: PASSPHRASE, kdf: CHEAP.scrypt, overwrite: true })
    chmodSync(path, 0o644)
    expectSame(await loadIdentity(path, { passphrase: PASSPHRASE }), identity)
  })
})

describe('changing an identity file', () => {
  it('never follows what somebody else has put where the new content is prepared', async () => {
    await saveIdentity(path, identity)
    const bait = join(folder, 'bait')
    writeFileSync(bait, '')
    symlinkSync(bait, join(folder, '.alice.key.tmp'))
    await updateIdentity(path, (found) => rotateIdentity(found, random, clock))
    expect(readFileSync(bait, 'utf8')).toBe('')
    expect(readdirSync(folder).sort()).toEqual(['.alice.key.lock', 'alice.key', 'bait'])
  })

  it('keeps its kind of encryption', async () => {
    await saveIdentity(path, identity, { passphrase: PASSPHRASE, kdf: CHEAP.argon2id })
    const rotated = await updateIdentity(path, (found) => rotateIdentity(found, random, clock), {
      passphrase: PASSPHRASE,
    })
    expect(readJson().encryption).toMatchObject({ kdf: 'argon2id', memory_kib: 8 })
    expect(await codeOf(loadIdentity(path))).toBe('E_PASSPHRASE_REQUIRED')
    expectSame(await loadIdentity(path, { passphrase: PASSPHRASE }), rotated)
  })

  it('writes nothing when nothing changed, and nothing without the passphrase', async () => {
    await saveIdentity(path, identity, { passphrase: PASSPHRASE, kdf: CHEAP.scrypt })
    const before = readFileSync(path, 'utf8')
    await updateIdentity(path, (found) => found, { passphrase: PASSPHRASE })
    expect(await codeOf(updateIdentity(path, (found) => rotateIdentity(found, random, clock)))).toBe(
      'E_PASSPHRASE_REQUIRED',
    )
    expect(readFileSync(path, 'utf8')).toBe(before)
  })

  it('by many at once loses no change: every certificate starts later than the one before', async () => {
    await saveIdentity(path, identity)
    const rotations = Array.from({ length: 8 }, () =>
      updateIdentity(path, (found) => rotateIdentity(found, random, clock)),
    )
    const starts = (await Promise.all(rotations)).map(({ lastNotBefore }) => lastNotBefore)
    expect(new Set(starts).size).toBe(8)
    expect((await loadIdentity(path)).lastNotBefore).toBe(identity.lastNotBefore + 8)
  })
})

describe('renewing the certificate of a shared identity file', () => {
  it('does nothing before half-life', async () => {
    await saveIdentity(path, identity)
    clock.advance(44 * DAY_MS)
    expect(await renewIdentityFile(path, identity, { clock })).toBe(identity)
  })

  it('gives every process the same certificate, on the disk before it is shown', async () => {
    await saveIdentity(path, identity, { passphrase: PASSPHRASE, kdf: CHEAP.scrypt })
    const options = { passphrase: PASSPHRASE, clock }
    clock.advance(46 * DAY_MS)
    const first = await renewIdentityFile(path, await loadIdentity(path, options), options)
    clock.advance(5000)
    const second = await renewIdentityFile(path, identity, options)
    expect(first.lastNotBefore).toBeGreaterThan(identity.lastNotBefore)
    expect(second.certificate).toEqual(first.certificate)
    expect((await readIdentityInfo(path)).identity.certificate).toEqual(first.certificate)
    expect(second.noise).toBe(identity.noise)
    expect(second.noise.exportPrivate()).toEqual(identity.noise.exportPrivate())
  })

  it('leaves a key that was rotated meanwhile alone', async () => {
    await saveIdentity(path, identity)
    const rotated = await updateIdentity(path, (found) => rotateIdentity(found, random, clock))
    clock.advance(46 * DAY_MS)
    expect(await renewIdentityFile(path, identity, { clock })).toBe(identity)
    expectSame(await loadIdentity(path), rotated)
  })
})
