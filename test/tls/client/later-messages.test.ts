/** What a server says after the handshake, and what only a server with a schedule of its own can judge. */
import { describe, expect, it } from 'vitest'
import { ALERT } from '../../../src/lib/tls/alert.ts'
import { Conversation } from '../../support/tls-server/conversation.ts'
import { putting, withExtensions } from '../../support/tls-server/edits.ts'
import { NAMED_GROUP } from '../../support/tls-server/key-exchange.ts'
import { type Piece, type Script, saying } from '../../support/tls-server/script.ts'
import {
  extension,
  joined,
  MESSAGE_TYPE,
  message,
  number,
  RECORD_TYPE,
  vector,
} from '../../support/tls-server/wire.ts'

const { changeCipherSpec, alert, handshake, applicationData } = RECORD_TYPE
const { unexpectedMessage, illegalParameter, decodeError } = ALERT
const NOTHING = new Uint8Array(0)

const data = (text: string): Piece => ({ type: applicationData, content: Buffer.from(text) })
const keyUpdate = (asked: number): readonly Piece[] => [
  message(MESSAGE_TYPE.keyUpdate, Uint8Array.of(asked)),
  'new-key',
]
const times = (count: number, pieces: readonly Piece[]): readonly Piece[] =>
  Array.from({ length: count }, () => pieces).flat()

function open(
  script: Script = {},
  ...wishes: readonly [] | readonly [{ readonly template: string }]
): Conversation {
  const conversation = new Conversation(script, ...wishes)
  expect(conversation.error).toBeUndefined()
  expect(conversation.server.isDone).toBe(true)
  return conversation
}

function told(...pieces: readonly Piece[]): Conversation {
  const conversation = open()
  return conversation.give(conversation.server.send(...pieces))
}

function textOf({ events }: Conversation): string {
  return events.map((event) => (event.kind === 'data' ? String(Buffer.from(event.bytes)) : '')).join('')
}

const ticket = (...body: readonly Uint8Array[]): Uint8Array => message(MESSAGE_TYPE.newSessionTicket, ...body)
const ticketStart = joined(number(7200, 4), number(1, 4), vector(1, Uint8Array.of(1)))

const REFUSED: readonly (readonly [what: string, pieces: readonly Piece[], alert: number])[] = [
  ['an update that is neither asked nor told', keyUpdate(2), illegalParameter],
  ['an update of nothing', [message(MESSAGE_TYPE.keyUpdate)], decodeError],
  ['an update of two bytes', [message(MESSAGE_TYPE.keyUpdate, Uint8Array.of(0, 0))], decodeError],
  [
    'an update with something behind it under the old key',
    [message(MESSAGE_TYPE.keyUpdate, Uint8Array.of(0)), ticket(ticketStart)],
    unexpectedMessage,
  ],
  [
    'an update without a new key',
    [message(MESSAGE_TYPE.keyUpdate, Uint8Array.of(0)), data('x')],
    ALERT.badRecordMac,
  ],
  ['updates without an end', times(33, keyUpdate(0)), unexpectedMessage],
  ['updates without an end that want an answer', times(33, keyUpdate(1)), unexpectedMessage],
  [
    'a request for a certificate',
    [
      message(
        MESSAGE_TYPE.certificateRequest,
        vector(1, Uint8Array.of(1)),
        vector(2, extension(13, vector(2, number(0x0403, 2)))),
      ),
    ],
    unexpectedMessage,
  ],
  ['another Finished', [message(MESSAGE_TYPE.finished, new Uint8Array(32))], unexpectedMessage],
  ['another hello', [message(MESSAGE_TYPE.serverHello, new Uint8Array(40))], unexpectedMessage],
  ['a wish to begin again', [message(0)], unexpectedMessage],
  ['a ticket of nothing', [ticket()], decodeError],
  ['an empty ticket', [ticket(ticketStart, vector(2), vector(2))], decodeError],
  ['a ticket that is cut', [ticket(ticketStart, number(9, 2), Uint8Array.of(1))], decodeError],
  ['a ticket without extensions', [ticket(ticketStart, vector(2, Uint8Array.of(1)))], decodeError],
  [
    'a ticket with bytes behind it',
    [ticket(ticketStart, vector(2, Uint8Array.of(1)), vector(2), Uint8Array.of(0))],
    decodeError,
  ],
  [
    'a ticket with an extension twice',
    [ticket(ticketStart, vector(2, Uint8Array.of(1)), vector(2, extension(42), extension(42)))],
    illegalParameter,
  ],
  [
    'a change of cipher spec',
    [{ type: changeCipherSpec, content: Uint8Array.of(1), isPlain: true }],
    unexpectedMessage,
  ],
  [
    'a record in the clear',
    [{ type: applicationData, content: new Uint8Array(40), isPlain: true }],
    ALERT.badRecordMac,
  ],
  [
    'a handshake record in the clear',
    [{ type: handshake, content: Uint8Array.of(24, 0, 0, 1, 0), isPlain: true }],
    ALERT.badRecordMac,
  ],
  [
    'an alert in the clear',
    [{ type: alert, content: Uint8Array.of(1, 0), isPlain: true }],
    ALERT.badRecordMac,
  ],
  ['records of nothing without an end', times(33, [data('')]), unexpectedMessage],
  ['an empty handshake record', [{ type: handshake, content: NOTHING }], unexpectedMessage],
  ['data within a message', [{ unsaid: Uint8Array.of(24, 0) }, data('x')], unexpectedMessage],
]

