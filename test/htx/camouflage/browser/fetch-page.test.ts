/** Page loads, as cover and for looking at servers, and what they end with. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock, systemClock } from '../../../../src/lib/core/index.ts'
import {
  dialCamouflaged,
  type FetchPageOptions,
  fetchPage,
} from '../../../../src/lib/htx/camouflage/browser/index.ts'
import { parseRoots } from '../../../../src/lib/tls/index.ts'
import { dialOptions, echoed } from '../../../support/camouflage/dialling.ts'
import { clientFrames, recordSizes } from '../../../support/camouflage/http2-frames.ts'
import { EMPTY_PAGE } from '../../../support/camouflage/pages.ts'
import { rawSite } from '../../../support/camouflage/raw-site.ts'
import {
  type RecordedConnection,
  recordingSite,
  SITE_NAME,
} from '../../../support/camouflage/recording-site.ts'

/** A record of an alert: level, description, type of the content, tag of the AEAD. */
const ALERT_RECORD_BYTES = 2 + 1 + 16

function pageOptions({ port, pem }: { readonly port: number; readonly pem: string }): FetchPageOptions {
  return { host: '127.0.0.1', port, serverName: SITE_NAME, roots: parseRoots(pem), clock: systemClock }
}

describe('a page load', () => {
  it('over HTTP/2 tells what the server is, settings in their order', async () => {
    const site = await recordingSite({
      http2Settings: { maxConcurrentStreams: 128, initialWindowSize: 65_536 },
    })
    const page = await fetchPage(pageOptions(site))
    onTestFinished(() => page.close())
    expect(page.status).toBe(200)
    expect(page.headers).toMatchObject({ 'content-type': 'text/html', 'alt-svc': 'h3=":443"; ma=86400' })
    expect(page.observation).toMatchObject({
      remoteAddress: '127.0.0.1',
      cipherSuite: expect.stringMatching(/^TLS_/),
      group: 0x11ec,
      alpn: 'h2',
      wasRetried: false,
      wasResumed: false,
      altSvc: 'h3=":443"; ma=86400',
      headers: page.headers,
    })
    const ids = page.observation.settings?.map(([id]) => id)
    expect(ids).toEqual([3, 4, 8])
    expect(page.observation.settings).toEqual([
      [3, 128],
      [4, 65_536],
      [8, 1],
    ])
  })

  it('over HTTP/1.1 tells what there is', async () => {
    const site = await recordingSite({ alpn: ['http/1.1'] })
    const page = await fetchPage({ ...pageOptions(site), path: '/other' })
    onTestFinished(() => page.close())
    expect(site.connections[0]?.requests[0]?.path).toBe('/other')
    expect(page.status).toBe(200)
    expect(page.observation.settings).toBeUndefined()
    expect(page.observation).toMatchObject({ alpn: 'http/1.1', altSvc: 'h3=":443"; ma=86400' })
  })

  it.each(['h2', 'http/1.1'])('over %s is done with an answer that has no content', async (alpn) => {
    const site = await recordingSite({ alpn: [alpn] })
    const page = await fetchPage({ ...pageOptions(site), path: EMPTY_PAGE })
    onTestFinished(() => page.close())
    expect(page.status).toBe(204)
  })

  it('stays quiet when the server leaves it', async () => {
    for (const alpn of ['h2', 'http/1.1']) {
      const site = await recordingSite({ alpn: [alpn] })
      const page = await fetchPage(pageOptions(site))
      const [connection] = site.connections as [RecordedConnection]
      connection.sever()
      await site.until(() => connection.isGone)
      page.close()
    }
  })

  it('heeds a server that allows no table of headers, or changes its mind', async () => {
    for (const headerTableSize of [0, 64, 65_536]) {
      const site = await recordingSite({ http2Settings: { headerTableSize } })
      const link = await dialCamouflaged({ ...dialOptions(site, 'body'), mode: 'h2' })
      onTestFinished(() => link.abort())
      const bytes = new Uint8Array(100_000).fill(7)
      expect(await echoed(link, bytes)).toEqual(bytes)
    }
  })

  it('is over when it is closed, without a farewell that Chrome does not send', async () => {
    for (const alpn of ['h2', 'http/1.1']) {
      const site = await recordingSite({ alpn: [alpn] })
      const page = await fetchPage(pageOptions(site))
      const [connection] = site.connections as [RecordedConnection]
      const before = recordSizes(connection.wire)
      page.close()
      page.close()
      await site.until(() => connection.hasEnded)
      expect(recordSizes(connection.wire).slice(before.length)).toEqual([])
      expect(before.map(([, length]) => length)).not.toContain(ALERT_RECORD_BYTES)
    }
  })

  it('ends with an error for a server that agrees on HTTP/2 and speaks something else', async () => {
    const answers = [
      'HTTP/1.1 400 Bad Request\r\n\r\n',
      `\0\0\0\x04\0\0\0\0\0${'\0\xff\xff\xff'.repeat(99)}`,
      '\0\0\x06\x04\0\0\0\0\0\0\x04\xff\xff\xff\xff',
      '',
    ]
    for (const text of answers) {
      const site = await rawSite((socket) => {
        if (text === '') socket.end()
        else socket.write(text, 'latin1')
      }, 'h2')
      await expect(fetchPage(pageOptions(site))).rejects.toMatchObject({ code: 'E_HANDSHAKE' })
      await site.allGone()
    }
  })
})

