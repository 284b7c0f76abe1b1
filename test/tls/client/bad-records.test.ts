/** Servers whose records are wrong, whatever stands in them, and connections that end early. */
import { describe, expect, it } from 'vitest'
import { ALERT } from '../../../src/lib/tls/alert.ts'
import { Conversation, identity, newClient } from '../../support/tls-server/conversation.ts'
import { plain } from '../../support/tls-server/protection.ts'
import {
  type MessageName,
  type Piece,
  type Script,
  saying,
  withBody,
} from '../../support/tls-server/script.ts'
import { ScriptedServer } from '../../support/tls-server/scripted-server.ts'
import { joined, message, number, RECORD_TYPE } from '../../support/tls-server/wire.ts'

const { changeCipherSpec, alert, handshake, applicationData } = RECORD_TYPE
const { unexpectedMessage, recordOverflow, badRecordMac, decodeError } = ALERT
const NOTHING = new Uint8Array(0)
const ONE = Uint8Array.of(1)

const before = (name: MessageName, ...pieces: readonly Piece[]): Script => ({
  say: saying({ [name]: (m: Uint8Array) => [...pieces, m] }),
})
/** These between two parts of the message. */
const within = (name: MessageName, ...pieces: readonly Piece[]): Script => ({
  say: saying({
    [name]: (m: Uint8Array) => [
      { silent: m },
      { unsaid: m.subarray(0, 9) },
      ...pieces,
      { unsaid: m.subarray(9) },
    ],
  }),
})
const times = (count: number, piece: Piece): readonly Piece[] => Array.from({ length: count }, () => piece)
const ccs = (content = ONE): Piece => ({ type: changeCipherSpec, content, isPlain: true })
const first = (...pieces: readonly Piece[]): Script => before('server-hello', ...pieces)
const next = (...pieces: readonly Piece[]): Script => before('encrypted-extensions', ...pieces)
const last = (...pieces: readonly Piece[]): Script => before('finished', ...pieces)
/** The first bytes of EncryptedExtensions under no key yet. */
const early: Script = {
  say: saying({
    'server-hello': (m) => [m, { unsaid: Uint8Array.of(8, 0) }],
    'encrypted-extensions': (m) => [{ silent: m }, { unsaid: m.subarray(2) }],
  }),
}

