/**
 * What an onlooker sees of a client that leaves a handshake, and what whoever answers in the place of the server sees: the same of
 * our client as of Chromium. Alerts are cheap to provoke for somebody on the way.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { ManualClock, systemClock } from '../../src/lib/core/index.ts'
import { connectTls, HelloBuilder, joinRoots, parseRoots, templateById } from '../../src/lib/tls/index.ts'
import { chromiumDom, keyHash } from '../support/chromium-page.ts'
import { type EchSite, openEchSite, type Visit } from '../support/ech-site/ech-site.ts'
import { judge } from '../support/judge.ts'
import {
  HELLO_AT,
  overwritten,
  putting,
  share,
  withExtensions,
  without,
} from '../support/tls-server/edits.ts'
import { newIdentity, type ServerIdentity } from '../support/tls-server/identity.ts'
import { NAMED_GROUP } from '../support/tls-server/key-exchange.ts'
import {
  type MessageName,
  type Piece,
  type Script,
  saying,
  tampered,
  withBody,
} from '../support/tls-server/script.ts'
import { number, RECORD_TYPE } from '../support/tls-server/wire.ts'

const CHROMIUM = judge('chromium')
const LONG_AGO_MS = 1_500_000_000_000
const [KEY_SHARE, VERSIONS, ALPN, UNKNOWN] = [51, 43, 16, 0x1234]
/** Chrome's hello, and the change of cipher spec that goes before everything else. */
const CHANGE = '20/0303'
const BASE: Script = { alpn: 'http/1.1', group: NAMED_GROUP.hybrid }
const RETRIED: Script = { ...BASE, group: NAMED_GROUP.p256, retry: { group: NAMED_GROUP.p256 } }

const say = (name: MessageName, change: (honest: Uint8Array) => readonly Piece[], more = BASE): Script => ({
  ...more,
  say: saying({ [name]: change }),
})
const hello = (change: (honest: Uint8Array) => Uint8Array): Script => say('server-hello', (m) => [change(m)])
const first = (...pieces: readonly Piece[]): Script => say('server-hello', () => pieces)
const bent = (m: Uint8Array, at = m.length - 1): Uint8Array => overwritten(m, at, (m[at] as number) ^ 1)
const garbage = Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')

/** In the open. */
const plain = (description: number, version = '0303'): string => `21/${version} 2:${description}`
/** Protected: as long for every description, which the server reads. */
const sealed = (description: number): string => `23/0303 19 bytes, alert ${description}`

interface Case {
  readonly what: string
  readonly script: Script
  /** Records after the hello, as Chromium 156 sent them. */
  readonly seen: readonly string[]
  readonly whose?: 'trusted' | 'unknown' | 'expired' | 'other'
}

const CASES: readonly Case[] = [
  { what: 'nobody vouches for it', script: BASE, whose: 'unknown', seen: [CHANGE, sealed(46)] },
  { what: 'its certificate has expired', script: BASE, whose: 'expired', seen: [CHANGE, sealed(46)] },
  { what: 'its certificate is of another name', script: BASE, whose: 'other', seen: [CHANGE, sealed(46)] },
  {
    what: 'its Finished is wrong',
    script: say('finished', (m) => tampered(m, bent(m))),
    seen: [CHANGE, sealed(51)],
  },
  {
    what: 'its signature is wrong',
    script: say('certificate-verify', (m) => tampered(m, bent(m))),
    seen: [CHANGE, sealed(51)],
  },
  {
    what: 'its extensions cannot be read',
    script: say('encrypted-extensions', (m) => [withBody(m, (b) => b.subarray(0, -1))]),
    seen: [CHANGE, sealed(50)],
  },
  {
    what: 'a record was altered on its way',
    script: say('encrypted-extensions', () => [
      { wire: Uint8Array.of(23, 3, 3, 0, 30, ...new Uint8Array(30)) },
    ]),
    seen: [CHANGE, sealed(20)],
  },
  {
    what: 'a record is not protected',
    script: say('encrypted-extensions', (m) => [{ type: RECORD_TYPE.handshake, content: m, isPlain: true }]),
    seen: [CHANGE, sealed(20)],
  },
  {
    what: 'something stands behind its hello',
    script: say('server-hello', (m) => [m, { unsaid: Uint8Array.of(8) }]),
    seen: [CHANGE, sealed(10)],
  },
  { what: 'it speaks HTTP', script: first({ wire: garbage }), seen: [plain(70, '0301')] },
  {
    what: 'its hello cannot be read',
    script: say('server-hello', (m) =>
      tampered(
        m,
        withBody(m, (b) => b.subarray(0, -3)),
      ),
    ),
    seen: [plain(50, '0301')],
  },
  {
    what: 'it sends data at once',
    script: first({ type: RECORD_TYPE.applicationData, content: new Uint8Array(30) }),
    seen: [plain(10, '0301')],
  },
  {
    what: 'its first record is too long',
    script: first({ wire: Uint8Array.of(22, 3, 3, 0x50, 0) }),
    seen: [plain(22, '0301')],
  },
  {
    what: 'its version is of the future',
    script: hello((m) => withExtensions(m, putting(VERSIONS, number(0x0305, 2)))),
    seen: [plain(70, '0301')],
  },
  {
    what: 'its suite is of nobody',
    script: hello((m) => bent(m, HELLO_AT.suite)),
    seen: [CHANGE, plain(47)],
  },
  {
    what: 'its session id is of another',
    script: hello((m) => bent(m, HELLO_AT.sessionId)),
    seen: [CHANGE, plain(50)],
  },
  {
    what: 'it compresses',
    script: hello((m) => overwritten(m, HELLO_AT.compression, 1)),
    seen: [CHANGE, plain(50)],
  },
  {
    what: 'it has no share',
    script: hello((m) => withExtensions(m, without(KEY_SHARE))),
    seen: [CHANGE, plain(109)],
  },
  {
    what: 'its share is short',
    script: hello((m) =>
      withExtensions(m, putting(KEY_SHARE, share(NAMED_GROUP.x25519, new Uint8Array(31)))),
    ),
    seen: [CHANGE, plain(80)],
  },
  {
    what: 'its share is of zeros',
    script: hello((m) =>
      withExtensions(m, putting(KEY_SHARE, share(NAMED_GROUP.x25519, new Uint8Array(32)))),
    ),
    seen: [CHANGE, plain(80)],
  },
  {
    what: 'it answers what nobody asked',
    script: hello((m) => withExtensions(m, putting(UNKNOWN, new Uint8Array(2)))),
    seen: [CHANGE, plain(110)],
  },
  {
    what: 'it names its protocol in the open',
    script: hello((m) => withExtensions(m, putting(ALPN, Buffer.from('\0\x03\x02h2')))),
    seen: [CHANGE, plain(110)],
  },
  {
    what: 'it asks for a group that is there',
    script: { ...BASE, retry: { group: NAMED_GROUP.x25519 } },
    seen: [CHANGE, plain(47)],
  },
  {
    what: 'it speaks HTTP after the second hello',
    script: say('server-hello', () => [{ wire: garbage }], RETRIED),
    seen: [CHANGE, '22/0303', plain(70)],
  },
]

