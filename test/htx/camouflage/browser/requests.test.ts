/** What requests are made of, against what others have published and recorded. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../../src/lib/core/index.ts'
import { carryTicket, formCookie } from '../../../../src/lib/htx/camouflage/browser/carrier.ts'
import { HpackEncoder } from '../../../../src/lib/htx/camouflage/browser/http2/hpack-encoder.ts'
import { requestBlock } from '../../../../src/lib/htx/camouflage/browser/http2/request-block.ts'
import {
  type BrowserPlatform,
  browserIdentity,
} from '../../../../src/lib/htx/camouflage/browser/request/browser-identity.ts'
import { brandList } from '../../../../src/lib/htx/camouflage/browser/request/client-hints.ts'
import { type HeaderField, pageRequest } from '../../../../src/lib/htx/camouflage/browser/request/requests.ts'
import { authorityOf, requirePath } from '../../../../src/lib/htx/camouflage/browser/request/target.ts'
import { grantWith, TICKET } from '../../../support/camouflage/dialling.ts'
import { chiSquareP } from '../../../support/chi-square.ts'
import { conformancePath } from '../../../support/conformance.ts'

const folder = conformancePath('utls', 'curl-impersonate-signatures')

/** Published recordings of Chrome: version, and the fields of its page load. */
function recordings(): readonly { readonly major: number; readonly fields: readonly HeaderField[] }[] {
  if (folder === undefined) return []
  const files = readdirSync(folder).filter(
    (name) => /^chrome_\d+.*\.yaml$/.test(name) && !name.includes('android'),
  )
  return files.map((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').matchAll(/^ +- '([a-z-]+): (.*)'$/gm)
    const fields = [...lines].map(([, field = '', value = '']): HeaderField => [field, value])
    return { major: Number(/\d+/.exec(name)?.[0]), fields }
  })
}

describe.skipIf(folder === undefined)('a page load', () => {
  const known = recordings().filter(({ major }) => major >= 124)

  it.each(known)('of Chrome $major is that of a published recording', ({ major, fields }) => {
    const hint = fields.find(([name]) => name === 'sec-ch-ua-platform')?.[1]
    const platform: BrowserPlatform = hint === '"macOS"' ? 'darwin' : hint === '"Windows"' ? 'win32' : 'linux'
    const identity = browserIdentity({ major, platform })
    const block = requestBlock(pageRequest({ identity, authority: 'example.test', path: '/' }))
    expect(block.filter(([name]) => !name.startsWith(':'))).toEqual(fields)
  })

  it('has recordings of four versions to be held against', () => {
    expect(new Set(known.map(({ major }) => major)).size).toBe(4)
  })

  it('names the brands that published recordings of Chrome since 107 name', () => {
    // Before 107 the brand that is made up was chosen in another way.
    const older = recordings().filter(({ major }) => major >= 110)
    expect(older.length).toBeGreaterThan(6)
    for (const { major, fields } of older) {
      expect(brandList(major, 'Google Chrome')).toBe(fields.find(([name]) => name === 'sec-ch-ua')?.[1])
    }
  })
})

describe('an identity', () => {
  it('is refused for versions that nobody measured', () => {
    for (const major of [0, 123, 157, 1.5])
      expect(() => browserIdentity({ major })).toThrow(/requests of Chrome .* are not known/)
  })

  it('takes languages, and nothing that ends a line', () => {
    expect(browserIdentity({ acceptLanguage: 'de-DE,de;q=0.9,en;q=0.8' }).acceptLanguage).toBe(
      'de-DE,de;q=0.9,en;q=0.8',
    )
    for (const acceptLanguage of ['', 'de\r\nx: y', 'ü', ',de'])
      expect(() => browserIdentity({ acceptLanguage })).toThrow(/not of the form/)
  })

  it('names a port only where it is not that of HTTPS', () => {
    expect(authorityOf('a.test', 443)).toBe('a.test')
    expect(authorityOf('a.test', 8443)).toBe('a.test:8443')
    expect(authorityOf('::1', 443)).toBe('[::1]')
    expect(authorityOf('::1', 8443)).toBe('[::1]:8443')
  })
})

describe('a path', () => {
  it('is refused when it could say more than where', () => {
    for (const path of ['/', '/chat?room=1&x=%20', '/a"b'])
      expect(() => {
        requirePath(path)
      }).not.toThrow()
    for (const path of ['', 'chat', '/a b', '/a\r\nx: y', '/a#b', '/ü', `/${'a'.repeat(3000)}`])
      expect(() => {
        requirePath(path)
      }).toThrow(/is no path/)
  })
})

describe('header blocks', () => {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
  const first: readonly HeaderField[] = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
  ]

  it('are those of RFC 7541 appendix C.4', () => {
    const encoder = new HpackEncoder()
    expect(hex(encoder.encode(first))).toBe('828684418cf1e3c2e5f23a6ba0ab90f4ff')
    expect(hex(encoder.encode([...first, ['cache-control', 'no-cache']]))).toBe('828684be5886a8eb10649cbf')
    const third: readonly HeaderField[] = [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':path', '/index.html'],
      [':authority', 'www.example.com'],
      ['custom-key', 'custom-value'],
    ]
    expect(hex(encoder.encode(third))).toBe('828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf')
  })

  it('say when the table changed, the smallest size first, and forget what does not fit', () => {
    const encoder = new HpackEncoder()
    encoder.encode(first)
    encoder.resize(0)
    encoder.resize(4096)
    // RFC 7541 section 6.3: 0x20 for 0; 0x3f 0xe1 0x1f for 4096. The authority is not known any more.
    expect(hex(encoder.encode(first))).toBe('203fe11f828684418cf1e3c2e5f23a6ba0ab90f4ff')
    expect(hex(encoder.encode(first))).toBe('828684be')
    encoder.resize(10)
    expect(hex(encoder.encode(first))).toBe('2a828684418cf1e3c2e5f23a6ba0ab90f4ff')
    expect(hex(encoder.encode(first))).toBe('828684418cf1e3c2e5f23a6ba0ab90f4ff')
  })
})

describe('the carrier of a ticket', () => {
  it('is one of three, by the policy, in 10,000 attempts', () => {
    const random = new SeededRandom(11)
    const grant = grantWith('cookie:0.5,query:0.3,body:0.2')
    const counts = { cookie: 0, query: 0, body: 0 }
    for (let i = 0; i < 10_000; i++) {
      const { carrier, cookie, path, form } = carryTicket(grant, TICKET, '/chat', random)
      counts[carrier]++
      const used = [cookie !== undefined, path !== '/chat', form !== undefined]
      expect(used.filter(Boolean)).toHaveLength(1)
      expect(used.indexOf(true)).toBe(Object.keys(counts).indexOf(carrier))
    }
    expect(chiSquareP(Object.values(counts), [5000, 3000, 2000])).toBeGreaterThan(0.001)
  })

  it('stands behind a query that the path has already', () => {
    const { path } = carryTicket(grantWith('query:1'), TICKET, '/chat?room=1', new SeededRandom(1))
    expect(path).toMatch(/^\/chat\?room=1&bn1=[\w-]{200}$/)
  })

  it('takes one cookie of the right form from a form, and nothing else', () => {
    const right = `__Host-s=${'x'.repeat(43)}`
    expect(formCookie([`${right}; Path=/; Secure`, 'other=1'])).toBe(right)
    for (const wrong of [[], [`${right}x`], [`${right.slice(1)}`], [right, right], ['__Host-s=a b']])
      expect(formCookie(wrong)).toBeUndefined()
  })
})