describe('after the handshake', () => {
  it.each(REFUSED)('%s is refused', (_what, pieces, description) => {
    const conversation = told(...pieces)
    expect(conversation.ending).toEqual({ code: 'E_HANDSHAKE', alert: description, isProtected: true })
    expect(textOf(conversation)).toBe('')
  })

  it('an alert ends the connection, and names its reason', () => {
    const { error, server } = told({ type: alert, content: Uint8Array.of(2, 116) })
    expect(error).toMatchObject({ message: 'the server ended the connection: certificate_required' })
    expect(server.alerts).toEqual([])
  })

  it('what comes behind a goodbye is not heard', () => {
    const conversation = told({ type: alert, content: Uint8Array.of(1, 0) }, data('more'), {
      wire: Uint8Array.of(1, 2, 3, 4, 5),
    })
    expect(conversation.events.slice(1)).toEqual([{ kind: 'end' }])
    expect(conversation.error).toBeUndefined()
    conversation.client.write(Buffer.from('still here'))
    conversation.settle()
    expect(conversation.server.data.map(String).join()).toBe(Buffer.from('still here').join())
  })

  it('32 empty records, and 32 updates between data, are borne', () => {
    const conversation = told(
      ...times(32, [data('')]),
      data('a'),
      ...times(32, keyUpdate(1)),
      data('b'),
      ...times(32, keyUpdate(0)),
      data('c'),
    )
    expect(conversation.error).toBeUndefined()
    expect(textOf(conversation)).toBe('abc')
    conversation.client.write(Buffer.from('answer'))
    conversation.settle()
    expect(Buffer.concat(conversation.server.data).toString()).toBe('answer')
  })
})

describe('updates that a server asks for and does not read', () => {
  it('become one, and the next comes before our next data', () => {
    const conversation = told(...times(100, [...keyUpdate(1), data('x')]))
    const { client, server } = conversation
    const heard = (): number => server.heard.filter(([type]) => type === MESSAGE_TYPE.keyUpdate).length
    expect(textOf(conversation)).toBe('x'.repeat(100))
    expect(heard()).toBe(1)
    client.write(Buffer.from('one '))
    client.write(Buffer.from('two'))
    conversation.settle()
    expect(heard()).toBe(2)
    expect(Buffer.concat(server.data).toString()).toBe('one two')
    client.isBacklogged = false
    conversation.give(server.send(...keyUpdate(1)))
    expect(heard()).toBe(3)
  })
})