const hostOf = (index: number): string => `case${index}.example.test`

function identityOf({ whose = 'trusted' }: Case, index: number): ServerIdentity {
  const clock = whose === 'expired' ? new ManualClock(LONG_AGO_MS) : systemClock
  return newIdentity(whose === 'other' ? 'other.example.test' : hostOf(index), clock)
}

const IDENTITIES = CASES.map(identityOf)
const sites: EchSite[] = []
afterAll(async () => {
  await Promise.all(sites.map(async ({ close }) => await close()))
})

async function siteOf(index: number): Promise<EchSite> {
  const { script } = CASES[index] as Case
  const site = await openEchSite(IDENTITIES[index] as ServerIdentity, script)
  sites.push(site)
  return site
}

function seenOf({ chunks, alerts }: Visit): readonly string[] {
  const bytes = Buffer.concat(chunks)
  const seen: string[] = []
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
    const [type, version] = [bytes[at], bytes.toString('hex', at + 1, at + 3)]
    const content =
      type === RECORD_TYPE.alert
        ? ` ${bytes[at + 5]}:${bytes[at + 6]}`
        : type === RECORD_TYPE.applicationData
          ? ` ${bytes.readUInt16BE(at + 3)} bytes, alert ${alerts[0]?.description}`
          : ''
    seen.push(`${type}/${version}${content}`)
  }
  return seen.slice(1)
}

async function firstVisit(site: EchSite): Promise<Visit> {
  await expect.poll(() => site.visits[0]?.isOver, { timeout: 10_000 }).toBe(true)
  return site.visits[0] as Visit
}

describe('our client leaves a server as Chrome does when', () => {
  it.each(CASES.map(({ what }, index) => [what, index] as const))('%s', async (_what, index) => {
    const { seen, whose = 'trusted' } = CASES[index] as Case
    const site = await siteOf(index)
    const connecting = connectTls({
      host: '127.0.0.1',
      port: site.port,
      serverName: hostOf(index),
      builder: new HelloBuilder(templateById('chrome-154')),
      roots: whose === 'unknown' ? joinRoots() : parseRoots((IDENTITIES[index] as ServerIdentity).pem),
      clock: systemClock,
    })
    await expect(connecting).rejects.toMatchObject({
      code: expect.stringMatching(/^E_(HANDSHAKE|CERTIFICATE)$/),
    })
    expect(seenOf(await firstVisit(site))).toEqual(seen)
  })
})

describe.skipIf(CHROMIUM === undefined)('Chromium, today,', () => {
  it('leaves each of these servers so', { timeout: 60_000 }, async () => {
    const running = await Promise.all(CASES.map(async (_case, index) => await siteOf(index)))
    const trusted = CASES.flatMap(({ whose = 'trusted' }, index) =>
      whose === 'trusted' ? [keyHash((IDENTITIES[index] as ServerIdentity).pem)] : [],
    )
    const images = running.map((_site, index) => `<img src=https://${hostOf(index)}/>`).join('')
    await chromiumDom(CHROMIUM as string, `data:text/html,${images}`, [
      `--ignore-certificate-errors-spki-list=${trusted.join(',')}`,
      `--host-resolver-rules=${running.map(({ port }, index) => `MAP ${hostOf(index)} 127.0.0.1:${port}`).join(',')}`,
    ])
    const seen = await Promise.all(running.map(async (site) => seenOf(await firstVisit(site))))
    expect(Object.fromEntries(CASES.map(({ what }, index) => [what, seen[index]]))).toEqual(
      Object.fromEntries(CASES.map(({ what, seen: expected }) => [what, expected])),
    )
  })
})
