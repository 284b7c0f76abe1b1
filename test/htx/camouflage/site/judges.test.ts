/** Programs that are not ours: a browser and curl see a web site, and a WebSocket library with a ticket comes in. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { Link } from '../../../../src/lib/link/index.ts'
import { chromiumPage } from '../../../support/chromium-page.ts'
import { judge } from '../../../support/judge.ts'
import { openTls, PAGE, PATH, startSite } from './site.ts'

const run = promisify(execFile)

describe('a stranger', () => {
  it('sees the page in a browser, while a link is up on the same port', { timeout: 60_000 }, async () => {
    const program = judge('chromium')
    if (program === undefined) return
    const site = await startSite()
    const socket = await openTls(site.port)
    await openWebSocket(site.port, site.ticket(socket), socket)
    const page = await chromiumPage(program, 'decoy.test', site.port)
    expect(page).toContain('<title>Garden notes</title>')
    expect(site.links).toHaveLength(1)
    expect(site.errors).toEqual([])
  })

  it.each(['--http2', '--http1.1'])('gets files, ranges and refusals with curl %s', async (version) => {
    const program = judge('curl')
    if (program === undefined) return
    const site = await startSite()
    const curl = async (...args: readonly string[]): Promise<string> =>
      (await run(program, ['-sk', version, '--max-time', '10', ...args], { timeout: 15_000 })).stdout
    const url = `https://127.0.0.1:${site.port}`
    expect(await curl(`${url}/`)).toBe(PAGE)
    expect(await curl('-r', '0-3', `${url}/css/site.css`)).toBe('p { ')
    expect(await curl('-o', '/dev/null', '-w', '%{http_code} %{http_version}', `${url}/none`)).toBe(
      version === '--http2' ? '404 2' : '404 1.1',
    )
    expect(await curl('-d', 'a=b', '-w', '%{http_code}', '-o', '/dev/null', `${url}/contact`)).toBe('303')
    expect(await curl('-T', '/dev/null', '-w', '%{http_code}', '-o', '/dev/null', `${url}/`)).toBe('405')
  })
})

describe('whoever has a ticket', () => {
  it('comes in with a WebSocket library', async () => {
    const site = await startSite()
    const socket = await openTls(site.port)
    const webSocket = await openWebSocket(site.port, site.ticket(socket), socket)
    expect(webSocket.extensions).toBe('')
    const link = site.links[0] as Link
    const received = new Promise<string>((resolve) =>
      link.attach({
        data: (bytes) => resolve(Buffer.from(bytes).toString()),
        end: () => {},
        drain: () => {},
        close: () => {},
      }),
    )
    webSocket.send(Buffer.from('from the library'))
    expect(await received).toBe('from the library')
    const answered = new Promise<string>((resolve) =>
      webSocket.once('message', (text) => resolve(String(text))),
    )
    link.write([Buffer.from('from the link')])
    expect(await answered).toBe('from the link')
    // The same keys on both sides of the outer connection.
    const ours = link.exportKeyingMaterial?.(32, 'EXPORTER-test', new Uint8Array(3))
    expect(Buffer.from(ours ?? [])).toEqual(socket.exportKeyingMaterial(32, 'EXPORTER-test', Buffer.alloc(3)))
  })
})

describe('a crowd', () => {
  it('of five hundred members is served, and the page beside them', { timeout: 60_000 }, async () => {
    const site = await startSite({ visitorLimits: { total: 600, perPrefix: 600 } })
    const join = async (): Promise<WebSocket> => {
      const socket = await openTls(site.port)
      return await openWebSocket(site.port, site.ticket(socket), socket)
    }
    const members: WebSocket[] = []
    for (let i = 0; i < 20; i++) members.push(...(await Promise.all(Array.from({ length: 25 }, join))))
    expect(site.links).toHaveLength(500)
    for (const link of site.links)
      link.attach({ data: (bytes) => link.write([bytes]), end: () => {}, drain: () => {}, close: () => {} })
    const echoes = members.map(
      (member, i) =>
        new Promise<string>((resolve) => {
          member.once('message', (text) => resolve(String(text)))
          member.send(Buffer.from(`member ${i}`))
        }),
    )
    expect(await Promise.all(echoes)).toEqual(members.map((_, i) => `member ${i}`))
    const program = judge('curl')
    if (program === undefined) return
    const { stdout } = await run(program, ['-sk', '--max-time', '10', `https://127.0.0.1:${site.port}/`])
    expect(stdout).toBe(PAGE)
  })
})

type OuterSocket = Awaited<ReturnType<typeof openTls>>

async function openWebSocket(port: number, ticket: string, socket: OuterSocket): Promise<WebSocket> {
  const webSocket = new WebSocket(`wss://127.0.0.1:${port}${PATH}`, {
    createConnection: () => socket,
    headers: { Cookie: `__Host-bn1=${ticket}` },
  })
  onTestFinished(() => webSocket.terminate())
  await new Promise<void>((resolve, reject) => {
    webSocket.once('open', resolve)
    webSocket.once('error', reject)
  })
  return webSocket
}
