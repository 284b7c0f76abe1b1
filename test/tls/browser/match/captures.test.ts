import { createReadStream, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findHellos, type Match, matchHello, parseClientHello } from '../../../../src/lib/tls/index.ts'
import { conformancePath } from '../../../support/conformance.ts'

const folder = conformancePath('utls')

/** Verdict, browser and range in one line. */
function short(match: Match): string {
  return match.verdict === 'unknown'
    ? 'unknown'
    : `${match.verdict} ${match.browser} ${match.versions.first}-${match.versions.last}`
}

async function matchesIn(name: string): Promise<readonly Match[]> {
  const matches: Match[] = []
  await findHellos(createReadStream(`${folder}/${name}`), {
    onHello: (found) => {
      if (found.kind === 'client') matches.push(matchHello(found.hello, found.transport))
    },
  })
  return matches
}

/** How often each answer comes. */
async function countsIn(name: string): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  for (const match of await matchesIn(name)) counts[short(match)] = (counts[short(match)] ?? 0) + 1
  return counts
}

/** What sent each, by the record of their sources. Nothing is taken from the names. */
const CHROME_156 = [
  'chromium-156.0.8078.79-clienthello-1.bin',
  'chromium-156.0.8078.79-clienthello-2.bin',
  'chromium-156.0.8078.79-clienthello-3.bin',
  'chromium-156.0.8078.79-clienthello-4.bin',
  'chromium-156.0.8078.79-clienthello-5.bin',
  'chromium-156.0.8078.79-clienthello-6.bin',
  'chromium-156.0.8078.79-clienthello-7.bin',
  'chromium-156.0.8078.79-clienthello-8.bin',
  'chromium/chromium-156-full-h2-1.c2s.bin',
  'chromium/chromium-156-full-hrr-1.c2s.bin',
  'chromium/chromium-156-full-resume-1.c2s.bin',
  'chromium/chromium-156-full-resume-3.c2s.bin',
  'chromium/chromium-156-full-resume-4.c2s.bin',
  'chromium/chromium-156-hrr-ch1.bin',
  'chromium/chromium-156-hrr-ch2.bin',
  'chromium/chromium-156-hrr-psk-ch1.bin',
  'chromium/chromium-156-hrr-psk-ch2.bin',
  'chromium/chromium-156-ip-literal-nosni-ch.bin',
  'chromium/chromium-156-nofieldtrial-ch-1.bin',
  'chromium/chromium-156-nofieldtrial-ch-2.bin',
  'chromium/chromium-156-nofieldtrial-ch-3.bin',
  'chromium/chromium-156-nofieldtrial-ch-4.bin',
  'chromium/chromium-156-psk-resumption-ch.bin',
  'chromium/chromium-156-psk-resumption2-ch.bin',
  'chromium/chromium-156-resume-page-conn2-ch.bin',
  'chromium/chromium-156-resume-page-conn4-ch.bin',
  'chromium/chromium-156-resume-page-conn5-ch.bin',
  'chromium-ech/raw-1.bin',
  'chromium-ech/raw-2.bin',
  'chromium-ech/raw-3.bin',
]

const FIREFOX_153 = [1, 2, 3, 4].map((n) => `firefox/firefox-esr-153.7.0-clienthello-${n}.bin`)

/** Published with JA4: traffic of Chrome before ECH and after shuffling, and of other clients. */
const PUBLISHED: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
  ['badcurveball.pcap', { 'match chrome 72-82': 1 }],
  ['browsers-x509.pcapng', { 'match chrome 110-118': 3 }],
  ['dtls-udp.notest.cap', { unknown: 1 }],
  ['http2-with-cookies.pcapng', { 'match chrome 110-118': 1 }],
  ['https-connect.pcap', { unknown: 1 }],
  ['quic-tls-handshake.pcapng', { 'match chrome 110-118': 1 }],
  ['quic-with-several-tls-frames.pcapng', { 'match chrome 110-118': 1 }],
  ['socks-https-example.pcap', { unknown: 3 }],
  ['tls-handshake.pcapng', { 'match chrome 110-118': 84 }],
  // The first protocol was overwritten by hand with two bytes that no browser offers.
  ['tls-non-ascii-alpn.pcapng', { 'impostor chrome 110-118': 1 }],
  ['tls-sni.pcapng', { 'match chrome 110-118': 84 }],
  ['tls12.pcap', { 'match firefox 102-117': 1 }],
]

describe.runIf(folder !== undefined)('a captured hello', () => {
  it.each(CHROME_156)('is of Chrome 154 to 156: %s', async (name) => {
    const matches = await matchesIn(name)
    expect(matches.length).toBeGreaterThan(0)
    expect(new Set(matches.map(short))).toEqual(new Set(['match chrome 154-156']))
  })

  it('of Chrome 156 is kept from the versions before by its sorted trust anchors, and from 150 by having them', async () => {
    const [match] = await matchesIn(CHROME_156[0] as string)
    const deciding = match?.verdict === 'match' ? match.deciding : []
    const fieldOf = (template: string): unknown =>
      deciding.find(({ excludes }) => excludes === template)?.field
    expect(fieldOf('chrome-152')).toBe('trust_anchors')
    expect(fieldOf('chrome-150')).toBe('extensions')
  })

  it.each(FIREFOX_153)('is of Firefox 153: %s', async (name) => {
    expect((await matchesIn(name)).map(short)).toEqual(['match firefox 153-153'])
  })

  it.each(PUBLISHED)('published with JA4 is named: %s', async (name, expected) => {
    expect(await countsIn(`ja4-foxio/pcap/${name}`)).toEqual(expected)
  })

  it.each(['impit142-1.c2s.bin', 'impit151-1.c2s.bin'])(
    'of impit is that of an impostor: %s',
    async (name) => {
      const [match] = await matchesIn(`other-clients/${name}`)
      expect(match?.verdict).toBe('impostor')
      const tells = match?.verdict === 'impostor' ? match.tells : []
      expect(tells[0]).toEqual({
        field: 'extensions',
        kind: 'rule',
        expected: '2 of GREASE',
        found: '0 of GREASE',
      })
      expect(tells.map(({ field }) => field)).toContain('key_share')
    },
  )

  it('of a library that was built from the code of the browser has its structure, and is of that range', async () => {
    // wreq-js, which has BoringSSL and its settings from Chrome 149: what one hello shows is what Chrome shows.
    expect((await matchesIn('other-clients/wreq-1.c2s.bin')).map(short)).toEqual(['match chrome 133-149'])
  })

  it.each(['node20-1.c2s.bin', 'ossl-1.c2s.bin'])('of no browser is unknown: %s', async (name) => {
    expect(await matchesIn(`other-clients/${name}`)).toEqual([{ verdict: 'unknown', tells: [] }])
  })

  it('has the same answer when its random, session id and keys are others', () => {
    const record = new Uint8Array(readFileSync(`${folder}/${CHROME_156[0]}`))
    const body = record.slice(9)
    const hello = parseClientHello(body)
    const before = matchHello(hello, 'tcp')
    hello.random.fill(7)
    hello.sessionId.fill(9)
    expect(matchHello(parseClientHello(body), 'tcp')).toEqual(before)
  })
})
