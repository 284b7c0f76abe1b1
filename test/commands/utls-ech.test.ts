import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aiv, temporaryFolder } from '../support/aiv.ts'
import { capturedEch, RFC9934_FILE, RFC9934_LIST } from '../support/ech-material.ts'

const CAPTURED = capturedEch()

describe('aiv utls ech config', () => {
  it('new writes a file for its owner alone, never over another one, and prints no private key', async () => {
    const cwd = temporaryFolder()
    const words = ['utls', 'ech', 'config', 'new', '--public-name', 'public.example.com']
    const { code, stdout, stderr } = await aiv(words, { cwd })
    expect(code, stderr).toBe(0)
    const file = readFileSync(join(cwd, 'ech.pem'), 'utf8')
    expect(statSync(join(cwd, 'ech.pem')).mode & 0o777).toBe(0o600)
    const [, key, list] = /KEY-----\n(.*)\n-----END[\s\S]*BEGIN ECHCONFIG-----\n([^-]*)/.exec(
      file,
    ) as RegExpExecArray
    expect(stdout).toContain(`ech="${(list as string).replaceAll('\n', '')}"`)
    const shown = await aiv(['utls', 'ech', 'config', 'show', 'ech.pem', '--json'], { cwd })
    const secret = Buffer.from(key as string, 'base64').subarray(-32)
    for (const text of [stdout, stderr, shown.stdout, shown.stderr]) {
      expect(text).not.toContain(key)
      expect(text).not.toContain(secret.toString('hex'))
    }
    const again = await aiv(words, { cwd })
    expect(again).toMatchObject({ code: 2, stdout: '' })
    expect(readFileSync(join(cwd, 'ech.pem'), 'utf8')).toBe(file)
  })

  it('show reads PEM, base64, hexadecimal, bytes and stdin alike', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'a.pem'), RFC9934_FILE)
    writeFileSync(join(cwd, 'a.txt'), `${RFC9934_LIST}\n`)
    writeFileSync(join(cwd, 'a.bin'), Buffer.from(RFC9934_LIST, 'base64'))
    writeFileSync(join(cwd, 'a.hex'), `${Buffer.from(RFC9934_LIST, 'base64').toString('hex')}\n`)
    const show = async (what: string, input = '') =>
      await aiv(['utls', 'ech', 'config', 'show', what, '--json'], { cwd, input })
    const expected = await show(RFC9934_LIST)
    expect(JSON.parse(expected.stdout)).toMatchObject({
      v: 1,
      config_list: RFC9934_LIST,
      configs: [{ public_name: 'example.com', config_id: 0xe7, usable: true, unusable_because: null }],
    })
    for (const name of ['a.pem', 'a.txt', 'a.bin', 'a.hex'])
      expect((await show(name)).stdout).toBe(expected.stdout)
    expect((await show('-', RFC9934_FILE)).stdout).toBe(expected.stdout)
    expect(await show('no-such.pem')).toMatchObject({ code: 2 })
    expect(await show('AAAA')).toMatchObject({ code: 2 })
  })
})

describe('aiv utls ech seal', () => {
  it.each([
    [['--alpn', 'http/1.1'], 't13d1516h1_8daaf6152771_5b37b36a67c0'],
    [[], 't13d1517h2_8daaf6152771_cb7bf5808d99'],
  ])('%j is what Chrome shows', async (args, name) => {
    const words = ['utls', 'ech', 'seal', '--config', RFC9934_LIST, '--sni', 'secret.example.com', '--json']
    const { code, stdout } = await aiv([...words, ...args])
    expect(code).toBe(0)
    // Published for Chrome 152 and later, for a page and for a WebSocket.
    expect(JSON.parse(stdout)).toMatchObject({ outer_sni: 'example.com', ja4: name })
  })
})

describe.skipIf(CAPTURED === undefined)('aiv utls ech open', () => {
  it('opens a hello of Chromium, and says no to one without its key', async () => {
    const { hellos, privateKey, list } = CAPTURED as NonNullable<typeof CAPTURED>
    const cwd = temporaryFolder()
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), privateKey])
    const block = (label: string, bytes: Uint8Array): string =>
      `-----BEGIN ${label}-----\n${Buffer.from(bytes).toString('base64')}\n-----END ${label}-----\n`
    writeFileSync(join(cwd, 'own.pem'), block('PRIVATE KEY', pkcs8) + block('ECHCONFIG', list), {
      mode: 0o600,
    })
    writeFileSync(join(cwd, 'other.pem'), RFC9934_FILE, { mode: 0o644 })
    writeFileSync(join(cwd, 'hello.bin'), hellos[0]?.record as Uint8Array)
    const open = async (key: string) =>
      await aiv(['utls', 'ech', 'open', '--key', key, 'hello.bin', '--json'], { cwd })
    const opened = await open('own.pem')
    expect(opened).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(opened.stdout)).toMatchObject({
      sni: 'example.test',
      outer_sni: 'public.example',
      encoded: Buffer.from(hellos[0]?.inner as Uint8Array).toString('hex'),
    })
    const refused = await open('other.pem')
    expect(refused.code).toBe(1)
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'E_AUTHENTICATION' } })
    expect(refused.stderr).toContain('other users may read the key file')
  })
})
