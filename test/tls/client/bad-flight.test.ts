/** Servers that have agreed on keys and then say what they must not, up to their Finished. */
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ManualClock, systemClock } from '../../../src/lib/core/index.ts'
import { ALERT } from '../../../src/lib/tls/alert.ts'
import { judge } from '../../support/judge.ts'
import {
  type ClientWishes,
  Conversation,
  identity,
  SERVER_NAME,
} from '../../support/tls-server/conversation.ts'
import { overwritten, putting, share, withExtensions } from '../../support/tls-server/edits.ts'
import { certificateMessage, identityOf, newIdentity } from '../../support/tls-server/identity.ts'
import {
  type MessageName,
  type Piece,
  type Script,
  saying,
  tampered,
  withBody,
} from '../../support/tls-server/script.ts'
import { alpnExtension } from '../../support/tls-server/server-speech.ts'
import { extension, joined, MESSAGE_TYPE, message, number, vector } from '../../support/tls-server/wire.ts'
import { opensslFiles } from '../../support/tls-servers.ts'

const { illegalParameter, unexpectedMessage, unsupportedExtension, decodeError, missingExtension } = ALERT
const { badCertificate, decryptError } = ALERT
const openssl = judge('openssl')
const NOTHING = new Uint8Array(0)

type Case = readonly [what: string, script: Script, alert: number, wishes?: ClientWishes]

function instead(name: MessageName, change: (honest: Uint8Array) => Uint8Array, more: Script = {}): Script {
  return { ...more, say: saying({ [name]: (honest: Uint8Array): readonly Piece[] => [change(honest)] }) }
}

function extending(type: number, body: Uint8Array, more: Script = {}): Script {
  return instead('encrypted-extensions', (m) => withExtensions(m, putting(type, body)), more)
}

const body = (change: (body: Uint8Array) => Uint8Array) => (m: Uint8Array) => withBody(m, change)
const protocols = (...names: readonly string[]): Script =>
  instead('encrypted-extensions', (m) => withBody(m, () => vector(2, alpnExtension(...names))))

const EXTENSIONS: readonly Case[] = [
  ['an extension of nobody', extending(0x4242, NOTHING), unsupportedExtension],
  ['an extension of GREASE', extending(0x0a0a, NOTHING), unsupportedExtension],
  ['early data that was not asked for', extending(42, NOTHING), unsupportedExtension],
  ['a key share', extending(51, share(0x1d, new Uint8Array(32))), unsupportedExtension],
  ['a version', extending(43, number(0x0304, 2)), unsupportedExtension],
  ['signature algorithms', extending(13, vector(2, number(0x0403, 2))), unsupportedExtension],
  ['a protocol that was not offered', protocols('h3'), illegalParameter],
  ['two protocols', protocols('h2', 'http/1.1'), decodeError],
  ['no protocol in a list of them', protocols(), decodeError],
  ['a protocol without a name', protocols(''), illegalParameter],
  ['a name of its own', extending(0, Uint8Array.of(1)), decodeError],
  [
    'an extension twice',
    instead('encrypted-extensions', (m) => withExtensions(m, (list) => [...list, ...list]), { alpn: 'h2' }),
    decodeError,
  ],
  ['application settings without a protocol', { settingsType: 0x44cd }, illegalParameter],
  ['application settings for HTTP/1.1', { alpn: 'http/1.1', settingsType: 0x44cd }, illegalParameter],
  [
    'application settings under a number that was not offered',
    { alpn: 'h2', settingsType: 0x4469 },
    unsupportedExtension,
  ],
  ['records of 63 bytes', extending(28, number(63, 2)), illegalParameter, { template: 'firefox-153' }],
  ['a record size of one byte', extending(28, Uint8Array.of(64)), decodeError, { template: 'firefox-153' }],
  [
    'bytes behind them',
    instead(
      'encrypted-extensions',
      body((b) => joined(b, Uint8Array.of(0))),
    ),
    decodeError,
  ],
]

const request = (change: (honest: Uint8Array) => Uint8Array): Script =>
  instead('certificate-request', change, { asksForCertificate: true })
const PSK = new Uint8Array(32).fill(7)
const session = {
  ticket: { psk: PSK, ticket: Uint8Array.of(1), ageAdd: 0, lifetime: 60, cipherSuite: 0x1301 },
  ageMs: 5,
}

