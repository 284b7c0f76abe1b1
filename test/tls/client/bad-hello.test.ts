/** Hellos of servers that choose what was not offered, or say it in a wrong way. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ALERT } from '../../../src/lib/tls/alert.ts'
import { Conversation } from '../../support/tls-server/conversation.ts'
import {
  HELLO_AT,
  overwritten,
  putting,
  share,
  withExtensions,
  without,
} from '../../support/tls-server/edits.ts'
import { NAMED_GROUP } from '../../support/tls-server/key-exchange.ts'
import { type Script, saying } from '../../support/tls-server/script.ts'
import { UNREADABLE } from '../../support/tls-server/scripted-server.ts'
import { message, number, vector } from '../../support/tls-server/wire.ts'

const [KEY_SHARE, VERSIONS, PSK, COOKIE] = [51, 43, 41, 44]
const NOTHING = new Uint8Array(0)
// Where they are not those of RFC 8446: what Chromium 156 said to the same servers.
const {
  illegalParameter,
  protocolVersion,
  missingExtension,
  unsupportedExtension,
  decodeError,
  internalError,
} = ALERT

function hello(change: (honest: Uint8Array) => Uint8Array, more: Script = {}): Script {
  return { ...more, say: saying({ 'server-hello': (honest) => [change(honest)] }) }
}

function retry(change: (honest: Uint8Array) => Uint8Array): Script {
  return {
    retry: { group: NAMED_GROUP.p256 },
    say: saying({ 'hello-retry-request': (honest) => [change(honest)] }),
  }
}

function sharing(group: number, bytes: Uint8Array, more: Script = {}): Script {
  return hello((honest) => withExtensions(honest, putting(KEY_SHARE, share(group, bytes))), more)
}

const old = (honest: Uint8Array): Uint8Array => withExtensions(honest, without(VERSIONS))
const sentinel = (last: number) => (honest: Uint8Array) =>
  overwritten(old(honest), HELLO_AT.random + 24, ...Buffer.from('DOWNGRD'), last)
const afterRetry: Script = { retry: { group: NAMED_GROUP.p256 } }

const CASES: readonly (readonly [what: string, script: Script, alert: number, said: RegExp])[] = [
  ['TLS 1.2', hello(old), protocolVersion, /chose TLS 1\.2/],
  [
    'TLS 1.2 without a list of extensions',
    hello((m) => message(2, m.subarray(4, 74))),
    protocolVersion,
    /TLS 1\.2/,
  ],
  ['TLS 1.0', hello((m) => overwritten(old(m), HELLO_AT.version, 3, 1)), protocolVersion, /TLS 1\.0/],
  ['TLS 1.2, and a sign that it could do 1.3', hello(sentinel(1)), illegalParameter, /old version/],
  ['TLS 1.1, and a sign that it could do 1.3', hello(sentinel(0)), illegalParameter, /old version/],
  [
    'TLS 1.2 as its new version',
    hello((m) => withExtensions(m, putting(VERSIONS, number(0x0303, 2)))),
    protocolVersion,
    /version/,
  ],
  [
    'a version of GREASE',
    hello((m) => withExtensions(m, putting(VERSIONS, number(0x0a0a, 2)))),
    protocolVersion,
    /version/,
  ],
  [
    'two versions',
    hello((m) => withExtensions(m, putting(VERSIONS, number(0x03040304, 4)))),
    decodeError,
    /version/,
  ],
  [
    'another legacy version',
    hello((m) => overwritten(m, HELLO_AT.version, 3, 4)),
    protocolVersion,
    /legacy version/,
  ],
  [
    'another session id',
    hello((m) => overwritten(m, HELLO_AT.sessionId, 0xff ^ (m[HELLO_AT.sessionId] ?? 0))),
    decodeError,
    /session id/,
  ],
  ['a compression', hello((m) => overwritten(m, HELLO_AT.compression, 1)), decodeError, /compression/],
  ['a suite of TLS 1.2', { suite: 0xc02b }, illegalParameter, /0xc02b/],
  ['a suite that nobody offered', { suite: 0x1304 }, illegalParameter, /0x1304/],
  ['no share', hello((m) => withExtensions(m, without(KEY_SHARE))), missingExtension, /no key share/],
  ['a group without our share', { group: NAMED_GROUP.p256 }, illegalParameter, /group/],
  ['a group that nobody offered', { group: 0x1e }, illegalParameter, /group/],
  ['a group of GREASE', { group: 0x0a0a }, illegalParameter, /group/],
  ['a short share', sharing(NAMED_GROUP.x25519, new Uint8Array(31).fill(9)), internalError, /key share/],
  ['a long share', sharing(NAMED_GROUP.x25519, new Uint8Array(33).fill(9)), internalError, /key share/],
  ['an empty share', sharing(NAMED_GROUP.x25519, NOTHING), internalError, /key share/],
  ['a share of zeros', sharing(NAMED_GROUP.x25519, new Uint8Array(32)), internalError, /key share/],
  [
    'a share of low order',
    sharing(NAMED_GROUP.x25519, Uint8Array.of(1, ...new Uint8Array(31))),
    internalError,
    /key share/,
  ],
  [
    'a hybrid share without its X25519',
    sharing(NAMED_GROUP.hybrid, randomBytes(1088)),
    internalError,
    /key share/,
  ],
  [
    'a hybrid share with a short ciphertext',
    sharing(NAMED_GROUP.hybrid, randomBytes(1119)),
    internalError,
    /key share/,
  ],
  [
    'a hybrid share that ends in zeros',
    sharing(NAMED_GROUP.hybrid, new Uint8Array(1120)),
    internalError,
    /key share/,
  ],
  [
    'a ciphertext of nobody',
    sharing(NAMED_GROUP.hybrid, randomBytes(1120), { group: NAMED_GROUP.hybrid }),
    UNREADABLE,
    /altered/,
  ],
  [
    'a point that is not on the curve',
    sharing(NAMED_GROUP.p256, Uint8Array.of(4, ...new Uint8Array(64).fill(1)), afterRetry),
    internalError,
    /key share/,
  ],
  [
    'a compressed point',
    sharing(NAMED_GROUP.p256, Uint8Array.of(2, ...new Uint8Array(32).fill(1)), afterRetry),
    internalError,
    /key share/,
  ],
  [
    'bytes behind its share',
    hello((m) =>
      withExtensions(
        m,
        putting(KEY_SHARE, share(NAMED_GROUP.x25519, randomBytes(32)), NOTHING, Uint8Array.of(0)),
      ),
    ),
    decodeError,
    /cannot be read/,
  ],
  [
    'an extension twice',
    hello((m) => withExtensions(m, (list) => [...list, ...list.slice(0, 1)])),
    illegalParameter,
    /twice/,
  ],
  [
    'an extension of nobody',
    hello((m) => withExtensions(m, putting(0x4242))),
    unsupportedExtension,
    /0x4242/,
  ],
  [
    'a protocol in the clear',
    hello((m) => withExtensions(m, putting(16, Buffer.from('\0\x03\x02h2')))),
    unsupportedExtension,
    /0x10/,
  ],
  [
    'a session that was not offered',
    hello((m) => withExtensions(m, putting(PSK, number(0, 2)))),
    unsupportedExtension,
    /0x29/,
  ],
  [
    'a cookie',
    hello((m) => withExtensions(m, putting(COOKIE, vector(2, Uint8Array.of(1))))),
    unsupportedExtension,
    /0x2c/,
  ],
  [
    'bytes behind it',
    hello((m) => message(2, m.subarray(4), Uint8Array.of(0))),
    decodeError,
    /cannot be read/,
  ],
]

const RETRIES: typeof CASES = [
  ['a group that was not offered', { retry: { group: 0x1e } }, illegalParameter, /0x1e/],
  ['a group of GREASE', { retry: { group: 0x0a0a } }, illegalParameter, /0xa0a/],
  ['a group of which it has a share', { retry: { group: NAMED_GROUP.x25519 } }, illegalParameter, /0x1d/],
  ['nothing new', { retry: {} }, illegalParameter, /nothing new/],
  ['an empty cookie', { retry: { cookie: NOTHING } }, decodeError, /cookie/],
  [
    'another suite later',
    { retry: { group: NAMED_GROUP.p256, suite: 0x1301 }, suite: 0x1303 },
    illegalParameter,
    /changed its mind/,
  ],
  ['another group later', { ...afterRetry, group: NAMED_GROUP.x25519 }, illegalParameter, /group/],
  [
    'a suite that was not offered',
    {
      retry: { group: NAMED_GROUP.p256, suite: 0x1301 },
      say: saying({ 'hello-retry-request': (m) => [overwritten(m, HELLO_AT.suite, 0x13, 0x09)] }),
    },
    illegalParameter,
    /0x1309/,
  ],
  ['TLS 1.2', retry((m) => withExtensions(m, without(VERSIONS))), protocolVersion, /TLS 1\.2/],
  [
    'TLS 1.2 as its new version',
    retry((m) => withExtensions(m, putting(VERSIONS, number(0x0303, 2)))),
    protocolVersion,
    /version/,
  ],
  [
    'another session id',
    retry((m) => overwritten(m, HELLO_AT.sessionId - 1, 0)),
    decodeError,
    /cannot be read/,
  ],
  [
    'a whole share',
    retry((m) => withExtensions(m, putting(KEY_SHARE, share(NAMED_GROUP.p256, randomBytes(65))))),
    decodeError,
    /wrong form/,
  ],
  ['a session', retry((m) => withExtensions(m, putting(PSK, number(0, 2)))), unsupportedExtension, /0x29/],
  [
    'an extension of nobody',
    retry((m) => withExtensions(m, putting(0x4242))),
    unsupportedExtension,
    /0x4242/,
  ],
  [
    'it again',
    {
      ...afterRetry,
      say: (name, m) =>
        name === 'server-hello'
          ? [
              overwritten(
                m,
                HELLO_AT.random,
                ...Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex'),
              ),
            ]
          : undefined,
    },
    ALERT.unexpectedMessage,
    /third hello/,
  ],
]

describe('a server hello with', () => {
  it.each(CASES)('%s is refused', (_what, script, alert, said) => {
    const conversation = new Conversation(script)
    expect(conversation.ending).toEqual({ code: 'E_HANDSHAKE', alert, isProtected: alert === UNREADABLE })
    expect((conversation.error as Error).message).toMatch(said)
    expect(conversation.events).toEqual([])
  })
})

describe('a request for another hello with', () => {
  it.each(RETRIES)('%s is refused', (_what, script, alert, said) => {
    const conversation = new Conversation(script)
    expect(conversation.ending).toEqual({ code: 'E_HANDSHAKE', alert, isProtected: false })
    expect((conversation.error as Error).message).toMatch(said)
    expect(conversation.events).toEqual([])
  })
})

describe('a session that', () => {
  const ticket = {
    psk: new Uint8Array(32).fill(7),
    ticket: Uint8Array.of(1),
    ageAdd: 0,
    lifetime: 60,
    cipherSuite: 0x1301,
  }
  const session = { ticket, ageMs: 5 }
  const { psk } = ticket

  it('both know is gone on with', () => {
    const { events, server } = new Conversation({ psk }, { session })
    expect(events).toMatchObject([{ kind: 'established', negotiated: { wasResumed: true } }])
    expect(server.isDone).toBe(true)
  })

  it('both know is gone on with after a second hello', () => {
    const { events, server } = new Conversation({ psk, ...afterRetry }, { session })
    expect(events).toMatchObject([{ negotiated: { wasResumed: true, wasRetried: true } }])
    expect(server.isDone).toBe(true)
  })

  it('the server does not take up is replaced by a new one', () => {
    const { events, server } = new Conversation({}, { session })
    expect(events).toMatchObject([{ negotiated: { wasResumed: false } }])
    expect(server.isDone).toBe(true)
  })

  const selecting = (number16: number): Script =>
    hello((honest) => withExtensions(honest, putting(PSK, number(number16, 2))), { psk })

  it.each([
    ['is the second of one', selecting(1), illegalParameter, false],
    ['is one of very many', selecting(0xffff), illegalParameter, false],
    ['is of another hash', { psk, suite: 0x1302 }, illegalParameter, false],
    [
      'is given up after a second hello of another hash',
      { psk, ...afterRetry, suite: 0x1302 },
      unsupportedExtension,
      false,
    ],
    [
      'comes without a share',
      hello((m) => withExtensions(m, without(KEY_SHARE)), { psk }),
      missingExtension,
      false,
    ],
    ['has another secret', { psk: new Uint8Array(32) }, UNREADABLE, true],
  ] as const)('%s is refused', (_what, script, alert, isProtected) => {
    const conversation = new Conversation(script, { session })
    expect(conversation.ending).toEqual({ code: 'E_HANDSHAKE', alert, isProtected })
    expect(conversation.events).toEqual([])
  })
})
