import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type AivOptions, type AivResult, aiv as runAiv, startAiv, temporaryFolder } from '../support/aiv.ts'
import { createWorkplace, runShell } from '../support/shell.ts'
import { bodyOf, type ReferenceHello, readRecord } from '../tls/browser/build/reference-reader.ts'

/** Published for Chrome 152 to 156: for a page, without a name, and for a WebSocket. */
const JA4 = {
  page: 't13d1517h2_8daaf6152771_cb7bf5808d99',
  noName: 't13i1516h2_8daaf6152771_cb7bf5808d99',
  webSocket: 't13d1516h1_8daaf6152771_5b37b36a67c0',
}

/** No browser on the PATH: one that is newer than the templates would be warned of. */
async function aiv(args: readonly string[], options: AivOptions = {}): Promise<AivResult> {
  return await runAiv(args, { ...options, env: { PATH: '' } })
}

interface HelloJson {
  readonly v: number
  readonly template: string
  readonly versions: { readonly first: number; readonly last: number }
  readonly ja4: string
  readonly record: string
}

async function helloJson(...args: readonly string[]): Promise<HelloJson> {
  const { code, stdout, stderr } = await aiv(['utls', 'hello', ...args, '--json'])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as HelloJson
}

async function hello(...args: readonly string[]): Promise<ReferenceHello> {
  return readRecord(Buffer.from((await helloJson(...args)).record, 'hex'))
}

/** RFC 6066 section 3: a list with one entry of type host_name. Undefined without the extension. */
function nameIn(read: ReferenceHello): string | undefined {
  if (!read.extensions.some(({ type }) => type === 0)) return undefined
  const body = bodyOf(read, 0)
  const length = body.length
  expect([body.readUInt16BE(0), body[2], body.readUInt16BE(3)]).toEqual([length - 2, 0, length - 5])
  return body.subarray(5).toString('latin1')
}

async function refused(...args: readonly string[]): Promise<AivResult> {
  const result = await aiv(['utls', 'hello', ...args])
  expect(result.stdout).toBe('')
  expect(result.stderr).toMatch(/^error: [^\n]+\n$/)
  return result
}