describe('a page that does not come', () => {
  const opening = '\0\0\0\x04\0\0\0\0\0'
  it.each([
    ['HTTP/1.1', 'http/1.1', ''],
    ['HTTP/2 without settings', 'h2', ''],
    ['HTTP/2 with settings alone', 'h2', opening],
  ])('over %s is given up in time, and when its caller wants', async (_, alpn, text) => {
    for (const way of ['time', 'signal']) {
      const asked = Promise.withResolvers<void>()
      const site = await rawSite((socket) => {
        socket.write(text, 'latin1')
        asked.resolve()
      }, alpn)
      const clock = new ManualClock(Date.now())
      const controller = new AbortController()
      const { signal } = controller
      const loaded = fetchPage({ ...pageOptions(site), clock, signal, timeoutMs: 4_000 })
      const code = way === 'time' ? 'E_TIMEOUT' : 'E_ABORTED'
      const refused = expect(loaded).rejects.toMatchObject({ code })
      await asked.promise
      if (way === 'time') clock.advance(4_000)
      else controller.abort()
      await refused
      await site.allGone()
    }
  })
})

describe('a camouflaged link whose connection is cut', () => {
  it.each(['ws', 'h2'] as const)('is lost in mode %s', async (mode) => {
    const site = await recordingSite()
    const link = await dialCamouflaged({ ...dialOptions(site), mode })
    const { promise, resolve } = Promise.withResolvers<Error | undefined>()
    link.attach({ data() {}, end() {}, drain() {}, close: resolve })
    site.connections[0]?.sever()
    expect(await promise).toMatchObject({ code: 'E_LINK_LOST' })
  })
})

describe('a camouflaged link that is closed', () => {
  for (const mode of ['ws', 'h2'] as const) {
    it(`says goodbye as a WebSocket in mode ${mode}, and not as TLS`, async () => {
      const site = await recordingSite()
      const link = await dialCamouflaged({ ...dialOptions(site), mode })
      const { promise, resolve } = Promise.withResolvers<Error | undefined>()
      link.attach({ data() {}, end() {}, drain() {}, close: resolve })
      link.close()
      await promise
      const [connection] = site.connections as [RecordedConnection]
      await site.until(() => connection.hasEnded)
      const sizes = recordSizes(connection.wire).map(([, length]) => length)
      expect(sizes).not.toContain(ALERT_RECORD_BYTES)
      if (mode === 'h2') {
        const types = clientFrames(connection.opened).map(({ type }) => type)
        // GOAWAY: Chrome sends none when it leaves.
        expect(types).not.toContain(7)
      }
    })
  }
})
