/** A folder as a web site: RFC 9110 semantics, and nothing outside of the folder. */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { AivError, isAivError } from '../../../../src/lib/core/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import {
  decoyFolder,
  GRANT_SITE,
  openTls,
  PAGE,
  type RawAnswer,
  RawReader,
  startSite,
  upgradeRequest,
} from './site.ts'

const MODIFIED = new Date('2026-03-04T05:06:07Z')
const MODIFIED_TEXT = 'Wed, 04 Mar 2026 05:06:07 GMT'
const TEXT = '0123456789'

/** Asks on a connection of its own. */
type AskSite = (target: string, more?: string, method?: string) => Promise<RawAnswer>

async function siteOf(folder: string): Promise<AskSite> {
  const site = await startSite({ decoy: { kind: 'directory', path: folder } })
  const reader = new RawReader(await openTls(site.port))
  return (target, more = '', method = 'GET') =>
    reader.ask(`${method} ${target} HTTP/1.1\r\nHost: decoy.test\r\n${more}\r\n`)
}

async function digits(): Promise<AskSite> {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'digits.txt'), TEXT)
  utimesSync(join(folder, 'digits.txt'), MODIFIED, MODIFIED)
  return await siteOf(folder)
}

/** Paths of the files that this process has open, where the system tells. */
function openFiles(): string[] {
  if (!existsSync('/proc/self/fd')) return []
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(join('/proc/self/fd', fd))]
    } catch {
      return []
    }
  })
}