const REQUESTS: readonly Case[] = [
  [
    'a context',
    request((m) => withBody(m, (b) => joined(Uint8Array.of(1, 5), b.subarray(1)))),
    illegalParameter,
  ],
  [
    'no signature algorithms',
    request((m) => withBody(m, () => joined(vector(1), vector(2)))),
    missingExtension,
  ],
  [
    'an extension twice',
    request((m) => withBody(m, (b) => joined(vector(1), vector(2, b.subarray(3), b.subarray(3))))),
    illegalParameter,
  ],
  ['bytes behind it', request((m) => withBody(m, (b) => joined(b, Uint8Array.of(0)))), decodeError],
  [
    'another one behind it',
    { asksForCertificate: true, say: saying({ 'certificate-request': (m) => [m, m] }) },
    unexpectedMessage,
  ],
  [
    'a session that goes on',
    {
      psk: PSK,
      say: saying({
        'encrypted-extensions': (m) => [
          m,
          message(
            MESSAGE_TYPE.certificateRequest,
            vector(1),
            vector(2, extension(13, vector(2, number(0x0403, 2)))),
          ),
        ],
      }),
    },
    unexpectedMessage,
    { session },
  ],
]

const BROTLI = 2
const entry = (...extensions: readonly Uint8Array[]): Uint8Array =>
  joined(vector(3, identity().certificate), vector(2, ...extensions))
const compressed = (how: {
  readonly algorithm?: number
  readonly length?: number
  readonly data?: (b: Uint8Array) => Uint8Array
}): Script => ({
  compress(certificate) {
    const { algorithm = BROTLI, length, data = brotliCompressSync } = how
    const plain = certificate.subarray(4)
    return message(
      MESSAGE_TYPE.compressedCertificate,
      number(algorithm, 2),
      number(length ?? plain.length, 3),
      vector(3, data(plain)),
    )
  },
})
/** 16 MiB in a few bytes. */
const bomb = brotliCompressSync(new Uint8Array(2 ** 24 - 1))

const CERTIFICATES: readonly Case[] = [
  ['no certificate', instead('certificate', () => certificateMessage()), ALERT.certificateRequired],
  [
    'an empty certificate',
    instead('certificate', () => certificateMessage(vector(3), vector(2))),
    decodeError,
  ],
  [
    'a certificate that is none',
    instead('certificate', () => certificateMessage(vector(3, Uint8Array.of(1, 2, 3)), vector(2))),
    decodeError,
  ],
  [
    'a context',
    instead(
      'certificate',
      body((b) => joined(Uint8Array.of(1, 1), b.subarray(1))),
    ),
    decodeError,
  ],
  [
    'an extension of nobody beside it',
    instead('certificate', () => certificateMessage(entry(extension(0x4242)))),
    unsupportedExtension,
  ],
  [
    'a key share beside it',
    instead('certificate', () => certificateMessage(entry(extension(51)))),
    unsupportedExtension,
  ],
  [
    'an extension twice beside it',
    instead('certificate', () => certificateMessage(entry(extension(5), extension(5)))),
    illegalParameter,
  ],
  [
    'a list that goes on behind the message',
    instead(
      'certificate',
      body((b) => overwritten(b, 3, 0xff)),
    ),
    decodeError,
  ],
  [
    'a chain of a thousand',
    instead('certificate', () =>
      certificateMessage(
        ...Array.from({ length: 1000 }, () => joined(vector(3, Uint8Array.of(1)), vector(2))),
      ),
    ),
    decodeError,
  ],
  [
    'a message of 16 MiB',
    { say: saying({ certificate: (m) => [{ silent: m }, { unsaid: Uint8Array.of(11, 0xff, 0xff, 0xff) }] }) },
    illegalParameter,
  ],
  ['a compression that nobody offered', compressed({ algorithm: 1 }), illegalParameter],
  ['a compression of no number', compressed({ algorithm: 0 }), illegalParameter],
  ['a declared length of 16 MiB', compressed({ length: 2 ** 24 - 1 }), badCertificate],
  ['a declared length of nothing', compressed({ length: 0 }), badCertificate],
  ['a declared length that is too short', compressed({ length: 100 }), badCertificate],
  ['a declared length that is too long', compressed({ length: 2000 }), badCertificate],
  ['a bomb', compressed({ data: () => bomb }), badCertificate],
  ['a bomb that says what it is', compressed({ data: () => bomb, length: 2 ** 24 - 1 }), badCertificate],
  [
    'a compression that is cut',
    compressed({ data: (b) => brotliCompressSync(b).subarray(0, -9) }),
    badCertificate,
  ],
  ['a compression of nothing', compressed({ data: () => NOTHING }), badCertificate],
  ['a compression of noise', compressed({ data: (b) => b.map((byte) => byte ^ 0xa5) }), badCertificate],
  [
    'a compressed message that is cut',
    instead(
      'certificate',
      body((b) => b.subarray(0, -1)),
      compressed({}),
    ),
    decodeError,
  ],
  ['a compression for a browser without one', compressed({}), illegalParameter, { template: 'firefox-102' }],
]

