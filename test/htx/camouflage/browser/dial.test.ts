/** Links that are opened as a browser would, to sites of Node's own TLS and HTTP and of `ws`. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemRandom } from '../../../../src/lib/crypto/index.ts'
import { dialCamouflaged, type ServerObservation } from '../../../../src/lib/htx/camouflage/browser/index.ts'
import { encodeBase64Url } from '../../../../src/lib/htx/ticket/index.ts'
import { httpProxy, socks5Proxy } from '../../../link/proxies.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { dialOptions, echoed, TICKET } from '../../../support/camouflage/dialling.ts'
import { clientFrames, recordSizes } from '../../../support/camouflage/http2-frames.ts'
import {
  FORM_COOKIE_VALUE,
  type RecordedConnection,
  recordingSite,
} from '../../../support/camouflage/recording-site.ts'
import { judge } from '../../../support/judge.ts'

const TEXT = encodeBase64Url(TICKET)
const BYTES = systemRandom.bytes(300_000)

/** How tshark reads what a client sent: kinds of its records, and what it finds malformed. */
function dissected(
  wire: readonly Uint8Array[],
  tshark: string,
): { readonly kinds: string; readonly faults: string } {
  const file = join(temporaryFolder(), 'client.pcap')
  const dump = [...Buffer.concat(wire)].map((byte, at) => {
    const offset = at % 16 === 0 ? `\n${at.toString(16).padStart(6, '0')}` : ''
    return `${offset} ${byte.toString(16).padStart(2, '0')}`
  })
  execFileSync('text2pcap', ['-q', '-T', '50000,443', '-', file], { input: `${dump.join('')}\n` })
  const fields = ['tls.record.content_type', '_ws.malformed']
  const args = ['-r', file, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])]
  const [kinds = '', faults = ''] = execFileSync(tshark, args, { encoding: 'utf8' }).split('\t')
  return { kinds, faults: faults.trim() }
}

const tshark = judge('tshark')