function field({ head }: RawAnswer, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)\r$`, 'im').exec(head)?.[1]
}

const statusOf = ({ head }: RawAnswer): string => head.slice(9, 12)

describe('a folder as a site', () => {
  it('gives its files with their types, and index.html for a folder', async () => {
    const ask = await siteOf(decoyFolder())
    const page = await ask('/')
    expect([statusOf(page), page.body, field(page, 'content-type')]).toEqual([
      '200',
      PAGE,
      'text/html; charset=utf-8',
    ])
    expect((await ask('/index.html?x=1')).body).toBe(PAGE)
    const style = await ask('/css/site.css')
    expect(field(style, 'content-type')).toBe('text/css; charset=utf-8')
    expect(statusOf(await ask('/css/'))).toBe('404')
    const moved = await ask('/css')
    expect([statusOf(moved), field(moved, 'location')]).toEqual(['301', '/css/'])
    expect(statusOf(await ask('/index.html/'))).toBe('404')
  })

  it('gives a large file whole, and lets go of it when a visitor leaves', async () => {
    const folder = decoyFolder()
    const large = 'x'.repeat(3_000_001)
    writeFileSync(join(folder, 'large.bin'), large)
    const site = await startSite({ decoy: { kind: 'directory', path: folder } })
    const request = 'GET /large.bin HTTP/1.1\r\nHost: decoy.test\r\n\r\n'
    const answer = await new RawReader(await openTls(site.port)).ask(request)
    expect(answer.body === large).toBe(true)
    expect(field(answer, 'content-type')).toBe('application/octet-stream')
    // The first bytes, and gone.
    const leaver = await openTls(site.port)
    leaver.write(request)
    await new Promise((resolve) => leaver.once('data', resolve))
    leaver.destroy()
    await vi.waitFor(() => expect(openFiles().filter((path) => path.includes(folder))).toEqual([]))
    expect(site.errors).toEqual([])
  })

  it('keeps no file open for answers that wait behind others when the visitor goes', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'large.bin'), 'x'.repeat(3_000_001))
    const site = await startSite({ decoy: { kind: 'directory', path: folder } })
    const request = 'GET /large.bin HTTP/1.1\r\nHost: decoy.test\r\n\r\n'
    const open = (): string[] => openFiles().filter((path) => path.includes(folder))
    for (const behind of [request, upgradeRequest('/large.bin')]) {
      const leaver = await openTls(site.port)
      leaver.pause()
      leaver.write(`${request}${request}${request}${behind}`)
      await vi.waitFor(() => expect(open().length).toBeGreaterThanOrEqual(2))
      leaver.destroy()
      await vi.waitFor(() => expect(open()).toEqual([]))
    }
    expect(site.errors).toEqual([])
  })

  it('answers HEAD like GET, without the body', async () => {
    const ask = await digits()
    const [whole, head] = [await ask('/digits.txt'), await ask('/digits.txt', '', 'HEAD')]
    const undated = ({ head: text }: RawAnswer): string => text.replace(/^date: .*$/im, '')
    expect(undated(head)).toBe(undated(whole))
    expect([head.body, whole.body]).toEqual(['', TEXT])
  })

  it('says 304 to whoever has the file', async () => {
    const ask = await digits()
    const first = await ask('/digits.txt')
    expect(field(first, 'last-modified')).toBe(MODIFIED_TEXT)
    const etag = field(first, 'etag') as string
    expect(etag).toMatch(/^"[0-9a-f]+-a"$/)
    const statusWith = async (more: string): Promise<string> => statusOf(await ask('/digits.txt', more))
    expect(await statusWith(`If-None-Match: ${etag}\r\n`)).toBe('304')
    expect(await statusWith(`If-None-Match: "x", W/${etag}\r\n`)).toBe('304')
    expect(await statusWith('If-None-Match: *\r\n')).toBe('304')
    expect(await statusWith('If-None-Match: "x"\r\n')).toBe('200')
    expect(await statusWith(`If-Modified-Since: ${MODIFIED_TEXT}\r\n`)).toBe('304')
    expect(await statusWith('If-Modified-Since: Wed, 04 Mar 2026 05:06:06 GMT\r\n')).toBe('200')
    expect(await statusWith('If-Modified-Since: nonsense\r\n')).toBe('200')
    // A tag decides alone (RFC 9110 section 13.2.2).
    expect(await statusWith(`If-None-Match: "x"\r\nIf-Modified-Since: ${MODIFIED_TEXT}\r\n`)).toBe('200')
  })

  it.each([
    ['bytes=0-3', '206', '0123', 'bytes 0-3/10'],
    ['bytes=7-', '206', '789', 'bytes 7-9/10'],
    ['bytes=-2', '206', '89', 'bytes 8-9/10'],
    ['bytes=-99', '206', TEXT, 'bytes 0-9/10'],
    ['bytes=4-999', '206', '456789', 'bytes 4-9/10'],
    ['bytes=10-', '416', undefined, 'bytes */10'],
    ['bytes=-0', '416', undefined, 'bytes */10'],
    ['bytes=5-3', '200', TEXT, undefined],
    ['bytes=0-1,3-4', '200', TEXT, undefined],
    ['lines=0-1', '200', TEXT, undefined],
    ['bytes=-', '200', TEXT, undefined],
  ])('gives the range %s with status %s', async (range, status, body, contentRange) => {
    const ask = await digits()
    const answer = await ask('/digits.txt', `Range: ${range}\r\n`)
    expect([statusOf(answer), field(answer, 'content-range')]).toEqual([status, contentRange])
    if (body !== undefined) expect(answer.body).toBe(body)
  })

  it('gives a range only of the file that the visitor began with', async () => {
    const ask = await digits()
    const etag = field(await ask('/digits.txt'), 'etag')
    const statusWith = async (condition: string | undefined): Promise<string> =>
      statusOf(await ask('/digits.txt', `Range: bytes=0-1\r\nIf-Range: ${condition}\r\n`))
    expect([await statusWith(etag), await statusWith(MODIFIED_TEXT)]).toEqual(['206', '206'])
    expect([await statusWith('"old"'), await statusWith('Wed, 04 Mar 2026 05:06:08 GMT')]).toEqual([
      '200',
      '200',
    ])
  })

  it('refuses what is no page request, and takes forms at the path of the grant', async () => {
    const ask = await siteOf(decoyFolder())
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'POST']) {
      const answer = await ask('/', 'Content-Length: 0\r\n', method)
      expect([statusOf(answer), field(answer, 'allow')], method).toEqual(['405', 'GET, HEAD'])
    }
    const form = await ask(GRANT_SITE.path, 'Content-Length: 0\r\n', 'POST')
    expect([statusOf(form), field(form, 'location')]).toEqual(['303', GRANT_SITE.path])
  })

  it('has its own page for what is not there, if the folder has one', async () => {
    const folder = decoyFolder()
    const ask = await siteOf(folder)
    expect((await ask('/none')).body).toContain('404 Not Found')
    writeFileSync(join(folder, '404.html'), '<title>Lost?</title>')
    const answer = await ask('/none')
    expect([statusOf(answer), answer.body]).toEqual(['404', '<title>Lost?</title>'])
  })

  it('never leaves the folder and shows nothing hidden', async () => {
    const around = temporaryFolder()
    writeFileSync(join(around, 'secret.txt'), 'secret')
    const folder = join(around, 'site')
    mkdirSync(join(folder, '.git'), { recursive: true })
    writeFileSync(join(folder, '.git', 'config'), 'secret')
    writeFileSync(join(folder, '.htpasswd'), 'secret')
    writeFileSync(join(folder, 'fine.txt'), 'fine')
    symlinkSync('../secret.txt', join(folder, 'out.txt'))
    symlinkSync('..', join(folder, 'up'))
    symlinkSync('.htpasswd', join(folder, 'in.txt'))
    symlinkSync('loop', join(folder, 'loop'))
    symlinkSync('fine.txt', join(folder, 'also-fine.txt'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    const ask = await siteOf(folder)
    const targets = [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/x/../../secret.txt',
      '/..\\secret.txt',
      '/out.txt',
      '/up/secret.txt',
      '/up/',
      '/.git/config',
      '/%2egit/config',
      '/.htpasswd',
      '/in.txt',
      '/loop',
      '/pipe',
      '/fine.txt%00',
      '/%',
      '/%ff',
      `/${'a'.repeat(5000)}`,
      '*',
    ]
    for (const target of targets) {
      const answer = await ask(target)
      expect([target, statusOf(answer)]).toEqual([target, '404'])
      expect(answer.body).not.toContain('secret')
    }
    expect((await ask('/also-fine.txt')).body).toBe('fine')
    expect((await ask('//fine.txt')).body).toBe('fine')
    expect((await ask('https://decoy.test/fine.txt')).body).toBe('fine')
  })

  it('redirects to itself only', async () => {
    const folder = decoyFolder()
    mkdirSync(join(folder, 'evil.test'))
    const ask = await siteOf(folder)
    expect(field(await ask('//evil.test'), 'location')).toBe('/evil.test/')
  })

  it.each([
    ['no/such/folder', 'E_NOT_FOUND'],
    ['a-file', 'E_INPUT'],
  ] as const)('must be a folder: %s is refused with %s', async (name, code) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'a-file'), '')
    const start = startSite({ decoy: { kind: 'directory', path: join(folder, name) } })
    const error = await start.then(() => undefined).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AivError)
    expect(isAivError(error, code)).toBe(true)
  })
})