describe.each([0x1301, 0x1302, 0x1303])('under suite %i', (suite) => {
  it.each(Object.entries(NAMED_GROUP))('both ends derive the same secrets over %s', (_name, group) => {
    const isRetry = group === NAMED_GROUP.p256 || group === NAMED_GROUP.p384
    const conversation = open({ suite, ...(isRetry ? { retry: { group } } : { group }) })
    const { client, server } = conversation
    const context = Buffer.from('context')
    const exported = client.exportKeyingMaterial('EXPORTER-x', context, 100)
    expect(Buffer.from(exported)).toEqual(Buffer.from(server.exported('EXPORTER-x', context, 100)))
    const given = server.ticket()
    conversation.give(server.send(given.message, data('hello')))
    expect(conversation.events.at(-2)).toMatchObject({
      kind: 'ticket',
      ticket: { cipherSuite: suite, lifetime: 7200 },
    })
    const event = conversation.events.at(-2)
    if (event?.kind !== 'ticket') throw new Error('no ticket')
    expect(Buffer.from(event.ticket.psk)).toEqual(Buffer.from(given.psk))
    expect(textOf(conversation)).toBe('hello')
  })
})

describe('a client of a browser', () => {
  it.each([
    ['chrome-154', 0x44cd],
    ['chrome-110', 0x4469],
  ] as const)('%s answers application settings 0x%x before its Finished', (template, settingsType) => {
    const { server } = open({ alpn: 'h2', settingsType }, { template })
    const expected = message(MESSAGE_TYPE.encryptedExtensions, vector(2, extension(settingsType)))
    expect(Buffer.from(server.heard[1] ?? NOTHING)).toEqual(Buffer.from(expected))
    expect(server.heard.map(([type]) => type)).toEqual([1, 8, 20])
  })

  it('answers settings first, then the request for a certificate, then finishes', () => {
    const { server } = open({ alpn: 'h2', settingsType: 0x44cd, asksForCertificate: true })
    expect(server.heard.map(([type]) => type)).toEqual([1, 8, 11, 20])
  })

  it('says the same after a second hello that it was only asked to bring a cookie with', () => {
    const { server, events } = open({ retry: { cookie: Buffer.from('a cookie') }, group: NAMED_GROUP.hybrid })
    expect(events).toMatchObject([{ negotiated: { wasRetried: true, group: NAMED_GROUP.hybrid } }])
    expect(server.records).toEqual([22, 20, 22, 23])
    const [first, second] = server.heard as [Uint8Array, Uint8Array]
    expect(second).toHaveLength(first.length + extension(44, vector(2, Buffer.from('a cookie'))).length)
  })

  it('tells two servers apart that want a second hello with a cookie and another group', () => {
    const { events } = open({ retry: { cookie: Uint8Array.of(1), group: NAMED_GROUP.p384 } })
    expect(events).toMatchObject([{ negotiated: { wasRetried: true, group: NAMED_GROUP.p384 } }])
  })

  it.each([
    [64, 63],
    [1000, 999],
    [16_385, 16_384],
    [65_535, 16_384],
  ])('that asks for a limit of records heeds one of %i', (limit, most) => {
    const say = saying({
      'encrypted-extensions': (m) => [withExtensions(m, putting(28, number(limit, 2)))],
    })
    const conversation = open({ say }, { template: 'firefox-153' })
    conversation.client.write(new Uint8Array(20_000))
    conversation.settle()
    expect(Math.max(...conversation.server.data.map(({ length }) => length))).toBe(most)
    expect(Buffer.concat(conversation.server.data)).toHaveLength(20_000)
  })
})

describe('data', () => {
  it('that came before a mistake is not lost, however both were cut', () => {
    const pieces: readonly Piece[] = [data('the last words'), { type: handshake, content: NOTHING }]
    const together = told(...pieces)
    const conversation = open()
    for (const byte of conversation.server.send(...pieces)) conversation.give(Uint8Array.of(byte))
    for (const each of [together, conversation]) {
      expect(textOf(each)).toBe('the last words')
      expect(each.ending).toMatchObject({ code: 'E_HANDSHAKE', alert: unexpectedMessage })
    }
  })
})