describe('aiv utls hello', () => {
  it('writes the bare record to a pipe', async () => {
    const running = startAiv(['utls', 'hello', '--sni', 'example.com'])
    const chunks: Buffer[] = []
    running.child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    running.child.stdin.end()
    expect((await running.result()).code).toBe(0)
    expect(nameIn(readRecord(Buffer.concat(chunks)))).toBe('example.com')
  })

  it('writes the record to a file, and says what it is', async () => {
    const out = join(temporaryFolder(), 'hello.bin')
    const { code, stdout } = await aiv(['utls', 'hello', '--sni', 'example.com', '--out', out])
    const record = readFileSync(out)
    expect([code, stdout]).toEqual([0, `${record.length} bytes of chrome-154, ${JA4.page}\n`])
    expect(nameIn(readRecord(record))).toBe('example.com')
    const both = await helloJson('--sni', 'example.com', '--out', out)
    expect(readFileSync(out).toString('hex')).toBe(both.record)
  })

  it('says in JSON which template it is from', async () => {
    const { record, ...rest } = await helloJson('--sni', 'example.com', '--chrome', '133')
    expect(rest).toEqual({
      v: 1,
      template: 'chrome-133',
      versions: { first: 133, last: 149 },
      ja4: 't13d1516h2_8daaf6152771_d8a2da3f94cd',
    })
    expect(record).toMatch(/^160301[0-9a-f]+$/)
  })

  it.each([
    [['--chrome', 'latest'], 'chrome-154'],
    [['--chrome', 'n-2'], 'chrome-154'],
    [[], 'chrome-154'],
    [['--chrome', '99'], 'chrome-98'],
    [['--firefox', 'latest'], 'firefox-153'],
    [['--template', 'chrome-133-anchors'], 'chrome-133-anchors'],
  ] as const)('takes with %j the template %s', async (args, template) => {
    expect((await helloJson('--sni', 'a.test', ...args)).template).toBe(template)
  })

  it('writes the same hello for the same seed, and another one without', async () => {
    const record = async (...args: readonly string[]): Promise<string> =>
      (await helloJson('--sni', 'a.test', ...args)).record
    const [one, again, other, none] = await Promise.all([
      record('--seed', '7'),
      record('--seed', '7'),
      record('--seed', '8'),
      record(),
    ])
    expect(again).toBe(one)
    expect(new Set([one, other, none]).size).toBe(3)
  })

  it('offers the protocols that it is told', async () => {
    const page = await helloJson('--sni', 'a.test')
    const webSocket = await helloJson('--sni', 'a.test', '--alpn', 'http/1.1')
    expect([page.ja4, webSocket.ja4]).toEqual([JA4.page, JA4.webSocket])
    const own = await hello('--sni', 'a.test', '--alpn', 'h2,x-own')
    expect(bodyOf(own, 0x10).toString('latin1')).toBe('\0\x09\x02h2\x05x-own')
    const none = await hello('--sni', 'a.test', '--alpn', 'none')
    expect(none.extensions.map(({ type }) => type)).not.toContain(0x10)
  })

  it.each([
    ['example.com', 'example.com'],
    ['EXAMPLE.Com', 'example.com'],
    ['example.com.', 'example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['日本語.example', 'xn--wgv71a119e.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['_dmarc.example.com', '_dmarc.example.com'],
    // As Chromium 156 sends them.
    ['-a.example', '-a.example'],
    ['a-.example', 'a-.example'],
    ['faß.example', 'xn--fa-hia.example'],
    ['localhost', 'localhost'],
    ['127.0.0.1', undefined],
    ['127.1', undefined],
    ['2001:db8::1', undefined],
    ['[2001:db8::1]', undefined],
  ])('sends for %s the name %s', async (sni, name) => {
    expect(nameIn(await hello('--sni', sni))).toBe(name)
  })

  it('has the published name without a server name', async () => {
    expect((await helloJson('--sni', '192.0.2.1')).ja4).toBe(JA4.noName)
  })

  it.each([
    'example.com/secret',
    'example.com?q',
    'example.com#x',
    'example.com:443',
    'user@example.com',
    'https://example.com',
    'exam ple.com',
    'example.com\n',
    '%65xample.com',
    'example..com',
    '.',
    `${'a'.repeat(64)}.example`,
    `${'abcdefghi.'.repeat(26)}example`,
    '[::1',
    '1.2.3.4.5',
    '*.example.com',
  ])('refuses the name %j, in place of a part of it', async (sni) => {
    const { code, stderr } = await refused('--sni', sni)
    expect(code).toBe(2)
    expect(stderr).toContain('is no name of a host')
  })

  it.each([
    [['--chrome', '157'], 2, 'there is no template of chrome 157'],
    [['--chrome', 'newest'], 2, '"newest" is no version of chrome'],
    [['--firefox', '1.5'], 2, '"1.5" is no version of firefox'],
    [['--template', 'opera-1'], 2, 'there is no template "opera-1"'],
    [['--template', 'chrome-quic-110'], 2, 'read but not written'],
    [['--template', './absent.json'], 2, 'cannot read ./absent.json'],
    [['--chrome', '154', '--firefox', '153'], 2, 'cannot also be provided'],
    [['--seed', '-1'], 2, '--seed'],
    [['--alpn', 'h2,,http/1.1'], 2, '"" is no name of a protocol'],
    [['--out', '/absent/hello.bin'], 3, 'cannot write /absent/hello.bin'],
  ] as const)('refuses %j with exit code %i', async (args, code, words) => {
    const result = await refused('--sni', 'a.test', ...args)
    expect(result.code).toBe(code)
    expect(result.stderr).toContain(words)
  })

  it('needs a name', async () => {
    expect((await refused()).code).toBe(2)
  })

  it('says errors in JSON as well', async () => {
    const { code, stdout } = await aiv(['utls', 'hello', '--sni', 'a/b', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'E_USAGE', message: '"a/b" is no name of a host' },
    })
  })

  it('reads templates of others, and does not trust them', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'mine.json')
    const { stdout } = await aiv(['utls', 'template', 'show', 'chrome-154', '--json'])
    const written = (text: string | Uint8Array): void => writeFileSync(file, text)
    const shown = JSON.parse(stdout) as Record<string, unknown>
    written(JSON.stringify({ ...shown, id: 'mine' }))
    expect(await helloJson('--sni', 'a.test', '--template', file)).toMatchObject({
      template: 'mine',
      ja4: JA4.page,
    })
    for (const [text, words] of [
      ['', 'is no template: '],
      ['[]', 'is no template: template is not a JSON object'],
      [Uint8Array.of(0xff, 0xfe), 'is no template: invalid UTF-8'],
      ['[\u001b[2J', 'is no template: '],
      [JSON.stringify({ ...shown, extra: 1 }), '"extra" is not known'],
      [JSON.stringify({ ...shown, v: 2 }), 'another format'],
    ] as const) {
      written(text)
      const { code, stderr } = await refused('--sni', 'a.test', '--template', file)
      expect([code, stderr.includes(words), stderr.includes('\u001b')]).toEqual([2, true, false])
    }
    // Endless: only so much is read of it.
    expect(await refused('--sni', 'a.test', '--template', '/dev/zero')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the input is longer than 1048576 bytes'),
    })
  })

  it('pipes into aiv utls fingerprint, which gives the published names', async () => {
    const script = [
      'aiv utls hello --chrome n-2 --sni example.com | aiv utls fingerprint - --json',
      'aiv utls hello --chrome 150 --sni example.com | aiv utls fingerprint - --json',
      'aiv utls hello --firefox 153 --sni example.com | aiv utls fingerprint - --json',
    ].join('\n')
    const { code, stdout } = await runShell(script, createWorkplace())
    expect(code).toBe(0)
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { ja4: string; sni: string })
    expect(lines.map(({ ja4 }) => ja4)).toEqual([
      JA4.page,
      't13d1516h2_8daaf6152771_806a8c22fdea',
      't13d1617h2_86a278354501_3cbfd9057e0d',
    ])
    expect(new Set(lines.map(({ sni }) => sni))).toEqual(new Set(['example.com']))
  })
})
