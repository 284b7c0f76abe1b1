/** A listener on htx+https and its clients as processes; Chromium visits the same port. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SeededRandom } from '../../src/lib/core/index.ts'
import { newEchKey } from '../../src/lib/tls/index.ts'
import { aiv, cleanEnvironment, EXECUTABLE, startAiv, temporaryFolder } from '../support/aiv.ts'
import { chromiumPage } from '../support/chromium-page.ts'
import { judge } from '../support/judge.ts'
import { recordingProxy } from '../support/recording-proxy.ts'
import { clientArgs, type RunningSite, SITE_NAME, startSite } from '../support/site-workplace.ts'

const CHROMIUM = judge('chromium')
const MIB = 1024 * 1024

async function echoThrough(
  site: RunningSite,
  input: string | Uint8Array,
  more: readonly string[] = [],
  address = site.address,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  return await aiv(['htx', 'connect', address, ...clientArgs(site), ...more], {
    cwd: site.folder,
    input,
    timeoutMs: 30_000,
  })
}

describe('aiv htx connect htx+https', () => {
  it.each([
    ['ws', 'cookie'],
    ['ws', 'query'],
    ['ws', 'body'],
    ['h2', 'cookie'],
    ['h2', 'query'],
    ['h2', 'body'],
  ])('carries a pipe in mode %s with the ticket in the %s', async (mode, carrier) => {
    const site = await startSite({ carriers: `${carrier}:1` })
    const { code, stdout, stderr } = await echoThrough(site, 'quiet words', ['--mode', mode])
    expect([code, stdout], stderr).toEqual([0, 'quiet words'])
  })

  it('does not warn about the address, as it does about others', async () => {
    const site = await startSite()
    expect((await echoThrough(site, 'x')).stderr).not.toContain('not hidden')
    const plain = startAiv(['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--json'])
    const { address } = await plain.nextEvent()
    const { stderr } = await aiv(['htx', 'connect', String(address)], { input: 'x' })
    expect(stderr).toMatch(/^warn: htx\+tcp is not hidden/m)
  })

  it('meets a web site when its grant is of another listener', async () => {
    const [site, other] = [await startSite(), await startSite()]
    const { code, stdout, stderr } = await aiv(
      ['htx', 'connect', site.address, '--ticket', 'grant.json', '--pin', site.pin, '--retry', '0'],
      { cwd: other.folder, input: 'secret' },
    )
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('web site')
  })

  it.each([
    ['no grant', ['--pin', 'PIN'], 'needs an access ticket'],
    ['an unverified outer TLS', ['--ticket', 'grant.json', '--insecure-outer'], 'always verified'],
  ])('is refused with %s before anything is sent', async (_what, args, message) => {
    const site = await startSite()
    const { code, stderr } = await aiv(
      ['htx', 'connect', site.address, ...args.map((arg) => (arg === 'PIN' ? site.pin : arg))],
      { cwd: site.folder, input: 'x' },
    )
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })

  it.each(['ws', 'h2'])('compares the server with its origin first in mode %s', async (mode) => {
    const site = await startSite()
    const compared = ['--mode', mode, '--origin', `https://${SITE_NAME}/`, '--tolerance', '0']
    const { code, stdout, stderr } = await echoThrough(site, 'the same', compared)
    expect([code, stdout], stderr).toEqual([0, 'the same'])
  })

  it('brings no ticket to a front that cannot read its encrypted hello', async () => {
    const site = await startSite()
    const { list } = newEchKey(SITE_NAME)
    const ech = Buffer.from(list).toString('base64')
    const { code, stdout, stderr } = await echoThrough(site, 'secret', ['--ech', ech, '--retry', '0'])
    expect([code, stdout], stderr).toEqual([1, ''])
    expect(stderr).toContain('ECH')
  })

  it('does not try again at once without covers, and says why', async () => {
    const { folder, address, port } = await startSite()
    // Port 1 of loopback: nobody listens there.
    const dead = address.replace(`:${port}/`, ':1/')
    const args = ['htx', 'connect', dead, '--ticket', 'grant.json']
    const { code, stderr } = await aiv(args, { cwd: folder, input: 'x' })
    expect([code, stderr]).toEqual([3, expect.stringMatching(/refused[\s\S]*--cover/)])
  })

  it.each([
    ['without covers', ['--no-cover'], /^error: cannot reach 127\.0\.0\.1:1: connection refused/m],
    ['with covers that nobody answers', ['--cover', 'covers.txt'], /too few cover origins can be reached/],
  ])('waits for its other attempts %s, and fails when they do', async (_what, more, message) => {
    const { folder, address, port } = await startSite()
    writeFileSync(join(folder, 'covers.txt'), [2, 3, 4, 5].map((n) => `https://127.0.0.${n}:1/\n`).join(''))
    const dead = address.replace(`:${port}/`, ':1/')
    // Nothing but a pause is under way between the attempts, not even a pipe.
    const args = ['htx', 'ping', dead, '--ticket', 'grant.json', ...more]
    const { code, stderr } = await aiv(args, { cwd: folder, timeoutMs: 20_000 })
    expect([code, stderr]).toEqual([3, expect.stringMatching(message)])
  })

  it('takes tickets of version 1 only when both sides say so', async () => {
    const site = await startSite({ version: 1, args: ['--echo', '--ticket', 'v1'] })
    const refused = await echoThrough(site, 'x')
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('version 1')])
    expect((await echoThrough(site, 'agreed', ['--ticket', 'v1'])).stdout).toBe('agreed')
  })

  it.each([
    ['keys of version 1', ['--decoy', '.', '--tickets', 'tickets.json'], 'version 1'],
    ['no decoy', ['--tickets', 'tickets.json'], '--decoy'],
    ['no tickets', ['--decoy', '.'], '--tickets'],
  ])('is not listened for with %s', async (_what, args, message) => {
    const { folder } = await startSite({ version: 1, args: ['--echo', '--ticket', 'v1'] })
    const { code, stderr } = await aiv(['htx', 'listen', 'htx+https://127.0.0.1:0', '--echo', ...args], {
      cwd: folder,
    })
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

describe.runIf(CHROMIUM !== undefined)('Chromium', () => {
  const chromium = CHROMIUM as string

  it('sees the decoy while a client moves data both ways through the same port', async () => {
    const site = await startSite({ timeoutMs: 90_000 })
    const echo = pump(site)
    await echo.until(2 * MIB)
    expect(await chromiumPage(chromium, SITE_NAME, site.port)).toContain('<title>Bread</title>')
    const { sent, received } = await echo.finish()
    expect(sent.bytes).toBeGreaterThan(2 * MIB)
    expect(received).toEqual(sent)
  }, 100_000)

  it('and the client send hellos that nobody tells apart, in both modes', async () => {
    // To another name: to this one Chromium would open it inside the connection of the page.
    const site = await startSite({
      body: `<script>new WebSocket('wss://news.${SITE_NAME}/')</script>`,
    })
    const proxy = await recordingProxy(site.port)
    await chromiumPage(chromium, SITE_NAME, proxy.port)
    const address = site.address.replace(`:${site.port}/`, `:${proxy.port}/`)
    const visits = proxy.clients.length
    for (const mode of ['ws', 'h2'])
      expect((await echoThrough(site, 'x', ['--mode', mode], address)).stdout).toBe('x')
    const seen = await Promise.all(
      proxy.clients.map(({ sent }, i) => nameHello(site, `${i}.bin`, Buffer.concat(sent))),
    )
    const [socket, page] = seen.slice(visits, visits + 2)
    expect(seen.slice(0, visits).map(({ ja4 }) => ja4)).toEqual(
      expect.arrayContaining([socket?.ja4, page?.ja4]),
    )
    expect(socket?.ja4).toMatch(/^t13d\d\d\d\dh1_/)
    expect(page?.ja4).toMatch(/^t13d\d\d\d\dh2_/)
    expect([socket?.verdict, page?.verdict]).toEqual(['match', 'match'])
  }, 100_000)
})

interface Moved {
  readonly bytes: number
  readonly sha256: string
}

/** Sends through the echo of the site, as fast as it goes, until it is told to finish. */
function pump(site: RunningSite): {
  until(bytes: number): Promise<void>
  finish(): Promise<{ readonly sent: Moved; readonly received: Moved }>
} {
  const child = spawn(process.execPath, [EXECUTABLE, 'htx', 'connect', site.address, ...clientArgs(site)], {
    cwd: site.folder,
    env: cleanEnvironment(temporaryFolder()),
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const random = new SeededRandom(9)
  const hashes = { sent: createHash('sha256'), received: createHash('sha256') }
  let sentBytes = 0
  let receivedBytes = 0
  let isFinishing = false
  let wake = (): void => {}
  child.stdout.on('data', (chunk: Buffer) => {
    hashes.received.update(chunk)
    receivedBytes += chunk.length
    wake()
  })
  const send = async (): Promise<void> => {
    const block = random.bytes(MIB)
    while (!isFinishing) {
      // No two blocks alike.
      block.set(random.bytes(16), (sentBytes / MIB) % 1000)
      const piece = Buffer.from(block)
      hashes.sent.update(piece)
      sentBytes += piece.length
      if (!child.stdin.write(piece)) await once(child.stdin, 'drain')
    }
    child.stdin.end()
  }
  const sending = send()
  return {
    async until(bytes) {
      while (receivedBytes < bytes)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    },
    async finish() {
      isFinishing = true
      await Promise.all([sending, once(child, 'close')])
      return {
        sent: { bytes: sentBytes, sha256: hashes.sent.digest('hex') },
        received: { bytes: receivedBytes, sha256: hashes.received.digest('hex') },
      }
    },
  }
}

async function nameHello(
  { folder }: RunningSite,
  name: string,
  bytes: Uint8Array,
): Promise<{ readonly ja4: string; readonly verdict: string }> {
  writeFileSync(join(folder, name), bytes)
  const [named, matched] = await Promise.all(
    ['fingerprint', 'match'].map((verb) => aiv(['utls', verb, name, '--json'], { cwd: folder })),
  )
  const { ja4 } = JSON.parse(named?.stdout ?? '') as { readonly ja4: string }
  const { verdict } = JSON.parse(matched?.stdout ?? '') as { readonly verdict: string }
  return { ja4, verdict }
}
