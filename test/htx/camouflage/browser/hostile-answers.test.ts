/** Sites that answer wrongly, endlessly, slowly or not at all. */
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import { dialCamouflaged } from '../../../../src/lib/htx/camouflage/browser/index.ts'
import { dialOptions } from '../../../support/camouflage/dialling.ts'
import { type RawAnswer, type RawRequest, rawSite } from '../../../support/camouflage/raw-site.ts'
import { FORM_COOKIE_VALUE } from '../../../support/camouflage/recording-site.ts'

const COOKIE = `Set-Cookie: __Host-s=${FORM_COOKIE_VALUE}; Path=/; Secure; HttpOnly\r\n`

function upgradeHead({ accept }: RawRequest, more = ''): string {
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${more}\r\n`
}

/** Answers everything with these bytes. */
function always(text: string): RawAnswer {
  return (socket) => void socket.write(text, 'latin1')
}

const REFUSED: readonly (readonly [what: string, answer: RawAnswer, message: RegExp])[] = [
  ['a page', always('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'), /as a web site, with status 200/],
  ['that there is nothing', always('HTTP/1.1 404 Not Found\r\n\r\n'), /as a web site, with status 404/],
  [
    'an accept of another key',
    always(
      'HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
    ),
    /nobody asked for/,
  ],
  [
    'two accepts',
    (socket, request) =>
      void socket.write(upgradeHead(request, `Sec-WebSocket-Accept: ${request.accept}\r\n`)),
    /nobody asked for/,
  ],
  [
    'an upgrade to something else',
    (socket, request) => void socket.write(upgradeHead(request).replace(': websocket', ': h2c')),
    /nobody asked for/,
  ],
  [
    'an extension that was offered',
    (socket, request) =>
      void socket.write(upgradeHead(request, 'Sec-WebSocket-Extensions: permessage-deflate\r\n')),
    /answered with sec-websocket-extensions/,
  ],
  [
    'a subprotocol',
    (socket, request) => void socket.write(upgradeHead(request, 'Sec-WebSocket-Protocol: chat\r\n')),
    /answered with sec-websocket-protocol/,
  ],
  ['another protocol', always('SSH-2.0-OpenSSH_9.2\r\n\r\n'), /status line/],
  ['lines without a return', always('HTTP/1.1 101 x\nUpgrade: websocket\n\n\r\n\r\n'), /status line/],
  [
    'a folded field',
    always('HTTP/1.1 101 x\r\nUpgrade: web\r\n socket\r\n\r\n'),
    /header field is malformed/,
  ],
  ['a field with a zero byte', always('HTTP/1.1 101 x\r\nUpgrade: \0\r\n\r\n'), /header field is malformed/],
  [
    'a name with a space',
    always('HTTP/1.1 101 x\r\nUpgrade : websocket\r\n\r\n'),
    /header field is malformed/,
  ],
  ['too many fields', always(`HTTP/1.1 101 x\r\n${'a: b\r\n'.repeat(129)}\r\n`), /more than 128/],
  ['a huge field', always(`HTTP/1.1 101 x\r\na: ${'b'.repeat(40_000)}\r\n\r\n`), /longer than 32768/],
  ['a head without end', always('a'.repeat(40_000)), /longer than 32768/],
  ['endless announcements', always('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(20)), /over and over/],
  ['a goodbye', (socket) => void socket.end(), /closed the connection before it had answered/],
]

const FORMS_REFUSED: readonly (readonly [what: string, answer: string, code: string, message: RegExp])[] = [
  [
    'no cookie',
    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    'E_HANDSHAKE',
    /as a web site, with status 200/,
  ],
  [
    'a short cookie',
    'HTTP/1.1 200 OK\r\nSet-Cookie: __Host-s=abc\r\nContent-Length: 0\r\n\r\n',
    'E_HANDSHAKE',
    /as a web site/,
  ],
  [
    'a length and chunks',
    `HTTP/1.1 200 OK\r\n${COOKIE}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'E_HANDSHAKE',
    /two lengths/,
  ],
  [
    'two lengths',
    `HTTP/1.1 200 OK\r\n${COOKIE}Content-Length: 0\r\nContent-Length: 1\r\n\r\n`,
    'E_HANDSHAKE',
    /length is in no form/,
  ],
  [
    'a coding nobody knows',
    `HTTP/1.1 200 OK\r\n${COOKIE}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    'E_HANDSHAKE',
    /transfer coding/,
  ],
  [
    'a huge length',
    `HTTP/1.1 200 OK\r\n${COOKIE}Content-Length: 99999999999\r\n\r\n`,
    'E_TOO_LARGE',
    /more than 1048576/,
  ],
  [
    'a huge chunk',
    `HTTP/1.1 200 OK\r\n${COOKIE}Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n`,
    'E_TOO_LARGE',
    /more than 1048576/,
  ],
  [
    'a chunk without a size',
    `HTTP/1.1 200 OK\r\n${COOKIE}Transfer-Encoding: chunked\r\n\r\n-1\r\n`,
    'E_HANDSHAKE',
    /chunk has no size/,
  ],
  [
    'a chunk longer than its size',
    `HTTP/1.1 200 OK\r\n${COOKIE}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n`,
    'E_HANDSHAKE',
    /longer than its size/,
  ],
  [
    'an endless trailer',
    `HTTP/1.1 200 OK\r\n${COOKIE}Transfer-Encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(100)}`,
    'E_HANDSHAKE',
    /trailer does not end/,
  ],
  [
    'a chunk extension without end',
    `HTTP/1.1 200 OK\r\n${COOKIE}Transfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(2000)}`,
    'E_HANDSHAKE',
    /line of its body is too long/,
  ],
  [
    'that it closes',
    `HTTP/1.1 200 OK\r\n${COOKIE}Connection: close\r\nContent-Length: 0\r\n\r\n`,
    'E_HANDSHAKE',
    /closes the connection after a form/,
  ],
]

describe('a site that does not open', () => {
  it.each(REFUSED)('with %s is left with the reason', async (_, answer, message) => {
    const site = await rawSite(answer)
    await expect(dialCamouflaged(dialOptions(site))).rejects.toMatchObject({
      code: 'E_HANDSHAKE',
      message: expect.stringMatching(message),
    })
    await site.allGone()
  })

  it.each(FORMS_REFUSED)('with %s after a form is left with the reason', async (_, answer, code, message) => {
    const site = await rawSite(always(answer))
    await expect(dialCamouflaged(dialOptions(site, 'body'))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
    await site.allGone()
  })

  it('tells what to look at when it answers as a web site', async () => {
    const site = await rawSite(always('HTTP/1.1 403 No\r\n\r\n'))
    const dialled = dialCamouflaged(dialOptions(site))
    await expect(dialled).rejects.toMatchObject({ hint: expect.stringMatching(/grant.*clock.*path/) })
  })
})

describe('an answer in pieces', () => {
  it('opens the link all the same, and loses nothing that comes with it', async () => {
    const site = await rawSite((socket, request, index) => {
      const form = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 303 See Other\r\n${COOKIE}Location: /\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n1\r\nd\r\n0\r\nx: y\r\n\r\n`
      const hello = '\x82\x05hello'
      const text = index === 0 ? form : `${upgradeHead(request)}${hello}`
      for (const byte of Buffer.from(text, 'latin1')) socket.write(Buffer.from([byte]))
    })
    const link = await dialCamouflaged(dialOptions(site, 'body'))
    const { promise, resolve } = Promise.withResolvers<string>()
    let got = ''
    link.attach({
      data(chunk) {
        got += Buffer.from(chunk).toString('latin1')
        if (got.length === 5) resolve(got)
      },
      end() {},
      drain() {},
      close() {},
    })
    expect(await promise).toBe('hello')
    link.abort()
    await site.allGone()
  })

  it('that ends at any byte of it leaves a reason and no connection', async () => {
    let cut = 0
    let length = 1
    const site = await rawSite((socket, request) => {
      const text = upgradeHead(request)
      length = text.length
      socket.end(text.slice(0, cut), 'latin1')
    })
    for (; cut < length; cut += 7)
      await expect(dialCamouflaged(dialOptions(site))).rejects.toMatchObject({ code: 'E_HANDSHAKE' })
    await site.allGone()
  })
})

