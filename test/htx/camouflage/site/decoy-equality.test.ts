/** Whoever has no valid ticket sees the decoy, to the byte, and the connection goes on as any other (section 10.3). */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import { systemRandom } from '../../../../src/lib/crypto/index.ts'
import type { Decoy } from '../../../../src/lib/htx/camouflage/site/index.ts'
import { newTicketKey } from '../../../../src/lib/htx/ticket/index.ts'
import { decoyFolder, GRANT_SITE, PATH, type RunningSite, startSite, type TicketChanges } from './site.ts'
import { type Ask, type Visitor, type VisitorKind, visit } from './visitors.ts'

const FORM: readonly [string, string] = ['Content-Type', 'application/x-www-form-urlencoded']
const UPGRADE: Ask = { target: PATH, isWebSocket: true }
const POST: Ask = { method: 'POST', target: GRANT_SITE.path, fields: [FORM], body: 'name=x' }

/** An ordinary program as the origin, with headers and a body of its own. */
async function startOrigin(): Promise<string> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume()
    request.on('end', () => {
      response.setHeader('X-Powered-By', 'Gardens')
      response.setHeader('Set-Cookie', ['a=1; Path=/', 'b=2; Path=/'])
      const found = request.url?.startsWith('/css') !== true
      response.writeHead(found ? 200 : 404, { 'Content-Type': 'text/html' })
      response.end(`${request.method} of the garden`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function decoyOf(kind: Decoy['kind']): Promise<Decoy> {
  return kind === 'directory' ? { kind, path: decoyFolder() } : { kind, url: await startOrigin() }
}

interface Probe {
  readonly name: string
  /** The request that it must look like. */
  readonly like: Ask
  /** @param text makes a valid ticket for this connection, or one with a flaw */
  readonly ask: (text: (changes?: TicketChanges) => string) => Ask
  /** Says whether the ticket is used up before, by a form on the same connection. */
  readonly isUsed?: boolean
}

const cookie = (value: string): readonly [string, string] => ['Cookie', `${GRANT_SITE.cookieName}=${value}`]
const withCookie = (text: string): Ask => ({ ...UPGRADE, fields: [cookie(text)] })
const withQuery = (...texts: readonly string[]): Ask => ({
  ...UPGRADE,
  target: `${PATH}?${texts.map((text) => `bn1=${text}`).join('&')}`,
})
const withBody = (body: string): Ask => ({ ...POST, body })

const otherKey = { ...newTicketKey(systemRandom, new ManualClock()), notBefore: 0 }

const PROBES: readonly Probe[] = [
  { name: 'a text that is no ticket', like: UPGRADE, ask: () => withCookie('x'.repeat(200)) },
  { name: 'an empty text', like: UPGRADE, ask: () => withQuery('') },
  {
    name: 'a ticket of two hours ago',
    like: UPGRADE,
    ask: (text) => withCookie(text({ offByMs: -7_200_000 })),
  },
  {
    name: 'a ticket of another key',
    like: UPGRADE,
    ask: (text) => withQuery(text({ grant: otherGrant })),
  },
  {
    name: 'a ticket for another server',
    like: UPGRADE,
    ask: (text) => withCookie(text({ serverStatic: new Uint8Array(32) })),
  },
  { name: 'a used ticket', like: UPGRADE, ask: (text) => withCookie(text()), isUsed: true },
  {
    name: 'a ticket in two carriers',
    like: UPGRADE,
    ask: (text) => {
      const value = text()
      return { ...withQuery(value), fields: [cookie(value)] }
    },
  },
  { name: 'two tickets in one carrier', like: UPGRADE, ask: (text) => withQuery(text(), text()) },
  { name: 'a ticket with "="', like: UPGRADE, ask: (text) => withCookie(`${text()}=`) },
  { name: 'a ticket in quotes', like: UPGRADE, ask: (text) => withCookie(`"${text()}"`) },
  {
    name: 'a ticket at another path',
    like: { ...UPGRADE, target: '/' },
    ask: (text) => ({ ...withCookie(text()), target: '/' }),
  },
  {
    name: 'a ticket in a page request',
    like: { target: PATH },
    ask: (text) => ({ target: PATH, fields: [cookie(text())] }),
  },
  {
    name: 'a ticket in a POST for the link',
    like: { method: 'POST', target: PATH, fields: [FORM], body: 'name=x' },
    ask: (text) => ({ method: 'POST', target: PATH, fields: [FORM], body: `bn1=${text()}` }),
  },
  {
    name: 'a session cookie that nobody gave',
    like: UPGRADE,
    ask: () => ({ ...UPGRADE, fields: [['Cookie', `__Host-s=${'A'.repeat(43)}`]] }),
  },
  { name: 'a form with a valid ticket', like: POST, ask: (text) => withBody(`bn1=${text()}`) },
  {
    name: 'a form with an expired ticket',
    like: POST,
    ask: (text) => withBody(`bn1=${text({ offByMs: -7_200_000 })}`),
  },
  { name: 'a form with two tickets', like: POST, ask: (text) => withBody(`bn1=${text()}&bn1=${text()}`) },
  { name: 'an empty form', like: POST, ask: () => withBody('') },
  { name: 'a huge form', like: POST, ask: (text) => withBody(`${'a=b&'.repeat(10_000)}bn1=${text()}`) },
  {
    name: 'a form of another type',
    like: POST,
    ask: (text) => ({ ...POST, fields: [['Content-Type', 'text/plain']], body: `bn1=${text()}` }),
  },
]

const otherGrant = {
  ticketPub: otherKey.pair.publicKey,
  ticketKeyId: otherKey.id,
  policyText: '',
  policy: { version: 2 as const, carriers: [] },
  ...GRANT_SITE,
  notAfter: otherKey.notAfter,
}

/** The answer to the probe, and to the page that is asked for next on the same connection. */
async function answers(site: RunningSite, kind: VisitorKind, probe: Probe): Promise<readonly string[]> {
  const visitor = await visit(kind, site.port)
  const used = site.ticket(visitor.socket)
  const before = probe.isUsed === true ? [await visitor.see(withBody(`bn1=${used}`))] : []
  const ask = probe.ask((changes) => (probe.isUsed === true ? used : site.ticket(visitor.socket, changes)))
  return [...before, await visitor.see(ask), await visitor.see({ target: '/' })]
}

async function reference(visitor: Visitor, probe: Probe): Promise<readonly string[]> {
  const before = probe.isUsed === true ? [await visitor.see(POST)] : []
  return [...before, await visitor.see(probe.like), await visitor.see({ target: '/' })]
}

describe.each(['HTTP/1.1', 'HTTP/2'] as const)('over %s', (kind) => {
  it.each(['directory', 'origin'] as const)('no probe is told from the decoy of a %s', async (what) => {
    const decoy = await decoyOf(what)
    const site = await startSite({ decoy })
    const plain = await startSite({ decoy, hasKeys: () => false })
    for (const probe of PROBES) {
      const expected = await reference(await visit(kind, plain.port), probe)
      expect(await answers(site, kind, probe), `${probe.name}, of a listener`).toEqual(expected)
      expect(await answers(plain, kind, probe), `${probe.name}, of a mere site`).toEqual(expected)
    }
    expect([site.links.length, site.errors, plain.errors]).toEqual([0, [], []])
  })

  it('a request for a WebSocket is answered alike on every path', async () => {
    const site = await startSite()
    const seen = await visit(kind, site.port)
    const there = await seen.see(UPGRADE)
    expect(await seen.see({ ...UPGRADE, target: '/no/such/thing' })).toBe(there)
    expect(await seen.see({ ...UPGRADE, target: `${PATH}/` })).toBe(there)
  })
})

describe('over HTTP/1.1', () => {
  it('a folder answers a request for a WebSocket as one for a page', async () => {
    const site = await startSite()
    for (const target of ['/', PATH, '/css/site.css']) {
      const visitor = await visit('HTTP/1.1', site.port)
      const page = await visitor.see({ target })
      expect(await visitor.see({ target, isWebSocket: true })).toBe(page)
      expect(await visitor.see({ target })).toBe(page)
    }
  })

  it('a wrong request for a WebSocket with a valid ticket is one for a page, and the ticket stays good', async () => {
    const site = await startSite()
    const visitor = await visit('HTTP/1.1', site.port)
    const page = await visitor.see({ target: PATH })
    const text = site.ticket(visitor.socket)
    for (const key of ['short', 'dGhlIHNhbXBsZSBub25jZQ=', `${'A'.repeat(22)}!=`]) {
      const ask = { ...withCookie(text), fields: [cookie(text), ['Sec-WebSocket-Key', key] as const] }
      expect(await visitor.see(ask), key).toBe(page)
    }
    expect(await visitor.see(withCookie(text))).toMatch(/^HTTP\/1\.1 101 /)
  })
})