const CASES: readonly (readonly [what: string, script: Script, alert: number])[] = [
  [
    'a plain record of 16,385 bytes',
    first({ type: handshake, content: new Uint8Array(16_385) }),
    recordOverflow,
  ],
  [
    'the header of a record of 65,535 bytes',
    first({ wire: Uint8Array.of(22, 3, 3, 0xff, 0xff) }),
    recordOverflow,
  ],
  [
    'the header of a protected record of 16,641 bytes',
    next({ wire: Uint8Array.of(23, 3, 3, 0x41, 0x01) }),
    recordOverflow,
  ],
  [
    'a protected record with 16,385 bytes',
    next({ type: handshake, content: new Uint8Array(16_385) }),
    recordOverflow,
  ],
  [
    'a protected record with 16,385 bytes of which most are padding',
    next({ type: handshake, content: ONE, padding: 16_384 }),
    recordOverflow,
  ],
  ['no TLS at all', first({ wire: Buffer.from('HTTP/1.1 400 Bad Request\r\n') }), ALERT.protocolVersion],
  ['a record of no type', first({ type: 99, content: ONE }), unexpectedMessage],
  ['a heartbeat', first({ type: 24, content: ONE }), unexpectedMessage],
  ['a protected record of no type', next({ type: 99, content: ONE }), unexpectedMessage],
  ['a protected record of zeros', next({ type: 0, content: new Uint8Array(20) }), unexpectedMessage],
  ['a protected record of nothing', next({ type: 0, content: NOTHING }), unexpectedMessage],
  [
    'a record without room for a tag',
    next({ wire: Uint8Array.of(23, 3, 3, 0, 15, ...new Uint8Array(15)) }),
    badRecordMac,
  ],
  ['an empty protected record', next({ wire: Uint8Array.of(23, 3, 3, 0, 0) }), badRecordMac],
  ['a record of nobody', next({ wire: Uint8Array.of(23, 3, 3, 0, 40, ...new Uint8Array(40)) }), badRecordMac],
  [
    'a handshake message in the clear',
    next({ type: handshake, content: message(8, number(0, 2)), isPlain: true }),
    ALERT.badRecordMac,
  ],
  [
    'an alert in the clear',
    next({ type: alert, content: Uint8Array.of(1, 0), isPlain: true }),
    ALERT.badRecordMac,
  ],
  ['application data in the clear', first({ type: applicationData, content: ONE }), unexpectedMessage],
  [
    'application data before it has finished',
    last({ type: applicationData, content: ONE }),
    unexpectedMessage,
  ],
  [
    'empty application data before it has finished',
    last({ type: applicationData, content: NOTHING }),
    unexpectedMessage,
  ],
  ['a change of cipher spec to two', first(ccs(Uint8Array.of(2))), unexpectedMessage],
  ['a change of cipher spec of two bytes', next(ccs(Uint8Array.of(1, 1))), unexpectedMessage],
  ['a change of cipher spec of nothing', next(ccs(NOTHING)), unexpectedMessage],
  ['a change of cipher spec under keys', next({ type: changeCipherSpec, content: ONE }), unexpectedMessage],
  ['very many changes of cipher spec', next(...times(33, ccs())), unexpectedMessage],
  [
    'empty handshake records without an end',
    first(...times(33, { type: handshake, content: NOTHING })),
    unexpectedMessage,
  ],
  ['an empty handshake record under keys', next({ type: handshake, content: NOTHING }), unexpectedMessage],
  [
    'an alert within a message',
    within('certificate', { type: alert, content: Uint8Array.of(1, 90) }),
    unexpectedMessage,
  ],
  [
    'application data within a message',
    within('certificate', { type: applicationData, content: ONE }),
    unexpectedMessage,
  ],
  [
    'an alert within its hello',
    within('server-hello', { type: alert, content: Uint8Array.of(1, 90) }),
    unexpectedMessage,
  ],
  ['a message that begins before the keys', early, unexpectedMessage],
  [
    'a whole message before the keys',
    { say: saying({ 'server-hello': (m) => [m, { unsaid: message(8, number(0, 2)) }] }) },
    unexpectedMessage,
  ],
  [
    'a message that begins before the last keys',
    { say: saying({ finished: (m) => [m, { unsaid: ONE }] }) },
    unexpectedMessage,
  ],
  [
    'a ticket before the last keys',
    { say: saying({ finished: (m) => [m, { unsaid: message(4, new Uint8Array(20)) }] }) },
    unexpectedMessage,
  ],
  ['an alert of one byte', first({ type: alert, content: ONE }), decodeError],
  ['an alert of three bytes', next({ type: alert, content: Uint8Array.of(2, 40, 0) }), decodeError],
  ['an alert of nothing', next({ type: alert, content: NOTHING }), decodeError],
  [
    'very many warnings',
    next(...times(33, { type: alert, content: Uint8Array.of(1, 90) })),
    unexpectedMessage,
  ],
]

describe('a server that sends', () => {
  it.each(CASES)('%s is refused', (_what, script, description) => {
    const conversation = new Conversation(script)
    expect(conversation.ending).toMatchObject({ code: 'E_HANDSHAKE', alert: description })
    expect(conversation.events).toEqual([])
    expect(conversation.server.isDone).toBe(false)
  })

  it('something behind its Finished gets no Finished of ours', () => {
    const { server } = new Conversation({ say: saying({ finished: (m) => [m, { unsaid: ONE }] }) })
    expect(server.heard.map(([type]) => type)).toEqual([1])
  })
})

describe('a server that ends the handshake', () => {
  it.each([
    ['before its hello', first, 2, 40, 'handshake_failure'],
    ['after its hello', next, 2, 80, 'internal_error'],
    ['before its Finished', last, 2, 70, 'protocol_version'],
    ['with a warning that is none', next, 1, 112, 'unrecognized_name'],
    ['with a level of its own', next, 9, 71, 'insufficient_security'],
    ['with an alert of no name', next, 2, 222, 'alert 222'],
    ['with a friendly word', last, 1, 0, 'close_notify'],
  ] as const)(
    '%s is an error that names its reason, and gets no answer',
    (_what, when, level, description, name) => {
      const { error, server, events, client } = new Conversation(
        when({ type: alert, content: Uint8Array.of(level, description) }),
      )
      expect(error).toMatchObject({
        code: 'E_HANDSHAKE',
        message: `the server ended the connection: ${name}`,
      })
      expect([server.alerts, events]).toEqual([[], []])
      expect(() => client.write(ONE)).toThrow(expect.objectContaining({ code: 'E_LINK_CLOSED' }))
      expect(client.receive(plain(handshake, ONE))).toEqual([])
    },
  )
})