const scheme = (code: number): Script =>
  instead(
    'certificate-verify',
    body((b) => joined(number(code, 2), b.subarray(2))),
  )
const SIGNATURES: readonly Case[] = [
  [
    'a wrong signature',
    instead('certificate-verify', (m) => overwritten(m, m.length - 1, 0x55 ^ (m.at(-1) ?? 0))),
    decryptError,
  ],
  [
    'a signature that is none',
    instead(
      'certificate-verify',
      body(() => joined(number(0x0403, 2), vector(2, new Uint8Array(70)))),
    ),
    decryptError,
  ],
  [
    'no signature',
    instead(
      'certificate-verify',
      body(() => joined(number(0x0403, 2), vector(2))),
    ),
    decryptError,
  ],
  ['a scheme for another key', scheme(0x0804), illegalParameter],
  ['a scheme for another curve', scheme(0x0503), illegalParameter],
  ['a scheme that was not offered', scheme(0x0807), illegalParameter],
  ['PKCS #1', scheme(0x0401), illegalParameter],
  ['PKCS #1 with SHA-1', scheme(0x0201), illegalParameter],
  ['ECDSA with SHA-1', scheme(0x0203), illegalParameter],
  ['a scheme of GREASE', scheme(0x0a0a), illegalParameter],
  [
    'bytes behind it',
    instead(
      'certificate-verify',
      body((b) => joined(b, Uint8Array.of(0))),
    ),
    decodeError,
  ],
  ['the signature of another handshake', instead('certificate-verify', () => earlierVerify()), decryptError],
]

function earlierVerify(): Uint8Array {
  let heard: Uint8Array = NOTHING
  const listen = (m: Uint8Array): readonly Piece[] => {
    heard = m
    return [m]
  }
  expect(new Conversation({ say: saying({ 'certificate-verify': listen }) }).isEstablished).toBe(true)
  return heard
}

const FINISHED: readonly Case[] = [
  ['a wrong MAC', instead('finished', (m) => overwritten(m, 9, 1 ^ (m[9] ?? 0))), decryptError],
  [
    'a short MAC',
    instead(
      'finished',
      body((b) => b.subarray(0, 31)),
    ),
    decryptError,
  ],
  [
    'a long MAC',
    instead(
      'finished',
      body((b) => joined(b, Uint8Array.of(0))),
    ),
    decryptError,
  ],
  [
    'no MAC',
    instead(
      'finished',
      body(() => NOTHING),
    ),
    decryptError,
  ],
  [
    'a MAC of zeros',
    instead(
      'finished',
      body((b) => new Uint8Array(b.length)),
    ),
    decryptError,
  ],
]

function refused(script: Script, wishes: ClientWishes = {}): Conversation {
  const conversation = new Conversation(script, wishes)
  expect(conversation.events).toEqual([])
  expect(conversation.server.isDone).toBe(false)
  return conversation
}

describe.each([
  ['encrypted extensions', EXTENSIONS],
  ['a request for a certificate', REQUESTS],
  ['a certificate message', CERTIFICATES],
  ['a certificate verify', SIGNATURES],
  ['a finished', FINISHED],
])('%s with', (_name, cases) => {
  const rows = cases.map(([what, script, alert, wishes]) => ({ what, script, alert, wishes }))
  it.each(rows)('$what', ({ script, alert, wishes }) => {
    const { ending } = refused(script, wishes)
    expect(ending).toMatchObject({ alert, isProtected: true })
    expect(['E_HANDSHAKE', 'E_CERTIFICATE']).toContain(ending.code)
  })
})

