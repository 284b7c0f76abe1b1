/**
 * The server that our client is tried with, tried with a real Chromium: what it accepts, our client has to accept, and what
 * onlookers see of the one they have to see of the other.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/lib/core/index.ts'
import { selfSigned } from '../../src/lib/tls/certificate/self-signed.ts'
import {
  connectTls,
  HelloBuilder,
  joinRoots,
  parseEchConfigList,
  parseRoots,
  templateById,
} from '../../src/lib/tls/index.ts'
import { chromiumVisit } from '../support/ech-site/chromium-visit.ts'
import { openDohServer } from '../support/ech-site/doh-server.ts'
import { newEchKeys, PUBLIC_NAME, SECRET_NAME, twoNames } from '../support/ech-site/ech-keys.ts'
import { type EchSite, openEchSite, type Visit } from '../support/ech-site/ech-site.ts'
import { judge } from '../support/judge.ts'
import { NAMED_GROUP } from '../support/tls-server/key-exchange.ts'
import type { Script } from '../support/tls-server/script.ts'

const CHROMIUM = judge('chromium')
const NAMES = twoNames()
const DOH = selfSigned({ names: ['localhost'], clock: systemClock })
const [KNOWN, OTHER] = [newEchKeys(), newEchKeys()]
const ACCEPTING: Script = {
  alpn: 'http/1.1',
  group: NAMED_GROUP.x25519,
  ech: { key: KNOWN.key, publicIdentity: NAMES.front },
}
const RETRYING: Script = { ...ACCEPTING, group: NAMED_GROUP.p256, retry: { group: NAMED_GROUP.p256 } }
const REFUSING: Script = {
  ...ACCEPTING,
  ech: { key: OTHER.key, publicIdentity: NAMES.front, retryConfigs: OTHER.list },
}
const REFUSING_AFTER_RETRY: Script = {
  ...RETRYING,
  ...(REFUSING.ech === undefined ? {} : { ech: REFUSING.ech }),
}
const BOTH_SECRET = { shown: PUBLIC_NAME, meant: SECRET_NAME }

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map(async (close) => await close()))
})

async function siteOf(script: Script): Promise<EchSite> {
  const site = await openEchSite(NAMES.behind, script)
  closers.push(site.close)
  return site
}

async function visitByChromium(site: EchSite): Promise<string> {
  const doh = await openDohServer(DOH, SECRET_NAME, KNOWN.list)
  closers.push(doh.close)
  return await chromiumVisit(CHROMIUM as string, {
    url: `https://${SECRET_NAME}:${site.port}/`,
    dohPort: doh.port,
    trusted: [NAMES.behind.pem, NAMES.front.pem, DOH.cert],
  })
}

async function visitByUs(site: EchSite, list = KNOWN.list): Promise<string> {
  const { stream } = await connectTls({
    host: '127.0.0.1',
    port: site.port,
    serverName: SECRET_NAME,
    builder: new HelloBuilder(templateById('chrome-154')),
    roots: joinRoots(parseRoots(NAMES.behind.pem), parseRoots(NAMES.front.pem)),
    ech: parseEchConfigList(list),
    onEchRetry: () => undefined,
    clock: systemClock,
  })
  stream.write(`GET / HTTP/1.1\r\nHost: ${SECRET_NAME}\r\n\r\n`)
  let page = ''
  for await (const chunk of stream) {
    page += String(chunk)
    if (page.includes('</title>')) break
  }
  return page
}

/** What an onlooker sees of a client: types and lengths of its records; the sizes of first hellos differ by nothing. */
function shapeOf({ chunks }: Visit): unknown {
  const bytes = Buffer.concat(chunks)
  const shape: string[] = []
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3))
    shape.push(`${bytes[at]}:${bytes.readUInt16BE(at + 3)}`)
  return shape
}

const wire = ({ chunks }: Visit): string => Buffer.concat(chunks).toString('latin1')

describe.skipIf(CHROMIUM === undefined)('a server with ECH', () => {
  it.each([
    ['the first hello', ACCEPTING, 1],
    ['the second hello', RETRYING, 2],
  ] as const)(
    'is used by Chromium and by us in secret, with %s',
    { timeout: 60_000 },
    async (_which, script, hellos) => {
      const site = await siteOf(script)
      const title = `<title>in secret to ${SECRET_NAME}, after ${hellos} hello</title>`
      expect(await visitByChromium(site)).toContain(title)
      const real = site.visits[0] as Visit
      expect(await visitByUs(site)).toContain(title)
      const ours = site.visits.at(-1) as Visit
      for (const { server } of [real, ours])
        expect(server.names).toEqual(Array.from({ length: hellos }, () => BOTH_SECRET))
      expect(wire(ours)).not.toContain('secret')
    },
  )

  it.each([
    ['the first hello', REFUSING],
    ['both hellos', REFUSING_AFTER_RETRY],
  ] as const)(
    'is left alike by Chromium and by us when it refuses %s, and used with what it gave',
    { timeout: 60_000 },
    async (_which, script) => {
      const site = await siteOf(script)
      expect(await visitByChromium(site)).toContain(`<title>in secret to ${SECRET_NAME}`)
      const real = site.visits[0] as Visit
      const before = site.visits.length
      expect(await visitByUs(site)).toContain(`<title>in secret to ${SECRET_NAME}`)
      const ours = site.visits[before] as Visit
      expect(site.visits).toHaveLength(before + 2)
      for (const { alerts } of [real, ours]) expect(alerts).toEqual([{ description: 121, isProtected: true }])
      expect(shapeOf(ours)).toEqual(shapeOf(real))
      expect(site.visits.map(wire).join('')).not.toContain('secret')
    },
  )
})
