/** Who brings a ticket gets a link, once; what else is in the request does not matter. */
import { describe, expect, it } from 'vitest'
import { isAivError } from '../../../../src/lib/core/index.ts'
import { REPLAY_SCHEMA } from '../../../../src/lib/htx/ticket/index.ts'
import type { Link } from '../../../../src/lib/link/index.ts'
import { openMemoryStore } from '../../../../src/lib/storage/index.ts'
import {
  ACCEPT,
  GRANT_SITE,
  HOST,
  openTls,
  PAGE,
  PATH,
  RawReader,
  startSite,
  UNBOUND,
  upgradeRequest,
} from './site.ts'
import { type Ask, visit } from './visitors.ts'

const SESSION = /^Set-Cookie: __Host-s=([A-Za-z0-9_-]{43}); Path=\/; Secure; HttpOnly; SameSite=Lax$/m

describe('over HTTP/1.1', () => {
  it('a ticket in the cookie or in the query turns the connection into a link', async () => {
    const site = await startSite()
    for (const carrier of ['cookie', 'query']) {
      const reader = new RawReader(await openTls(site.port))
      const text = site.ticket(reader.socket)
      const request =
        carrier === 'cookie'
          ? upgradeRequest(PATH, `Cookie: theme=dark; ${GRANT_SITE.cookieName}=${text}; lang=en\r\n`)
          : upgradeRequest(`${PATH}?room=3&bn1=${text}`)
      const { head } = await reader.ask(request)
      expect(head).toBe(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`,
      )
    }
    expect(site.links.map(({ kind }) => kind)).toEqual(['https', 'https'])
    expect(site.errors).toEqual([])
  })

  it('bytes that come with the upgrade reach the link', async () => {
    const site = await startSite()
    const reader = new RawReader(await openTls(site.port))
    const text = site.ticket(reader.socket)
    // A masked binary message with a mask of zeros.
    const message = '\x82\x83\0\0\0\0abc'
    const { head } = await reader.ask(upgradeRequest(`${PATH}?bn1=${text}`) + message)
    expect(head).toMatch(/^HTTP\/1\.1 101 /)
    const link = site.links[0] as Link
    const received = await new Promise<Uint8Array>((resolve) =>
      link.attach({ data: resolve, end: () => {}, drain: () => {}, close: () => {} }),
    )
    expect(Buffer.from(received).toString()).toBe('abc')
    link.abort()
  })

  it('a ticket in a form is worth one upgrade of this connection, by the cookie that the form was given', async () => {
    const site = await startSite()
    const reader = new RawReader(await openTls(site.port))
    const form = `name=x&bn1=${site.ticket(reader.socket)}&text=hello`
    const { head } = await reader.ask(
      `POST ${GRANT_SITE.path} HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`,
    )
    expect(head).toMatch(/^HTTP\/1\.1 303 /)
    const cookie = SESSION.exec(head)?.[1]
    const other = new RawReader(await openTls(site.port))
    const upgrade = upgradeRequest(PATH, `Cookie: __Host-s=${cookie}\r\n`)
    expect((await other.ask(upgrade)).head).toMatch(/^HTTP\/1\.1 404 /)
    expect((await reader.ask(upgrade)).head).toMatch(/^HTTP\/1\.1 101 /)
    expect(site.links).toHaveLength(1)
  })
})

describe.each(['HTTP/1.1', 'HTTP/2'] as const)('over %s', (kind) => {
  const stands = kind === 'HTTP/1.1' ? /^HTTP\/1\.1 101 / : /^:status: 200/
  const upgrade = (text: string): Ask => ({
    target: PATH,
    isWebSocket: true,
    fields: [['Cookie', `${GRANT_SITE.cookieName}=${text}`]],
  })

  it('each ticket lets one connection in, once', async () => {
    const site = await startSite({ binding: () => UNBOUND })
    const [first, second] = [await visit(kind, site.port), await visit(kind, site.port)]
    const text = site.ticket(first.socket, { isUnbound: true })
    expect(await first.see(upgrade(text))).toMatch(stands)
    expect(await second.see(upgrade(text))).not.toMatch(stands)
    expect(site.links).toHaveLength(1)
  })

  it('a ticket of version 2 is good on its own connection only', async () => {
    const site = await startSite()
    const [first, second] = [await visit(kind, site.port), await visit(kind, site.port)]
    const text = site.ticket(first.socket)
    expect(await second.see(upgrade(text))).not.toMatch(stands)
    expect(await first.see(upgrade(text))).toMatch(stands)
  })

  it('a ticket of version 1 is good where it is allowed only', async () => {
    for (const versions of [[2], [1, 2]] as const) {
      const site = await startSite({ versions })
      const visitor = await visit(kind, site.port)
      const seen = await visitor.see(upgrade(site.ticket(visitor.socket, { version: 1 })))
      expect(stands.test(seen)).toBe(versions.length === 2)
    }
  })

  it.each([
    [29_999, 1],
    [30_000, 0],
  ])('the cookie of a form counts for thirty seconds: after %i ms %i links', async (ms, links) => {
    const site = await startSite()
    const visitor = await visit(kind, site.port)
    const value = await visitor.form(site.ticket(visitor.socket))
    site.clock.advance(ms)
    await visitor.see({ target: PATH, isWebSocket: true, fields: [['Cookie', `__Host-s=${value}`]] })
    expect(site.links).toHaveLength(links)
  })

  it('the cookie of a form counts once, and not beside a ticket', async () => {
    const site = await startSite()
    const visitor = await visit(kind, site.port)
    const value = await visitor.form(site.ticket(visitor.socket))
    const both = [
      ['Cookie', `__Host-s=${value}`],
      ['Cookie', `${GRANT_SITE.cookieName}=AAAA`],
    ] as const
    await visitor.see({ target: PATH, isWebSocket: true, fields: both })
    await visitor.see({ target: PATH, isWebSocket: true, fields: [['Cookie', `__Host-s=${value}`]] })
    expect(site.links).toHaveLength(0)
  })

  it('nobody comes in over TLS 1.2, and everybody sees the site', async () => {
    const site = await startSite({ binding: () => UNBOUND })
    const visitor = await visit(kind, site.port, { maxVersion: 'TLSv1.2' })
    const text = site.ticket(visitor.socket, { isUnbound: true })
    expect(await visitor.see(upgrade(text))).not.toMatch(stands)
    expect(await visitor.see({ target: '/' })).toContain(PAGE)
    // It was not used up.
    const other = await visit(kind, site.port)
    expect(await other.see(upgrade(text))).toMatch(stands)
  })

  it('a store that fails is an absent ticket, and is reported', async () => {
    const store = await openMemoryStore(REPLAY_SCHEMA)
    const site = await startSite({ store })
    const visitor = await visit(kind, site.port)
    await store.close()
    expect(await visitor.see(upgrade(site.ticket(visitor.socket)))).not.toMatch(stands)
    expect(await visitor.see({ target: '/' })).toContain(PAGE)
    expect(site.errors.map((error) => isAivError(error, 'E_STORE_CLOSED'))).toEqual([true, true])
  })
})