describe('a server whose certificate', () => {
  const stranger = newIdentity('server.example.test', new ManualClock())
  const DAY_MS = 86_400_000
  it.each([
    ['is for another name', { serverName: 'other.example.test' }, ALERT.certificateUnknown],
    ['has expired', { clock: new ManualClock(1_795_564_800_000 + 30 * DAY_MS) }, ALERT.certificateUnknown],
    [
      'is of the future',
      { clock: new ManualClock(1_795_564_800_000 - 30 * DAY_MS) },
      ALERT.certificateUnknown,
    ],
    ['is trusted by nobody', { trusted: stranger }, ALERT.certificateUnknown],
  ] as const)('%s is left without a word in the clear', (_what, wishes, alert) => {
    const conversation = new Conversation({}, wishes)
    expect(conversation.ending).toEqual({ code: 'E_CERTIFICATE', alert, isProtected: true })
    expect(conversation.events).toEqual([])
  })
})

const NAMES = ['encrypted-extensions', 'certificate', 'certificate-verify', 'finished'] as const
const HONEST: Readonly<Record<string, readonly number[]>> = {
  'server-hello': [2],
  'encrypted-extensions': [8],
  certificate: [11, 13, 25],
  'certificate-verify': [15],
  finished: [20],
}

describe('a message out of its turn', () => {
  it.each(['server-hello', ...NAMES] as const)('is refused in place of %s', (name) => {
    for (const type of [0, 1, 2, 3, 4, 5, 8, 11, 13, 15, 20, 22, 24, 25, 254, 255]) {
      if (HONEST[name]?.includes(type)) continue
      const conversation = refused(instead(name, (m) => overwritten(m, 0, type)))
      expect(conversation.ending, `type ${type}`).toEqual({
        code: 'E_HANDSHAKE',
        alert: unexpectedMessage,
        isProtected: name !== 'server-hello',
      })
    }
  })

  it.each(NAMES.slice(0, 3))('is refused where %s is left out', (name) => {
    const { ending } = refused({ say: saying({ [name]: () => [] }) })
    expect(ending.alert).toBe(unexpectedMessage)
  })

  it.each(NAMES)('is refused where %s comes twice', (name) => {
    const { ending } = refused({ say: saying({ [name]: (m: Uint8Array) => [m, m] }) })
    expect(ending.alert).toBe(unexpectedMessage)
  })
})

describe('a message of which the server signs another version', () => {
  it.each([...NAMES.slice(0, 2), 'server-hello', 'certificate-request'] as const)(
    'is found out: %s',
    (name) => {
      const say = saying({
        [name]: (m: Uint8Array) => tampered(overwritten(m, m.length - 1, 1 ^ (m.at(-1) ?? 0)), m),
      })
      const { error } = refused({ asksForCertificate: true, say })
      expect(error).toMatchObject({
        alertNumber: name === 'server-hello' ? ALERT.badRecordMac : decryptError,
      })
    },
  )
})

describe.runIf(openssl !== undefined)('a genuine signature', () => {
  it.each([
    ['of RSA-PSS is accepted', 'rsa:2048', { code: 0x0804, hash: 'sha256', isPss: true }, undefined],
    ['of PKCS #1 is refused', 'rsa:2048', { code: 0x0401, hash: 'sha256' }, illegalParameter],
    [
      'of Ed25519, which Chrome does not offer, is refused',
      'ed25519',
      { code: 0x0807, hash: null },
      illegalParameter,
    ],
  ] as const)('%s', (_what, kind, scheme, alert) => {
    const files = opensslFiles(openssl as string, SERVER_NAME, kind)
    const own = identityOf(readFileSync(files.cert, 'utf8'), readFileSync(files.key, 'utf8'), scheme)
    const conversation = new Conversation({}, { clock: systemClock }, own)
    expect(conversation.isEstablished).toBe(alert === undefined)
    if (alert !== undefined) expect(conversation.ending).toMatchObject({ alert, isProtected: true })
  })
})