describe('a dial that takes too long', () => {
  for (const [what, answer] of [
    ['silence', () => {}],
    ['a head that drips', always('HTTP/1.1 101 Switching')],
    [
      'a form that is never answered to the end',
      always(`HTTP/1.1 200 OK\r\n${COOKIE}Content-Length: 9\r\n\r\n`),
    ],
  ] as const) {
    it(`ends in time for ${what}, and lets go of the connection`, async () => {
      const asked = Promise.withResolvers<void>()
      const site = await rawSite((...all) => {
        answer(...(all as Parameters<RawAnswer>))
        asked.resolve()
      })
      const clock = new ManualClock(Date.now())
      const dialled = dialCamouflaged({ ...dialOptions(site, 'body'), clock, timeoutMs: 5_000 })
      const refused = expect(dialled).rejects.toMatchObject({ code: 'E_TIMEOUT' })
      await asked.promise
      clock.advance(5_000)
      await refused
      await site.allGone()
    })
  }

  it('is given up with its signal, whatever it waits for', async () => {
    for (const wait of ['answer', 'inspection'] as const) {
      const site = await rawSite(() => controller.abort())
      const controller = new AbortController()
      const dialled = dialCamouflaged({
        ...dialOptions(site),
        signal: controller.signal,
        ...(wait === 'answer'
          ? {}
          : {
              inspect: () => {
                controller.abort()
                return new Promise<void>(() => {})
              },
            }),
      })
      await expect(dialled).rejects.toMatchObject({ code: 'E_ABORTED' })
      await site.allGone()
    }
  })

  it('does not begin when it was given up before', async () => {
    const signal = AbortSignal.abort()
    const options = { ...dialOptions({ port: 1, pem: (await rawSite(() => {})).pem }), signal }
    await expect(dialCamouflaged(options)).rejects.toMatchObject({ code: 'E_ABORTED' })
  })
})