/** What a server says to the first hello of a client. */
function flight(script: Script = {}): {
  readonly client: ReturnType<typeof newClient>
  readonly bytes: Uint8Array
} {
  const client = newClient({ template: 'chrome-110' })
  client.start()
  return { client, bytes: new ScriptedServer(script, identity()).receive(client.takeOutput()) }
}

describe('a connection that ends', () => {
  it('during the handshake is an error at every byte', () => {
    const { length } = flight().bytes
    for (let end = 0; end < length - 80; end += end < 200 ? 1 : 7) {
      const { client, bytes } = flight()
      expect(client.receive(bytes.subarray(0, end))).toEqual([])
      expect(() => client.transportEnded(), `after ${end} bytes`).toThrow(
        expect.objectContaining({
          code: 'E_HANDSHAKE',
          message: expect.stringContaining('during the handshake'),
        }),
      )
      expect(client.takeOutput()).toHaveLength(0)
    }
  })

  it('without a goodbye is an error, and with one is none', () => {
    const cut = new Conversation({})
    expect(() => cut.client.transportEnded()).toThrow(expect.objectContaining({ code: 'E_LINK_LOST' }))
    const ended = new Conversation({})
    ended.give(ended.server.send({ type: alert, content: Uint8Array.of(1, 0) }))
    expect(ended.events.at(-1)).toEqual({ kind: 'end' })
    ended.client.transportEnded()
  })
})

describe('a message that is cut, in a record that is whole,', () => {
  const NAMES = [
    'server-hello',
    'encrypted-extensions',
    'certificate-request',
    'certificate',
    'certificate-verify',
    'finished',
  ] as const

  it.each(NAMES)('is refused at every byte: %s', (name) => {
    let left = Number.POSITIVE_INFINITY
    for (let missing = 1; left > 0; missing++) {
      const cut = (m: Uint8Array): readonly Piece[] => {
        left = m.length - 4 - missing
        return [withBody(m, (body) => body.slice(0, left))]
      }
      const conversation = new Conversation(
        { alpn: 'h2', asksForCertificate: true, say: saying({ [name]: cut }) },
        { template: 'chrome-118' },
      )
      const { alert: heard } = conversation.ending
      expect([decodeError, ALERT.decryptError, ALERT.protocolVersion, ALERT.badCertificate]).toContain(heard)
      expect(conversation.events).toEqual([])
    }
  })
})

describe('what RFC 8446 has us bear', () => {
  it.each([
    ['records of one byte', { recordBytes: 1 }],
    ['records of seven bytes', { recordBytes: 7 }],
    [
      'changes of cipher spec before its messages',
      { say: (_name: MessageName, m: Uint8Array) => [ccs(), m] },
    ],
    ['a change of cipher spec within a message', within('certificate', ccs())],
    ['32 changes of cipher spec', next(...times(32, ccs()))],
    ['an empty handshake record', first({ type: handshake, content: NOTHING })],
    ['a warning that it will leave', next({ type: alert, content: Uint8Array.of(1, 90) })],
    [
      'padding',
      { say: saying({ finished: (m) => [{ silent: m }, { type: handshake, content: m, padding: 9_000 }] }) },
    ],
    [
      'padding to the very end',
      {
        say: saying({
          finished: (m) => [{ silent: m }, { type: handshake, content: m, padding: 16_384 - m.length }],
        }),
      },
    ],
  ] as readonly (readonly [string, Script])[])('%s', (_what, script) => {
    const { events, server, error } = new Conversation({ asksForCertificate: true, ...script })
    expect(error).toBeUndefined()
    expect(events).toMatchObject([{ kind: 'established' }])
    expect(server.isDone).toBe(true)
  })

  it('pieces of one byte', () => {
    const client = newClient()
    client.start()
    const server = new ScriptedServer({ alpn: 'h2', settingsType: 0x44cd }, identity())
    const events = [...server.receive(client.takeOutput())].flatMap((byte) =>
      client.receive(Uint8Array.of(byte)),
    )
    server.receive(joined(client.takeOutput()))
    expect(events).toMatchObject([{ kind: 'established' }])
    expect(server.isDone).toBe(true)
  })
})