describe('a camouflaged link', () => {
  for (const mode of ['ws', 'h2'] as const) {
    it(`carries bytes both ways in mode ${mode}, with the ticket in a cookie`, async () => {
      const site = await recordingSite()
      const link = await dialCamouflaged({ ...dialOptions(site), mode })
      onTestFinished(() => link.abort())
      expect(await echoed(link, BYTES)).toEqual(BYTES)
      const requests = site.connections.flatMap((connection) => connection.requests)
      const upgrade = requests.at(-1)
      expect(upgrade).toMatchObject({ method: mode === 'ws' ? 'GET' : 'CONNECT', path: '/chat' })
      const cookies = upgrade?.fields.filter(([name]) => name.toLowerCase() === 'cookie')
      expect(cookies?.map(([, value]) => value)).toEqual([`__Host-bn1=${TEXT}`])
      expect(requests).toHaveLength(mode === 'ws' ? 1 : 2)
      expect(site.connections).toHaveLength(1)
      expect(site.connections[0]?.alpn).toBe(mode === 'ws' ? 'http/1.1' : 'h2')
      const material = link.exportKeyingMaterial?.(32, 'EXPORTER-test', Uint8Array.of(1, 2))
      expect(material).toEqual(
        new Uint8Array(
          site.connections[0]?.exportKeyingMaterial(32, 'EXPORTER-test', Uint8Array.of(1, 2)) as Uint8Array,
        ),
      )
    })

    it(`puts the ticket into the query alone in mode ${mode}`, async () => {
      const site = await recordingSite()
      const link = await dialCamouflaged({ ...dialOptions(site, 'query'), mode })
      onTestFinished(() => link.abort())
      expect(await echoed(link, BYTES)).toEqual(BYTES)
      const upgrade = site.connections[0]?.requests.at(-1)
      expect(upgrade?.path).toBe(`/chat?bn1=${TEXT}`)
      expect(upgrade?.fields.some(([name]) => name.toLowerCase() === 'cookie')).toBe(false)
    })

    it(`posts the ticket first and comes with the cookie of the answer in mode ${mode}`, async () => {
      const site = await recordingSite()
      const link = await dialCamouflaged({ ...dialOptions(site, 'body'), mode })
      onTestFinished(() => link.abort())
      expect(await echoed(link, BYTES)).toEqual(BYTES)
      expect(site.connections).toHaveLength(1)
      const [form, upgrade] = site.connections[0]?.requests.slice(-2) ?? []
      expect(form).toMatchObject({ method: 'POST', path: '/login', body: `bn1=${TEXT}` })
      expect(upgrade?.path).toBe('/chat')
      const cookies = upgrade?.fields.filter(([name]) => name.toLowerCase() === 'cookie')
      expect(cookies?.map(([, value]) => value)).toEqual([`__Host-s=${FORM_COOKIE_VALUE}`])
    })
  }

  it('gives each frame of HTTP/2 a record of its own, which data fill as in Chrome', async () => {
    const site = await recordingSite()
    const link = await dialCamouflaged({ ...dialOptions(site, 'body'), mode: 'h2' })
    onTestFinished(() => link.abort())
    expect(await echoed(link, BYTES)).toEqual(BYTES)
    const { wire, opened } = site.connections[0] as RecordedConnection
    const frames = clientFrames(opened)
    const lengths = frames.map(({ payload }) => 9 + payload.length)
    const [settings = 0, window = 0, ...others] = lengths
    const contents = [24 + settings + window, ...others]
    const sealed = recordSizes(wire).slice(3)
    // A byte for the type of the content, and the tag.
    expect(sealed.map(([, length]) => length - 17)).toEqual(contents)
    const data = frames.flatMap(({ type, payload }) => (type === 0 ? [payload.length] : []))
    // Measured with Chromium 156: a frame of data with its header is 16,384 bytes long.
    expect(Math.max(...data)).toBe(16_375)
    expect(data.filter((length) => length === 16_375).length).toBeGreaterThan(10)
  })

  it.skipIf(tshark === undefined)(
    'is one hello, a change of cipher spec and data to an onlooker',
    async () => {
      const site = await recordingSite()
      const link = await dialCamouflaged(dialOptions(site))
      onTestFinished(() => link.abort())
      const { kinds, faults } = dissected(site.connections[0]?.wire ?? [], tshark as string)
      // The hello, the change of cipher spec, then Finished and the upgrade.
      expect(kinds).toBe('22,20,23,23')
      expect(faults).toBe('')
    },
  )

  it.each([
    ['an HTTP proxy', 'http', httpProxy],
    ['a SOCKS5 proxy', 'socks5', socks5Proxy],
  ] as const)('goes through %s', async (_what, scheme, start) => {
    const site = await recordingSite()
    const proxy = await start()
    onTestFinished(() => proxy.close())
    const link = await dialCamouflaged({
      ...dialOptions(site),
      mode: 'h2',
      proxy: `${scheme}://127.0.0.1:${proxy.port}`,
    })
    onTestFinished(() => link.abort())
    expect(await echoed(link, BYTES)).toEqual(BYTES)
  })

  it('opens another connection, resumed, where the site has no WebSockets on HTTP/2', async () => {
    const site = await recordingSite({ takesWebSocketsOnHttp2: false })
    const seen: ServerObservation[] = []
    const link = await dialCamouflaged({
      ...dialOptions(site),
      mode: 'h2',
      inspect: (observation) => void seen.push(observation),
    })
    onTestFinished(() => link.abort())
    expect(await echoed(link, BYTES)).toEqual(BYTES)
    expect(site.connections.map(({ alpn, wasResumed }) => [alpn, wasResumed])).toEqual([
      ['h2', false],
      ['http/1.1', true],
    ])
    expect(seen.map(({ alpn }) => alpn)).toEqual(['h2', 'http/1.1'])
  })

  it('shows what the server is before any ticket is made, and leaves when that is not right', async () => {
    for (const mode of ['ws', 'h2'] as const) {
      const site = await recordingSite({ http2Settings: { maxConcurrentStreams: 77 } })
      const seen: ServerObservation[] = []
      const wrong = new Error('not the origin')
      const dialled = dialCamouflaged({
        ...dialOptions(site),
        mode,
        ticket: () => expect.unreachable(),
        async inspect(observation) {
          seen.push(observation)
          throw wrong
        },
      })
      await expect(dialled).rejects.toBe(wrong)
      expect(seen).toHaveLength(1)
      expect(seen[0]).toMatchObject({ remoteAddress: '127.0.0.1', group: 0x11ec, wasResumed: false })
      if (mode === 'h2') {
        expect(seen[0]?.settings).toContainEqual([3, 77])
        expect(seen[0]?.settings).toContainEqual([8, 1])
        expect(seen[0]).toMatchObject({
          altSvc: 'h3=":443"; ma=86400',
          headers: { 'content-type': 'text/html' },
        })
      }
      await site.until(() => site.connections.every(({ hasEnded }) => hasEnded))
      expect(site.connections.flatMap(({ requests }) => requests)).toHaveLength(mode === 'ws' ? 0 : 1)
    }
  })
})
