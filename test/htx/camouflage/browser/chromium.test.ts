/** Our requests beside those of the Chromium on this machine, on one site, byte for byte. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../../src/lib/core/index.ts'
import { requestBytes } from '../../../../src/lib/htx/camouflage/browser/http1/request-bytes.ts'
import { HpackEncoder } from '../../../../src/lib/htx/camouflage/browser/http2/hpack-encoder.ts'
import { requestBlock } from '../../../../src/lib/htx/camouflage/browser/http2/request-block.ts'
import { dialCamouflaged } from '../../../../src/lib/htx/camouflage/browser/index.ts'
import { visitPage } from '../../../../src/lib/htx/camouflage/browser/page-visit.ts'
import { browserIdentity } from '../../../../src/lib/htx/camouflage/browser/request/browser-identity.ts'
import {
  formRequest,
  type HeaderField,
  pageRequest,
  webSocketRequest,
} from '../../../../src/lib/htx/camouflage/browser/request/requests.ts'
import { ja4, matchHello, newestMajor, parseClientHello, parseRoots } from '../../../../src/lib/tls/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { chromiumVisit } from '../../../support/camouflage/chromium-visit.ts'
import { dialOptions } from '../../../support/camouflage/dialling.ts'
import {
  akamaiText,
  clientFrames,
  type ReadFrame,
  recordSizes,
} from '../../../support/camouflage/http2-frames.ts'
import { FORM_BODY, FORM_PAGE, WEBSOCKET_PAGE } from '../../../support/camouflage/pages.ts'
import {
  type RecordedConnection,
  type RecordedRequest,
  type RecordingSite,
  recordingSite,
  SITE_NAME,
} from '../../../support/camouflage/recording-site.ts'
import { chromiumMajor } from '../../../support/chromium-page.ts'
import { judge } from '../../../support/judge.ts'

const program = judge('chromium')
const major = program === undefined ? 0 : await chromiumMajor(program)
const identity = browserIdentity({ product: 'Chromium', platform: 'linux' })

function requestTo(
  site: RecordingSite,
  wanted: (request: RecordedRequest) => boolean,
): RecordedRequest | undefined {
  return site.connections.flatMap(({ requests }) => requests).find(wanted)
}

function ownerOf(site: RecordingSite, request: RecordedRequest | undefined): RecordedConnection {
  const owner = site.connections.find(({ requests }) => requests.includes(request as RecordedRequest))
  if (owner === undefined) throw new Error('nobody sent that')
  return owner
}

function helloOf({ wire }: RecordedConnection): ReturnType<typeof parseClientHello> {
  const bytes = Buffer.concat(wire)
  // Behind the headers of the record and of the message.
  return parseClientHello(new Uint8Array(bytes.subarray(9, 5 + bytes.readUInt16BE(3))))
}

describe.skipIf(program === undefined)(`beside Chromium ${major}`, () => {
  const chromium = program as string
  const target = (site: RecordingSite, path: string) => ({
    identity,
    authority: `${SITE_NAME}:${site.port}`,
    path,
  })

  it('is of the version whose requests are known', () => {
    expect(major, 'the requests have to be measured again with this Chromium').toBe(newestMajor('chrome'))
  })

  it('opens HTTP/2 and asks for a page with the same bytes in the same records', async () => {
    const site = await recordingSite()
    chromiumVisit(chromium, major, pageUrl(site, '/'))
    const isPage = ({ path }: RecordedRequest): boolean => path === '/'
    await site.until(() => requestTo(site, isPage) !== undefined)
    const theirs = ownerOf(site, requestTo(site, isPage))
    await site.until(() => clientFrames(theirs.opened).some(({ type, flags }) => type === 4 && flags === 1))

    const options = { host: '127.0.0.1', port: site.port, serverName: SITE_NAME }
    const visit = await visitPage(
      { ...options, roots: parseRoots(site.pem), clock: systemClock },
      identity,
      '/',
      new AbortController().signal,
    )
    onTestFinished(() => visit.close())
    const ours = site.connections.at(-1) as RecordedConnection
    await site.until(() => clientFrames(ours.opened).some(({ type, flags }) => type === 4 && flags === 1))

    const [theirFrames, ourFrames] = [clientFrames(theirs.opened), clientFrames(ours.opened)]
    const fields = theirs.requests[0]?.fields ?? []
    expect(ours.requests[0]?.fields).toEqual(fields)
    expect(akamaiText(ourFrames, fields)).toBe(akamaiText(theirFrames, fields))
    // The opening, the request, and the acknowledgement of settings, which may overtake the request.
    expect(withoutAcknowledgement(ourFrames).slice(0, 3)).toEqual(
      withoutAcknowledgement(theirFrames).slice(0, 3),
    )
    // Behind the hello, whose size varies: change of cipher spec, Finished, opening, request, acknowledgement.
    expect(sizesBehindHello(ours)).toEqual(sizesBehindHello(theirs))
    expect(ours.alpn).toBe(theirs.alpn)
    expect(judgement(ours)).toMatchObject({ verdict: 'match', browser: 'chrome' })
    expect(judgement(ours)).toEqual(judgement(theirs))
  }, 60_000)

  it('opens a WebSocket on HTTP/2, and codes all headers of the connection, with the same bytes', async () => {
    const site = await recordingSite()
    chromiumVisit(chromium, major, pageUrl(site, WEBSOCKET_PAGE))
    const isSocket = ({ method }: RecordedRequest): boolean => method === 'CONNECT'
    await site.until(() => requestTo(site, isSocket) !== undefined)
    const theirs = ownerOf(site, requestTo(site, isSocket))
    const socket = requestTo(site, isSocket)
    expect(requestBlock(webSocketRequest(target(site, '/chat'), '__Host-a=b'))).toEqual(socket?.fields)
    expect(requestBlock(pageRequest(target(site, WEBSOCKET_PAGE)))).toEqual(theirs.requests[0]?.fields)

    const heads = clientFrames(theirs.opened).filter(({ type }) => type === 1)
    const encoder = new HpackEncoder()
    // In the order of their streams, which is that of the frames.
    const blocks = theirs.requests.map(({ fields }) => encoder.encode(fields))
    expect(heads.length).toBeGreaterThanOrEqual(2)
    expect(blocks.map((block) => Buffer.from(block).toString('hex'))).toEqual(
      heads.map(({ payload }) => payload.subarray(5).toString('hex')),
    )
    const last = heads[theirs.requests.indexOf(socket as RecordedRequest)]
    // Exclusive, on nothing, with the weight of a WebSocket; the stream stays open.
    expect(last?.payload.subarray(0, 5).toString('hex')).toBe('8000000092')
    expect(last?.flags).toBe(0x24)
  }, 60_000)

  it('posts a form on HTTP/2 with the same fields', async () => {
    const site = await recordingSite()
    chromiumVisit(chromium, major, pageUrl(site, FORM_PAGE))
    const isForm = ({ method }: RecordedRequest): boolean => method === 'POST'
    await site.until(() => requestTo(site, isForm) !== undefined)
    const body = new TextEncoder().encode(FORM_BODY)
    expect(requestBlock(formRequest(target(site, FORM_PAGE), body))).toEqual(requestTo(site, isForm)?.fields)
  }, 60_000)

  it('asks for a page and posts a form on HTTP/1.1 with the same bytes', async () => {
    const site = await recordingSite({ alpn: ['http/1.1'] })
    chromiumVisit(chromium, major, pageUrl(site, FORM_PAGE))
    const isForm = ({ method }: RecordedRequest): boolean => method === 'POST'
    await site.until(() => requestTo(site, isForm) !== undefined)
    const formText = openedText(ownerOf(site, requestTo(site, isForm)))
    const form = requestBytes(formRequest(target(site, FORM_PAGE), new TextEncoder().encode(FORM_BODY)))
    expect(formText).toContain(`\r\n\r\n${Buffer.from(form).toString('latin1')}`)
    expect(
      formText.startsWith(Buffer.from(requestBytes(pageRequest(target(site, FORM_PAGE)))).toString('latin1')),
    ).toBe(true)
  }, 60_000)

  it('upgrades to a WebSocket on HTTP/1.1 with the same bytes', async () => {
    const site = await recordingSite({ alpn: ['http/1.1'] })
    chromiumVisit(chromium, major, pageUrl(site, WEBSOCKET_PAGE))
    const isSocket = ({ path }: RecordedRequest): boolean => path === '/chat'
    await site.until(() => requestTo(site, isSocket) !== undefined)
    const theirs = ownerOf(site, requestTo(site, isSocket))
    const key = requestTo(site, isSocket)?.fields.find(
      ([name]) => name === 'Sec-WebSocket-Key',
    ) as HeaderField
    const upgrade = requestBytes(webSocketRequest(target(site, '/chat'), '__Host-a=b'), key[1])
    expect(openedText(theirs)).toBe(Buffer.from(upgrade).toString('latin1'))
  }, 60_000)

  it('greets a server again as a WebSocket of Chromium does behind a page', async () => {
    const site = await recordingSite({ takesWebSocketsOnHttp2: false })
    chromiumVisit(chromium, major, pageUrl(site, WEBSOCKET_PAGE))
    const isSocket = ({ path }: RecordedRequest): boolean => path === '/chat'
    await site.until(() => requestTo(site, isSocket) !== undefined)
    const theirs = ownerOf(site, requestTo(site, isSocket))
    const link = await dialCamouflaged({ ...dialOptions(site), mode: 'h2' })
    onTestFinished(() => link.abort())
    const ours = site.connections.at(-1) as RecordedConnection
    expect([ours.alpn, theirs.alpn]).toEqual(['http/1.1', 'http/1.1'])
    expect([ours.wasResumed, theirs.wasResumed]).toEqual([true, true])
    expect(ja4(helloOf(ours), 'tcp').raw).toBe(ja4(helloOf(theirs), 'tcp').raw)
    expect(judgement(ours)).toMatchObject({ verdict: 'match', browser: 'chrome' })
    expect(judgement(ours)).toEqual(judgement(theirs))
  }, 60_000)

  it('greets a server as a WebSocket of Chromium does that has not been there before', async () => {
    const site = await recordingSite()
    const script = `<script>new WebSocket("wss://${SITE_NAME}:${site.port}/chat")</script>`
    const page = join(temporaryFolder(), 'page.html')
    writeFileSync(page, script)
    chromiumVisit(chromium, major, pathToFileURL(page).href)
    await site.until(() => requestTo(site, () => true) !== undefined)
    const theirs = ownerOf(
      site,
      requestTo(site, () => true),
    )
    const link = await dialCamouflaged(dialOptions(site))
    onTestFinished(() => link.abort())
    const ours = site.connections.at(-1) as RecordedConnection
    expect(ours.requests[0]?.path).toBe('/chat')
    expect([ours.alpn, theirs.alpn]).toEqual(['http/1.1', 'http/1.1'])
    expect(ja4(helloOf(ours), 'tcp').raw).toBe(ja4(helloOf(theirs), 'tcp').raw)
    expect(judgement(ours)).toMatchObject({ verdict: 'match', browser: 'chrome' })
    expect(judgement(ours)).toEqual(judgement(theirs))
  }, 60_000)
})

function pageUrl({ port }: RecordingSite, path: string): string {
  return `https://${SITE_NAME}:${port}${path}`
}

/** Without the reasons, which quote the order that each hello drew. */
function judgement(connection: RecordedConnection): object {
  const match = matchHello(helloOf(connection), 'tcp')
  return match.verdict === 'match' ? { ...match, deciding: [] } : match
}

function withoutAcknowledgement(frames: readonly ReadFrame[]): readonly ReadFrame[] {
  return frames.filter(({ type, flags }) => type !== 4 || flags !== 1)
}

function sizesBehindHello({ wire }: RecordedConnection): readonly string[] {
  return recordSizes(wire)
    .slice(1, 6)
    .map(([type, length]) => `${type}:${length}`)
    .sort()
}

function openedText({ opened }: RecordedConnection): string {
  return Buffer.concat(opened).toString('latin1')
}
